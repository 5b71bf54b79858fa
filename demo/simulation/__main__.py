"""The command `python -m demo.simulation`: runs the simulation, prints a row for each week, and judges it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from demo.simulation.run import simulation
from demo.simulation.town import Town
from demo.simulation.weekly import DECLINED, EXPIRED, FAILED, MERGED, Record, Week
from workers import logs
from workers.model import Stage
from workers.reasons import Reason

_START = date(2026, 3, 2)
_WIDE = 150
_SHOWN = 20
_SUNDAY = 6
_COLUMNS = (
    "week of",
    "opened",
    "beyond",
    "merged",
    "declined",
    "failed",
    "given\nback",
    "reminded",
    "in\nreview",
    "red",
    "checks\nrun",
    "minutes,\nteam",
    "minutes,\nall",
    "longest\nwait",
    "wait for\nrepo",
    "\nteam",
    "\nall",
    "\nhours",
)
_WAITS = {
    Reason.TEAM_BUDGET.id: "team",
    Reason.ORGANISATION_BUDGET.id: "all",
    Reason.OUT_OF_HOURS.id: "hours",
}
_LEGEND = """\
beyond: security fixes and lapsed ends of life that found no room in a budget, and say so; nothing else is.
merged, declined: by people. failed: closed, red for two weeks. given back: closed, nobody found the time.
in review, red, checks run: what is open at the end of the week; of what is red nobody was asked for a review.
minutes: of review, of what was opened in the week, of the budget; the fullest team's, and all.
longest wait: days, of what waits for room and is nearest to the deadline that its value gives it.
wait for: what waits at the end of the week, by whose limits: repository, team, all, working hours."""


@click.command()
@click.option("--repositories", type=click.IntRange(2, 1000), default=300, show_default=True)
@click.option("--weeks", type=click.IntRange(1, 52), default=12, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(repositories: int, weeks: int, seed: int) -> None:
    """Simulate an organisation, and fail where a promise about its budgets is broken."""
    logs.set_up(sys.stderr, level="ERROR")
    console, began = Console(width=_WIDE), time.monotonic()
    bar = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="kotsu-simulation-") as folder,
        simulation(Town(repositories, seed, _START), Path(folder)) as run,
        bar.status("Simulating") as status,
    ):

        def told(now: datetime) -> None:
            said = f"{now:%Y-%m-%d}: {len(run.record.openings)} pull requests, {run.scans} scans"
            status.update(f"Simulating: {said}")
            if not bar.is_terminal and now.weekday() == _SUNDAY:
                bar.print(said)

        run.days(7 * weeks, told)
        record, scans = run.record, run.scans
    console.print(table(record))
    console.print(_LEGEND)
    console.print(
        f"{len(record.openings)} pull requests, {scans} scans, {time.monotonic() - began:.0f} s; "
        f"order of openings {record.digest}"
    )
    for words in record.broken[:_SHOWN]:
        console.print(f"BROKEN: {words}")
    if record.broken:
        console.print(f"{len(record.broken)} promises were broken.")
        sys.exit(1)
    console.print("No budget was exceeded but by marked overdrafts, and nothing waited beyond its deadline.")


def table(record: Record) -> Table:
    """Return a row for each week; minutes are those of the team that spent the most of its budget."""
    town = record.town
    few = f"{town.size} repositories, {len(town.teams)} teams, seed {town.seed}"
    made = Table(title=few, title_justify="left", box=box.SIMPLE, padding=0)
    for name in _COLUMNS:
        made.add_column(name, justify="right", no_wrap=True)
    for begin, week in sorted(record.weeks.items()):
        made.add_row(*_row(record, begin, week))
    return made


def _row(record: Record, begin: datetime, week: Week) -> tuple[str, ...]:
    budgets = record.town.teams
    fullest = max(budgets, key=lambda team: (week.spent[team] / budgets[team], team))
    ended = (week.ended[how] for how in (MERGED, DECLINED, FAILED, EXPIRED))
    ready, red = week.standing[Stage.READY], week.standing[Stage.RED]
    waits = Counter[str]()
    for reason, count in week.refused.items():
        waits[_WAITS.get(reason, "repository")] += count
    return (
        record.hours.said(begin).split()[1],
        *map(str, (week.opened, week.overdrafts, *ended, week.reminded)),
        *map(str, (ready, red, week.standing.total() - ready - red)),
        f"{week.spent[fullest]} of {budgets[fullest]}",
        f"{week.spent['']} of {record.town.minutes}",
        f"{week.waited.days} of {week.patience.days}" if week.patience else "-",
        *(str(waits[whose]) for whose in ("repository", "team", "all", "hours")),
    )


if __name__ == "__main__":
    main()
