"""The command that shows the promises in a folder's comments."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

import click

from app import showing, wanted
from codemods import places, project, promises, standing, suppressions
from codemods.debts import Debt, Standing
from workers import annals, facts, owed, owners, promised, settings, snapshot, wording
from workers.owed import Owed
from workers.settings import SettingsError
from workers.snapshot import Folder
from workers.spread import Processes

_STATES = [standing.value.replace(" ", "-") for standing in Standing]


def _tags(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what nothing can be found with."""
    try:
        return tuple(tag if tag in suppressions.TAGS else wording.tag(tag) for tag in given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


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
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    callback=_tags,
    help="Look for this tag (repeatable), and no other.",
)
@click.option("--all-tags", "everything", is_flag=True, help="Show every reason of a mark, too.")
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
    everything: bool,
    fatal: Sequence[str],
    today: datetime | None,
) -> None:
    """Show the promises in comments: age, owner, state and text; changes nothing.

    PATH is any directory, in git or not. A promise is due when its condition has come true
    (`TODO[py>=3.12]`, "remove after 2026"), orphaned when what it is about is gone. Issues are not asked for.
    What is skipped or silenced with a reason is one if that says until when (tags: skip, noqa, type: ignore,
    no cover, pylint, nosec); named by their tag, or with --all-tags, all of them are shown.
    """
    now = (today or datetime.now(UTC)).date()
    root = path.resolve()
    store = _store()
    tree = snapshot.folder(root)
    found = _found(tree, tuple(tags), now, everything=everything)
    shown = [debt for debt in found if not states or _state(debt) in states]
    rows = owed.ordered(_owed(tree, shown, store), by)
    if as_json:
        said = [_as_json(row, now) for row in rows]
        click.echo(json.dumps({"version": 1, "root": str(root), "todos": said}, indent=2))
    else:
        _table(rows, now)
    if any(_state(debt) in fatal for debt in found):
        sys.exit(1)


def _store() -> Path:
    """Return the folder in which it is kept what git said; a mistake in the environment ends the command."""
    try:
        return settings.read().data_dir / "annals"
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def _found(tree: Folder, tags: tuple[str, ...], today: date, *, everything: bool) -> list[Debt]:
    given = wanted.read(tree)
    looked_for = tuple(tag for tag in tags if tag not in suppressions.TAGS) or given.todo.tags
    held = promised.read(
        tree, looked_for, lambda path: places.matches(path, given.ignore), spread=Processes(1)
    )
    known = replace(facts.of(project.read(tree), today), absent=promises.absent(tree, held))
    found = promises.judged(held, known, everything=everything or bool(tags))
    return [debt for debt in found if not tags or debt.promise.tag in tags]


def _owed(tree: Folder, found: Sequence[Debt], store: Path) -> list[Owed]:
    """Ask git about what is shown, and about nothing else."""
    asked: dict[str, set[int]] = {}
    for debt in found:
        asked.setdefault(debt.path, set()).add(debt.promise.line)
    with showing.waiting("Asking git who wrote it"):
        blames = annals.lines(tree, tree.root, asked, store)
    return owed.of(found, lambda path: blames.get(path, ()), owners.found(tree))


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
