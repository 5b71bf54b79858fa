"""The command `python -m demo.simulation`: runs the simulation, prints a row for each week, and judges it."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from demo.simulation.run import simulation
from demo.simulation.town import Town
from demo.simulation.weekly import Record, Week
from workers import logs

_START = date(2026, 3, 2)
_WIDE = 150
_SHOWN = 20


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
        run.days(7 * weeks, lambda now: status.update(f"Simulating: {now:%Y-%m-%d}, {run.scans} scans"))
        record, scans = run.record, run.scans
    console.print(table(record))
    console.print(
        f"{len(record.openings)} pull requests, {scans} scans, {time.monotonic() - began:.0f} s; "
        f"order of openings {record.digest}"
    )
    for words in record.broken[:_SHOWN]:
        console.print(f"BROKEN: {words}")
    if record.broken:
        sys.exit(1)
    console.print("No budget was exceeded but by marked overdrafts, and nothing waited beyond its deadline.")


def table(record: Record) -> Table:
    """Return a row for each week; minutes are those of the team that spent the most of its budget."""
    made = Table(title="Weeks", title_justify="left")
    for name in ("week", "opened", "merged", "closed", "open", "overdrafts"):
        made.add_column(name, no_wrap=True, justify="right")
    for name in (
        "minutes, fullest team",
        "minutes, all",
        "longest wait / its deadline",
        "refused at the end",
    ):
        made.add_column(name)
    for begin, week in sorted(record.weeks.items()):
        made.add_row(*_row(record, begin, week))
    return made


def _row(record: Record, begin: datetime, week: Week) -> tuple[str, ...]:
    budgets = record.town.teams
    fullest = max(budgets, key=lambda team: (week.spent[team] / budgets[team], team))
    counts = (week.opened, week.merged, week.closed, week.open, week.overdrafts)
    return (
        f"{record.hours.said(begin).split()[1]}",
        *map(str, counts),
        f"{week.spent[fullest]} / {budgets[fullest]}",
        f"{week.spent['']} / {record.town.minutes}",
        f"{week.waited.days} / {week.patience.days} days",
        ", ".join(f"{reason} {count}" for reason, count in sorted(week.refused.items())) or "-",
    )


if __name__ == "__main__":
    main()
