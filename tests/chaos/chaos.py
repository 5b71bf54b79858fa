"""Lets a whole fleet live through what goes wrong, and compares in the end what must be with what is.

``make chaos`` runs one seed, ``make chaos ARGS="--seeds 20"`` the first twenty, each a line with its figures.
"""

from __future__ import annotations

import heapq
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click

from demo import run
from demo.github import LocalGitHub
from tests.chaos import blows, judging, processes
from tests.chaos.blows import Blow
from tests.chaos.processes import Fleet, Nursery
from tests.chaos.town import Town
from tests.fleet import Broker, Postgres, postgresql, redis_compatible
from workers import ledger
from workers.ledger import Ledger

_PACE = 0.04
_SHOWN = 20


@dataclass
class Storm:
    """One run: what people do, and what goes wrong meanwhile by the plan."""

    fleet: Fleet
    town: Town
    plan: tuple[Blow, ...]
    struck: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    _later: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def pass_over(self, deliveries: int, pace: float = _PACE) -> None:
        """Let people act until so many deliveries were sent, and everything go wrong that is to."""
        waiting = list(self.plan)
        while len(self.town.hub.deliveries) < deliveries:
            while waiting and waiting[0].after <= len(self.town.hub.deliveries):
                self.strike(waiting.pop(0))
            self.town.act()
            self._mend(time.monotonic())
            time.sleep(pace)
        for blow in waiting:
            self.strike(blow)
        while self._later:
            self._mend(time.monotonic())
            time.sleep(0.05)
        self.town.hub.recover()

    def strike(self, blow: Blow) -> None:
        """Let something go wrong, and note when it ends."""
        dice, fleet = random.Random(blow.dice), self.fleet
        name = {"kill web": "web", "kill beat": "beat"}.get(blow.kind) or dice.choice(blows.WORKERS)
        if blow.kind == "github":
            self.struck[f"GitHub: {blows.github(self.town.hub, dice)}"] += 1
            return
        if blow.kind.startswith(("kill", "pause")) and name not in fleet.running:
            return
        self.struck[blow.kind] += 1
        if blow.kind.startswith("kill"):
            fleet.kill(name)
            self._in(blow.seconds, lambda: fleet.begin(name))
        elif blow.kind == "pause":
            pid = fleet.pause(name)
            self._in(blow.seconds, lambda: fleet.resume(pid))
        else:
            self._outage(blow)

    def _outage(self, blow: Blow) -> None:
        broker, postgres = self.fleet.broker, self.fleet.postgres
        begins, ends = {
            "flush": (broker.flush, _nothing),
            "freeze": (broker.freeze, broker.thaw),
            "forget": (broker.stop, broker.start),
            "database": (postgres.stop, postgres.start),
        }[blow.kind]
        # One outage of a kind at a time: what is frozen cannot be flushed, nor what is stopped be stopped.
        self._mend(float("inf"))
        begins()
        self._in(blow.seconds, ends)

    def _in(self, seconds: float, end: Callable[[], object]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), end))

    def _mend(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()
        self.struck.update(f"{name} ended by itself" for name in self.fleet.supervise())

    def judge(self, book: Ledger) -> float:
        """Wait until all is as it should be, or it is in vain; return the seconds that it took."""
        began = time.monotonic()

        def mend() -> None:
            self._mend(time.monotonic())

        self.wrongs = judging.in_the_end(self.town.hub, book, self.town.expected, mend)
        self.wrongs += [f"left behind: {command[:100]}" for command in self.fleet.left_behind()]
        return time.monotonic() - began


def _nothing() -> None:
    """End what ended at once."""


@dataclass(frozen=True)
class Servers:
    """What a seed needs beside itself, begun once for all."""

    postgres: Postgres
    broker: Broker
    nursery: Nursery


@dataclass(frozen=True)
class Outcome:
    """What came of a seed; ``struck`` counts what went wrong.

    ``seconds`` are all, those until it was quiet, and those of processors.
    """

    seed: int
    deliveries: int
    struck: Counter[str]
    pulls: int
    seconds: tuple[float, float, float]
    wrongs: tuple[str, ...]
    log: str

    @property
    def line(self) -> str:
        """Return its line."""
        told = sum(n for what, n in self.struck.items() if what.startswith("GitHub"))
        rest = ", ".join(f"{what} {n}" for what, n in self.struck.items() if not what.startswith("GitHub"))
        took, quiet, spent = self.seconds
        end = f"{len(self.wrongs)} WRONG" if self.wrongs else "all as it should be"
        return (
            f"seed {self.seed}: {self.deliveries} deliveries; {rest}, GitHub's faults {told}; "
            f"{self.pulls} pull requests; {took:.0f} s ({spent:.0f} s of processors), "
            f"quiet after {quiet:.0f} s: {end}"
        )


def once(servers: Servers, seed: int, repositories: int, deliveries: int, *, hurried: bool = True) -> Outcome:
    """Run one seed."""
    began, before = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="kotsu-chaos-", ignore_cleanup_errors=True) as folder:
        hub = LocalGitHub(Path(folder) / "github", webhook_secret=run.SECRET)
        town = Town(hub, random.Random(f"people {seed}"), repositories)
        with hub:
            fleet = Fleet(hub, servers.postgres, servers.broker, servers.nursery, Path(folder), hurried)
            storm = Storm(fleet, town, blows.plan(seed, deliveries))
            with processes.running(fleet):
                town.install()
                storm.pass_over(deliveries)
                book = ledger.open(fleet.database_url)
                quiet = storm.judge(book)
                book.close()
                spent = fleet.seconds() + time.process_time() - before
            pulls = sum(len(hub.pulls(name)) for name in town.names)
        log = fleet.log.read_text("utf-8", errors="replace")
    wrong = (*storm.wrongs, *judging.said(log))
    seconds = (time.monotonic() - began, quiet, spent)
    return Outcome(seed, len(hub.deliveries), storm.struck, pulls, seconds, wrong, log)


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="How many.")
@click.option("--first", type=click.IntRange(0), default=1, show_default=True, help="The first of them.")
@click.option("--repositories", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--deliveries", type=click.IntRange(20), default=500, show_default=True)
@click.option("--patient", is_flag=True, help="Let leases and patience last as long as they do in earnest.")
@click.option("--logs", type=click.Path(path_type=Path), help="A folder for the logs of seeds that go wrong.")
def main(  # noqa: PLR0913 -- the options of a command
    *, seeds: int, first: int, repositories: int, deliveries: int, patient: bool, logs: Path | None
) -> None:
    """Run seeds, print a line for each and what was wrong, and fail where anything was."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is ended then, too
    bad = 0
    with postgresql() as postgres, redis_compatible() as broker, processes.nursery() as nursery:
        servers = Servers(postgres, broker, nursery)
        for seed in range(first, first + seeds):
            outcome = once(servers, seed, repositories, deliveries, hurried=not patient)
            click.echo(outcome.line)
            for words in outcome.wrongs[:_SHOWN]:
                click.echo(f"  WRONG: {words}")
            bad += bool(outcome.wrongs)
            if logs and outcome.wrongs:
                logs.mkdir(parents=True, exist_ok=True)
                (logs / f"seed-{seed}.log").write_text(outcome.log, "utf-8")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
