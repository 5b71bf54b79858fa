"""The commands that scan a folder: they run the very functions that the server runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import click

from app import reading, showing, wanted
from codemods import registry
from codemods.boundaries import Boundary
from codemods.model import Edit, Problem, Releases, Upgrade
from codemods.weaknesses import Advisory
from workers import (
    advisories,
    annals,
    background,
    config,
    discover,
    facts,
    freight,
    git,
    hours,
    lookup,
    policy,
    ride,
    scan,
    settings,
    shipments,
    snapshot,
    solver,
    wheels,
)
from workers.config import Config
from workers.facts import Advise, Lookup
from workers.forecast import Forecast
from workers.freight import Freight
from workers.model import Background, Proposal, Report
from workers.policy import Policy
from workers.settings import Settings, SettingsError
from workers.solver import Solver
from workers.spread import Processes


@dataclass(frozen=True)
class Selection:
    """What a command scans, and under which circumstances."""

    root: Path
    only: Sequence[str]
    skip: Sequence[str]
    config: Path | None
    today: datetime | None
    everything: bool
    lookup: Lookup
    advise: Advise
    solver: Solver | None
    background: background.Ask
    compare: ride.Comparing
    freight: Freight
    policy: Policy | None = None
    proofs: int | None = None


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `plan` and `apply` share."""
    day = click.DateTime(["%Y-%m-%d"])
    file = click.Path(path_type=Path, exists=True, dir_okay=False)
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    options = (
        click.argument("path", type=folder, default=Path(), required=False),
        click.option("--all", "everything", is_flag=True, help="Ignore capacity, schedule and release age."),
        click.option("--only", multiple=True, metavar="ID", help="Run only this improvement (repeatable)."),
        click.option("--skip", multiple=True, metavar="ID", help="Leave this improvement out (repeatable)."),
        click.option("--config", "config_file", type=file, help="Use this kotsu.yml."),
        click.option("--today", type=day, help="Pretend that it is this day."),
        click.option("--offline", is_flag=True, help="Ask neither package index nor advisories."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_selecting
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--diff", is_flag=True, help="Show the patches.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there is something to propose.")
def plan(*, as_json: bool, diff: bool, exit_code: bool, **selected: Any) -> None:  # noqa: ANN401 -- click's options
    """Show what would be proposed for a folder; changes nothing.

    PATH is any directory, in git or not; the default is the current one.
    """
    selection = _selection(selected)
    report = _scanned(selection, quiet=as_json)
    if as_json:
        click.echo(json.dumps(_json(selection.root, report), indent=2))
    else:
        showing.report(selection.root, report, diff=diff)
    if exit_code and report.proposals:
        sys.exit(1)


@click.command()
@_selecting
def apply(**selected: Any) -> None:  # noqa: ANN401 -- click's options
    """Write the proposals' edits into a folder, one proposal after the other.

    Two proposals can touch the same file: the later one is made again on what the earlier one left.
    """
    selection = _selection(selected)
    report = _scanned(selection, quiet=False)
    for proposal in report.proposals:
        edits = proposal.edits
        if any(_content(selection.root, edit) != edit.before for edit in edits):
            edits = _made_again(selection, proposal)
        for edit in edits:
            _write(selection.root, edit)
        showing.applied(proposal, edits)
    if not report.proposals:
        showing.nothing(selection.root)


def _made_again(selection: Selection, proposal: Proposal) -> tuple[Edit, ...]:
    """Return a proposal's edits of the files as they are now; parts of it may be counted anew meanwhile."""
    report = _scanned(selection, quiet=True, again=proposal)
    same = [p for p in report.proposals if p.key == proposal.key or "/" not in proposal.key]
    paths = {edit.path for edit in proposal.edits}
    return tuple(edit for p in same for edit in p.edits if edit.path in paths)


def _content(root: Path, edit: Edit) -> bytes | None:
    path = root / edit.path
    return path.read_bytes() if path.is_file() else None


def _write(root: Path, edit: Edit) -> None:
    """Write one file in place, so that it keeps its mode."""
    path = root / edit.path
    try:
        if edit.after is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(edit.after)
    except OSError as error:
        raise click.ClickException(f"{edit.path} cannot be written: {error.strerror}.") from None


def _selection(selected: dict[str, Any]) -> Selection:
    modules = registry.ids()
    for id_ in (*selected["only"], *selected["skip"]):
        if id_ not in modules:
            raise click.UsageError(reading.unknown(id_, modules))
    try:
        given = settings.read()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    recent = wheels.Recent()
    return Selection(
        selected["path"].resolve(),
        selected["only"],
        selected["skip"],
        selected["config_file"],
        selected["today"],
        selected["everything"],
        facts.nothing if selected["offline"] else _asking(given),
        facts.unadvised if selected["offline"] else _advised(given),
        None if selected["offline"] else _solver(given),
        background.nothing if selected["offline"] else _told(given),
        ride.nothing if selected["offline"] else _compared(given, recent),
        freight.EMPTY if selected["offline"] else shipments.asking(given, recent=recent),
        given.policy,
    )


def _solver(given: Settings) -> Solver:
    return solver.on(given.index_url, given.data_dir / "resolver", given.extra_index_urls)


def _asking(given: Settings) -> Lookup:
    """Return a lookup that asks for each name once."""
    known: dict[str, Releases] = {}

    def ask(names: frozenset[str]) -> Mapping[str, Releases]:
        if new := names - known.keys():
            with showing.waiting(f"Asking for the releases of {len(new)} dependencies"):
                known.update(lookup.answer(new, given))
        return {name: known[name] for name in names if name in known}

    return ask


def _told(given: Settings) -> background.Ask:
    """Return how to ask what new releases bring; no GitHub is asked from here."""
    ask = background.asking(given)

    def tell(upgrades: Sequence[Upgrade], releases: Mapping[str, Releases]) -> Mapping[Upgrade, Background]:
        with showing.waiting("Asking what the new releases bring"):
            return ask(upgrades, releases)

    return tell


def _compared(given: Settings, recent: wheels.Recent) -> ride.Comparing:
    """Return how to compare what releases offer by name."""
    compare = wheels.asking(given, recent=recent)

    def ask(upgrade: Upgrade, releases: Releases) -> Boundary | str | Problem:
        with showing.waiting(f"Comparing {upgrade.name} {upgrade.before} with {upgrade.after}"):
            return compare(upgrade, releases)

    return ask


def _advised(given: Settings) -> Advise:
    """Return how to ask for advisories; the first answer is large, and kept for the next scan."""
    store = given.data_dir / "advisories"

    def advise(names: frozenset[str]) -> tuple[Mapping[str, tuple[Advisory, ...]], str]:
        with showing.waiting("Asking for advisories"):
            return advisories.answer(names, given.advisories_url, store)

    return advise


def compared(after: Config, *, bounds: Policy | None, offline: bool) -> Forecast:
    """Scan this folder with the kotsu.yml of its last commit and with another one, both within bounds.

    The resolver is not asked, nor what new releases bring.
    """
    given = _selection({**_HERE, "offline": offline})
    given = replace(given, background=background.nothing, compare=ride.nothing, freight=freight.EMPTY)
    given = replace(given, proofs=0, policy=bounds)
    return Forecast(*(_scanned(given, quiet=False, given=one) for one in (_committed(), after)))


_HERE: Mapping[str, Any] = {
    "path": Path(),
    "only": (),
    "skip": (),
    "config_file": None,
    "today": None,
    "everything": True,
}


def _committed() -> Config:
    """Return what this folder's kotsu.yml says in the last commit; the defaults where it says nothing."""
    for path in config.PATHS:
        with suppress(git.GitError):
            read = config.read(git.run(Path(), "show", f"HEAD:./{path}"), f"HEAD:{path}")
            return read if isinstance(read, Config) else read.sound or config.defaults()
    return config.defaults()


def _scanned(
    selection: Selection, *, quiet: bool, again: Proposal | None = None, given: Config | None = None
) -> Report:
    """Scan the folder as it is now; ``again`` is the one proposal to make, whatever its turn."""
    tree = snapshot.folder(selection.root)
    is_asked = given is None
    given = policy.held(given or wanted.read(tree, selection.config), selection.policy)
    if selection.everything and is_asked:
        given = given.ageless()
    now = _moment(selection.today)
    if not selection.everything and again is None:
        now = _in_hours(given, now, quiet=quiet)
    only = (again.improvement,) if again else selection.only
    catalogue = discover.select(registry.catalogue(), given, only, selection.skip)
    with showing.progress(quiet=quiet) as progress:
        return scan.run(
            scan.Request(
                tree=tree,
                catalogue=catalogue,
                config=given,
                now=now,
                lookup=selection.lookup,
                advise=selection.advise,
                solver=selection.solver,
                background=selection.background,
                migrations={id_: i for id_, i in registry.catalogue().items() if id_ not in selection.skip},
                compare=selection.compare,
                freight=selection.freight,
                subjects=snapshot.subjects(selection.root),
                branch=snapshot.default_branch(selection.root),
                everything=selection.everything or again is not None,
                proofs=selection.proofs,
                paths=None if again is None else frozenset(edit.path for edit in again.edits),
                spread=Processes(modules=[i.module.__name__ for i in registry.catalogue().values()]),
                blame=partial(annals.blame, selection.root),
                progress=progress,
            )
        )


def _moment(today: datetime | None) -> datetime:
    return datetime.now(UTC) if today is None else datetime.combine(today.date(), time(12), UTC)


def _in_hours(given: Config, now: datetime, *, quiet: bool) -> datetime:
    """Return the moment that is planned for: out of hours the next in which anything would be opened."""
    when = hours.of(given.capacity)
    opens = when.opens(now)
    if opens is None or opens == now:
        return now
    if not quiet:
        showing.later(when.said(opens))
    return opens


def _json(root: Path, report: Report) -> dict[str, object]:
    return {
        "version": 1,
        "root": os.fsencode(root).decode("utf-8", "replace"),
        "head": snapshot.head(root),
        "proposals": [proposal.as_json() for proposal in report.proposals],
        "withheld": [
            {
                "key": w.key,
                "improvement": w.improvement,
                "title": w.title,
                "reason": w.reason.id,
                "sentence": w.sentence,
            }
            for w in report.withheld
        ],
        "problems": [{"path": p.path, "line": p.line, "message": p.message} for p in report.problems],
    }
