"""Kills a worker at each named step, again and again: nothing is lost or comes twice, and work goes on soon.

``make kills`` does it once at each step, ``make kills ARGS="--times 45"`` until it can be believed. Leases
and patience last as long as they do in earnest.
"""

from __future__ import annotations

import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click
from sqlalchemy import select

from demo import run
from demo.faults import Fault, pattern
from demo.github import LocalGitHub
from demo.loopback import Answer, Wire
from tests.chaos import judging, processes
from tests.chaos.processes import Fleet
from tests.chaos.town import FILES, KEYS
from tests.fleet import postgresql, redis_compatible
from workers import ledger
from workers.ledger import JobState, Ledger
from workers.ledger.tables import job

SOON = 60.0
"""The seconds after which killed work must run again."""
_AT_ONCE = 6
_DEAD_AT_ONCE = 20
"""So many jobs may wait for their leases: more would wait for a worker, which is not what is shown."""
_OF_ONE = 20
"""Repositories of one owner: with more of them an installation would run out of its requests of an hour."""
_PATIENCE = 180.0
_EACH = 3.0
"""Seconds for the jobs that follow in each repository, where one worker after the other has to do them."""
_WORKERS = 4
_SHOWN = 20

REQUESTS = {
    "ref": ("GET", r"/git/ref/"),
    "clone": ("GET", r"info/refs"),
    "tree": ("POST", r"/git/trees$"),
    "commit": ("POST", r"/git/commits$"),
    "branch": ("POST", r"/git/refs$"),
    "pull request": ("POST", r"/pulls$"),
    "labels": ("POST", r"/issues/\d+/labels$"),
}
WHEN = ("before", "during", "after")
"""Before the request has its effect; with it, but unheard; behind its answer, at the next request."""
STEPS = tuple(
    (when, what)
    for what, (method, _) in REQUESTS.items()
    for when in (WHEN if method == "POST" else WHEN[:1])
)
"""Behind the labels the pull request has been written into the ledger."""


@dataclass
class Death:
    """A worker's death in a job of one repository: at which step, and when another one took the job."""

    step: tuple[str, str]
    name: str
    job_id: int = 0
    fence: int = 0
    at: float = 0.0
    again: float | None = None


@dataclass
class Matrix:
    """A fleet whose workers die by the steps of repositories, one death for each."""

    fleet: Fleet
    book: Ledger
    deaths: list[Death] = field(default_factory=list)
    _fallen: list[str] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def run(self, steps: list[tuple[str, str]], told: Callable[[int], None]) -> None:
        """Let a new repository come for each step, a few at a time, until all have had their death."""
        waiting, end = list(steps), time.monotonic() + _PATIENCE
        before = 0
        while waiting or any(death.again is None for death in self.deaths):
            under_way = sum(not death.at for death in self.deaths)
            dead = sum(death.again is None for death in self.deaths) - under_way
            if waiting and under_way < _AT_ONCE and dead < _DEAD_AT_ONCE:
                self._begin(waiting.pop(0))
            self._look()
            if (done := sum(death.again is not None for death in self.deaths)) > before:
                before, end = done, time.monotonic() + _PATIENCE
                told(done)
            if time.monotonic() > end:
                return
            time.sleep(0.2)

    def _begin(self, step: tuple[str, str]) -> None:
        hub, when, (method, path) = self.fleet.hub, step[0], REQUESTS[step[1]]
        number = next(self._numbers)
        death = Death(step, f"acme-{number // _OF_ONE}/shop-{number}")
        if number % _OF_ONE == 0:
            hub.install(death.name.partition("/")[0])
        hub.repository(death.name, FILES)
        self.deaths.append(death)
        place = rf"{death.name.partition('/')[2]}(?!\d).*"
        now = _fault(method, place + path, when, lambda: self._dies(death))
        if when == "after":
            then = _fault("*", place, "before", lambda: self._dies(death))
            now = _fault(method, place + path, when, lambda: hub._api.faults.order(then))
        hub._api.faults.order(now)
        hub.push(death.name, {"NOTES.md": b"A note.\n"})

    def _dies(self, death: Death) -> None:
        """Kill whoever does the job of the repository; its request waits here meanwhile."""
        wanted = select(job).where(
            job.c.repository_id == self.fleet.hub.find(death.name).id, job.c.state == JobState.RUNNING
        )
        with self.book.engine.connect() as connection:
            found = connection.execute(wanted).one()
        death.job_id, death.fence = found.id, found.fence
        name = self.fleet.kill_pid(int(found.lease_owner.rpartition(":")[2]))
        death.at = time.monotonic()
        self._fallen.append(name)

    def _look(self) -> None:
        """Bring new workers for those that died, and see which jobs are done again."""
        while self._fallen:
            self.fleet.begin(self._fallen.pop())
        open_ = {death.job_id: death for death in self.deaths if death.at and death.again is None}
        if not open_:
            return
        with self.book.engine.connect() as connection:
            found = connection.execute(select(job.c.id, job.c.fence).where(job.c.id.in_(open_)))
            for job_id, fence in found:
                if fence > open_[job_id].fence:
                    open_[job_id].again = time.monotonic() - open_[job_id].at


