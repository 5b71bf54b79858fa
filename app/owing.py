"""The command that shows the promises in a folder's comments."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

import click

from app import showing, wanted
from codemods import places, project, promises, standing
from codemods.debts import Debt, Standing
from codemods.model import Facts
from workers import owed, owners, promised, snapshot
from workers.owed import Owed

_STATES = [standing.value.replace(" ", "-") for standing in Standing]


@click.command()
@click.argument(
    "path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(), required=False
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--sort", "by", type=click.Choice(owed.ORDERS), default=owed.ORDERS[0], show_default=True)
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True, help="Show only these (repeatable)."
)
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Look for this tag (repeatable), and no other."
)
@click.option(
    "--fail-on", "fatal", type=click.Choice(_STATES), multiple=True, help="Exit with 1 if there is one."
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Pretend that it is this day.")
def todo(  # noqa: PLR0913 -- one for each option
    *,
    path: Path,
    as_json: bool,
    by: str,
    states: Sequence[str],
    tags: Sequence[str],
    fatal: Sequence[str],
    today: datetime | None,
) -> None:
    """Show the promises in comments: age, owner, state and text; changes nothing.

    PATH is any directory, in git or not. A promise is due when its condition has come true
    (`TODO[py>=3.12]`, "remove after 2026"), orphaned when what it is about is gone. Issues are not asked for.
    """
    now = (today or datetime.now(UTC)).date()
    root = path.resolve()
    found = _found(root, tuple(tags), now)
    shown = [debt for debt in found if not states or _state(debt) in states]
    rows = owed.ordered(_owed(root, shown), by)
    if as_json:
        said = [_as_json(row, now) for row in rows]
        click.echo(json.dumps({"version": 1, "root": str(root), "todos": said}, indent=2))
    else:
        _table(rows, now)
    if any(_state(debt) in fatal for debt in found):
        sys.exit(1)


def _found(root: Path, tags: tuple[str, ...], today: date) -> list[Debt]:
    tree = snapshot.folder(root)
    given = wanted.read(tree)
    held = promised.read(tree, tags or given.todo.tags, lambda path: places.matches(path, given.ignore))
    declared = project.read(tree)
    facts = Facts(
        today=today,
        floor=declared.floor,
        dependencies=declared.dependencies,
        own_version=declared.own_version,
        listed=declared.listed,
        absent=promises.absent(tree, held),
    )
    return promises.judged(held, facts)


def _owed(root: Path, found: Sequence[Debt]) -> list[Owed]:
    """Ask git about what is shown, and about nothing else."""
    with showing.waiting("Asking git who wrote it"):
        return owed.of(found, partial(snapshot.blame, root), owners.found(snapshot.folder(root)))


def _state(debt: Debt) -> str:
    return debt.stood.standing.value.replace(" ", "-")


def _as_json(row: Owed, today: date) -> dict[str, object]:
    promise = row.debt.promise
    return {
        "path": row.debt.path,
        "line": promise.line,
        "tag": promise.tag,
        "text": promise.text,
        "state": _state(row.debt),
        "why": row.debt.stood.why,
        "confidence": row.debt.stood.confidence,
        "author": row.author,
        "owner": row.owner,
        "since": row.since and row.since.isoformat(),
        "days": row.days(today),
    }


def _table(rows: Sequence[Owed], today: date) -> None:
    console = showing.out()
    for state, group in groupby(rows, key=lambda row: row.debt.stood.standing):
        console.print(f"[bold]{state.value.capitalize()}[/bold]")
        for row in group:
            console.print(f"  {showing.safe(_line(row, today))}")
    counts = Counter(row.debt.stood.standing for row in rows)
    said = ", ".join(f"{counts[state]} {state.value}" for state in Standing if counts[state])
    console.print(f"{len(rows)} promise{'s' * (len(rows) != 1)}{': ' * bool(said)}{said}.")


def _line(row: Owed, today: date) -> str:
    days = row.days(today)
    promise, why = row.debt.promise, row.debt.stood.why
    age = "?" if days is None else owed.age(days)
    place, said = f"{row.debt.path}:{promise.line}", f"{promise.tag} {standing.shown(promise)}"
    return f"{age:>9}  {row.owner or '-':<16}  {place}  {said}{f'  ({why})' if why else ''}"
