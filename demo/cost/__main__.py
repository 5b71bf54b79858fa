"""The command `python -m demo.cost`: measures a scan and a pull request, and prints what fleets cost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from struct import unpack_from

import click
from rich import box
from rich.console import Console
from rich.table import Table

from demo import examples, run
from demo.cost.fleet import LEAST, MOST, Rates, Spent, cost
from demo.cost.meters import Meters, between
from demo.github import LocalGitHub, webhooks
from demo.index import LocalIndex
from workers import ledger

_FLEETS = (1_000, 10_000, 100_000)
_USUAL = Rates()
_RESCANS = 10
_WIDE = 110
_NOTHING = b"limits: {open: 0}\n"
_MUCH = b"limits: {open: 3, first: 3, per-day: 0}\n"
_WISHES = ".github/kotsu.yml"


@dataclass(frozen=True)
class Measured:
    """What a scan costs, with and without a kept index, and a pull request; and a repository's bytes."""

    scan: Spent
    cold: Spent
    pull: Spent
    fixed: float
    pulls: int


@click.command()
@click.option("--scans", default=_USUAL.scans, show_default=True, help="Scans of a repository in a week.")
@click.option("--pulls", default=_USUAL.pulls, show_default=True, help="Pull requests of one in a week.")
@click.option("--mirror", default=_USUAL.mirror / 1e6, show_default=True, help="Megabytes of its mirror.")
def main(scans: float, pulls: float, mirror: float) -> None:
    """Measure what a scan without changes and a pull request cost, and multiply."""
    console = Console(highlight=False, width=_WIDE)
    found = _measured()
    console.print(
        _each(
            {
                "scan, nothing changed": found.scan,
                "the first of a process, no index kept": found.cold,
                f"pull request, opened and merged (of {found.pulls})": found.pull,
            }
        )
    )
    console.print(f"A repository takes {found.fixed / 1e3:.1f} kB of the database, whatever happens.\n")
    console.print(_fleets(found, Rates(scans, pulls, mirror * 1e6)))


@dataclass
class _Part:
    """A running server, and what the meters say before and after."""

    server: run.Server
    hub: LocalGitHub
    before: Spent
    after: Spent

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        self.hub.settle()
        run.wait(self.server, self.hub)

    def each(self, times: int) -> Spent:
        """Return what one of so many cost."""
        return between(self.before, self.after, times)


@dataclass(frozen=True)
class _Scene:
    """The sample repositories on the local GitHub, with a server for each part."""

    folder: Path
    hub: LocalGitHub
    index: LocalIndex

    def measured(self) -> Measured:
        """Install, let everything be proposed and merged, and scan again and again."""
        names = examples.fill(self.hub)
        for name in names:
            self.hub.push(name, {_WISHES: _NOTHING})
        with self._part():
            self.hub.install(examples.OWNER)
        fixed = (self._stored() - self._empty()) / len(names)
        with self._part() as life:
            pulls = self._lived(life, names)
        with self._part() as again:
            self._rescanned(again, names, _RESCANS)
        shutil.rmtree(self.folder / "data" / "index")
        with self._part() as cold:
            self._rescanned(cold, names, 1)
        scan = again.each(_RESCANS * len(names))
        return Measured(scan, cold.each(len(names)), life.each(pulls), fixed, pulls)

    def _lived(self, part: _Part, names: Sequence[str]) -> int:
        """Let a repository be asked three things, and merge them; return how many all have merged."""
        for name in names:
            self.hub.push(name, {_WISHES: _MUCH})
        part.settle()
        merged = 0
        for name in names:
            for pull in self.hub.pulls(name, "open"):
                merged += self.hub.merge(name, pull.number) is not None
                part.settle()
        return merged

    def _rescanned(self, part: _Part, names: Sequence[str], times: int) -> None:
        """Say so many times that each repository was pushed to, though nothing has changed."""
        for _ in range(times):
            for name in names:
                with self.hub.world.lock:
                    found = self.hub.find(name)
                    head, who = found.branch(found.default_branch), self.hub.world.account("ada-example")
                    webhooks.pushed(self.hub.world, found, f"refs/heads/{found.default_branch}", head, who)
            part.settle()

    @contextmanager
    def _part(self) -> Iterator[_Part]:
        """Run a server until nothing is left to do."""
        stored = self._stored()
        with run.running(self.hub, self.index.url, self.folder / "data") as server:
            meters = Meters(self.hub, self.index, server.process.pid)
            before = replace(meters.read(), stored=stored)
            part = _Part(server, self.hub, before, before)
            yield part
            part.settle()
            part.after = meters.read()
        # Only a server that has ended has written everything into its one file.
        part.after = replace(part.after, stored=self._stored())

    def _stored(self) -> int:
        database = self.folder / "data" / "kotsu.db"
        return _used(database) if database.exists() else 0

    def _empty(self) -> int:
        path = self.folder / "empty.db"
        ledger.migrate(f"sqlite:///{path}")
        return _used(path)


def _used(database: Path) -> int:
    """Return the bytes that a database has in use: its file keeps what migrations and deletions left free.

    The first bytes of a file of SQLite say how large a page is, how many there are, and how many are free.
    """
    book = ledger.open(f"sqlite:///{database}")
    book.installations()
    book.close()  # who closes it last puts into the file what stood beside it
    with database.open("rb") as file:
        head = file.read(40)
    (size,), (pages,), (free,) = (
        unpack_from(*where) for where in ((">H", head, 16), (">L", head, 28), (">L", head, 36))
    )
    return int((pages - free) * size)


def _measured() -> Measured:
    with tempfile.TemporaryDirectory(prefix="kotsu-cost-") as name, LocalIndex() as index:
        folder = Path(name)
        with LocalGitHub(folder / "github", webhook_secret=run.SECRET, checks=True) as hub:
            return _Scene(folder, hub, index).measured()


def _each(costs: Mapping[str, Spent]) -> Table:
    table = Table(box=box.MARKDOWN)
    for title in (
        "one",
        "requests\nthat count",
        "that do\nnot count",
        "index",
        "kB\nheard",
        "CPU\nseconds",
        "kB\nkept",
    ):
        table.add_column(title, justify="left" if title == "one" else "right")
    for name, one in costs.items():
        figures = (one.counted, one.free, one.index, one.received / 1e3, one.cpu, one.stored / 1e3)
        table.add_row(name, *(f"{figure:.2f}" for figure in figures))
    return table


def _fleets(found: Measured, rates: Rates) -> Table:
    titles = (
        "repositories",
        "cores",
        "requests\nan hour",
        f"of\n{LEAST:,}",
        f"of\n{MOST:,}",
        "database",
        "mirrors",
    )
    table = Table(box=box.MARKDOWN)
    for title in titles:
        table.add_column(title, justify="right")
    for size in _FLEETS:
        one = cost(size, found.scan, found.pull, found.fixed, rates)
        shares = (f"{100 * one.share(budget):.0f} %" for budget in (LEAST, MOST))
        volumes = (f"{one.database / 1e9:.1f} GB", f"{one.mirrors / 1e9:.0f} GB")
        table.add_row(f"{size:,}", f"{one.cores:.2f}", f"{one.requests:,.0f}", *shares, *volumes)
    return table


if __name__ == "__main__":
    main()