def _fault(method: str, path: str, when: str, happens: Callable[[], object]) -> Fault:
    answer = Answer(0, wire=Wire.RESET) if when == "before" else None
    return Fault(method, pattern(path), answer, 1, meanwhile=happens)


def wrongs(matrix: Matrix) -> Iterator[str]:
    """Yield what is wrong in the end."""
    for death in matrix.deaths:
        where = f"{death.name}, {' '.join(death.step)}"
        if not death.at:
            yield f"{where}: nobody died"
        elif death.again is None or death.again > SOON:
            yield f"{where}: it was done again after {death.again or 'more than'} seconds"
    expected = {death.name: dict.fromkeys(KEYS, "open") for death in matrix.deaths}
    longest = max(judging.LONGEST, _EACH * len(matrix.deaths))
    yield from judging.in_the_end(matrix.fleet.hub, matrix.book, expected, longest=longest)
    yield from judging.said(matrix.fleet.log.read_text("utf-8", errors="replace"))


def table(deaths: list[Death]) -> Iterator[str]:
    """Yield a line for each step: how often somebody died, and how soon the work was done again."""
    yield f"{'step':<22} {'deaths':>6} {'again after, median':>20} {'longest':>8}"
    for step in (*dict.fromkeys(death.step for death in deaths), None):
        known = [d for d in deaths if step in (None, d.step)]
        seconds = [d.again for d in known if d.again is not None] or [float("inf")]
        name = " ".join(step) if step else "all"
        middle, last = statistics.median(seconds), max(seconds)
        yield f"{name:<22} {sum(bool(d.at) for d in known):>6} {middle:>18.1f} s {last:>6.1f} s"


@click.command()
@click.option("--times", type=click.IntRange(1), default=1, show_default=True, help="Deaths at each step.")
@click.option("--seed", type=int, default=1, show_default=True, help="The order of the steps.")
@click.option("--log", type=click.Path(path_type=Path), help="Where the log of the fleet is kept.")
def main(*, times: int, seed: int, log: Path | None) -> None:
    """Kill workers, print a table, and fail where anything is lost, comes twice or takes too long."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is ended then, too
    steps = [*STEPS] * times
    random.Random(seed).shuffle(steps)
    began = time.monotonic()
    with (
        postgresql() as postgres,
        redis_compatible() as broker,
        processes.nursery() as nursery,
        tempfile.TemporaryDirectory(prefix="kotsu-kills-", ignore_cleanup_errors=True) as folder,
        LocalGitHub(Path(folder) / "github", webhook_secret=run.SECRET) as hub,
    ):
        fleet = Fleet(hub, postgres, broker, nursery, Path(folder), hurried=False, together=1)
        book = ledger.open(fleet.database_url)
        with processes.running(fleet, _WORKERS):
            matrix = Matrix(fleet, book)
            with suppress(KeyboardInterrupt):  # what was done by then counts
                matrix.run(steps, lambda done: _tell(done, len(steps)))
            found = list(wrongs(matrix))
        book.close()
        if log:
            log.write_bytes(fleet.log.read_bytes())
    click.echo("\n".join(table(matrix.deaths)))
    pulls = sum(len(hub.pulls(death.name)) for death in matrix.deaths)
    click.echo(f"{pulls} pull requests, {time.monotonic() - began:.0f} s, {len(found)} wrong")
    for words in found[:_SHOWN]:
        click.echo(f"  WRONG: {words}")
    sys.exit(bool(found))


def _tell(done: int, of: int) -> None:
    if done % 50 == 0:
        click.echo(f"{done} of {of} done again", err=True)


if __name__ == "__main__":
    main()
