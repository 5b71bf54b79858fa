"""What a worker has at hand, and the two ways in which a job can end without being done."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from codemods import registry
from workers import discover, ledger, logs, settings, syscalls
from workers.errands import Spread
from workers.github import App
from workers.identity import Identity
from workers.ledger import Job, Ledger, RepositoryRow
from workers.messages import Kind, Priority, campaign_key, follow_up_key, scan_key
from workers.settings import Settings
from workers.spread import Processes

log = logs.get(__name__)


class LostError(Exception):
    """The job was given to another worker meanwhile: this one must not write any more."""


class UnknownAppError(Exception):
    """Nobody told this process who the App is; it may be stored at any moment."""


class DroppedError(Exception):
    """What the job is about is not there, or not for us; the text is the sentence people read."""


Send = Callable[[int], object]
"""Hints that a job waits, by its id; the ledger has the job, whatever becomes of the hint."""


@dataclass(frozen=True)
class World:
    """What a worker has at hand: settings, ledger, GitHub, and the improvements."""

    settings: Settings
    book: Ledger
    app: App
    catalogue: discover.Catalogue = field(default_factory=registry.catalogue)
    send: Send = lambda _: None
    spread: Spread = map
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")

    def scan_soon(
        self, repository_id: int, installation_id: int, priority: Priority, **asked: list[str]
    ) -> None:
        """Queue a scan of a repository, or join the one that waits.

        ``asked`` are keys that people want done: ``rebase`` those to build anew on the newest base,
        ``recreate`` those to make as if they were new.
        """
        job_id = self.book.enqueue(
            Kind.SCAN,
            scan_key(repository_id),
            self.clock(),
            installation_id=installation_id,
            repository_id=repository_id,
            priority=priority,
            detail=asked,
        )
        self.send(job_id)

    def attend_soon(self, place: RepositoryRow, number: int, priority: Priority = Priority.SCHEDULE) -> None:
        """Queue a look at a pull request of ours, or join the one that waits."""
        job_id = self.book.enqueue(
            Kind.FOLLOW_UP,
            follow_up_key(place.id, number),
            self.clock(),
            installation_id=place.installation_id,
            repository_id=place.id,
            priority=priority,
            detail={"number": number},
        )
        self.send(job_id)

    def campaign_soon(self, installation_id: int, priority: Priority = Priority.SCHEDULE) -> None:
        """Queue a look at an installation's campaigns, or join the one that waits."""
        key = campaign_key(installation_id)
        job_id = self.book.enqueue(
            Kind.CAMPAIGN, key, self.clock(), installation_id=installation_id, priority=priority
        )
        self.send(job_id)

    def must_hold(self, job: Job) -> None:
        """Raise LostError where the job is another worker's by now: ask before every write to the world."""
        if not self.book.holds(job):
            raise LostError


@dataclass(slots=True)
class _Process:
    """The world of this process, made when the App is known, and its App anew when its secrets are others."""

    send: Send
    identity: Identity
    made: World | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def world(self) -> World:
        with self.lock:
            given = self.identity.now()
            if not given.app_id or not given.private_key:
                raise UnknownAppError("Nobody set up the App here yet: run `kotsu setup`.")
            if self.made is None:
                self.made = _made(given, self.identity.book, self.send)
            elif self.made.settings != given:
                self.made = replace(self.made, settings=given, app=_app(given, self.identity.book))
            return self.made


@cache
def _process(send: Send) -> _Process:
    given = settings.read()
    logs.redact(*given.secrets)
    return _Process(send, Identity(given, ledger.open(given.database_url)))


def world(send: Send) -> World:
    """Return the world of this process; UnknownAppError while neither environment nor ledger has the App."""
    return _process(send).world()


def _made(given: Settings, book: Ledger, send: Send) -> World:
    catalogue = registry.catalogue()
    modules = [i.module.__name__ for i in catalogue.values()]
    spread = Processes(modules=modules, here=False, tell=_told)
    return World(given, book, _app(given, book), catalogue, send, spread, ledger.clock(book))


def _app(given: Settings, book: Ledger) -> App:
    key, api_url = given.private_key, given.github_api_url
    clock = ledger.clock(book)

    def place(installation_id: int, seconds: float) -> float:
        off = book.quotas.create(installation_id, clock(), timedelta(seconds=seconds))
        return off.total_seconds()

    return App(api_url, given.app_id or 0, key, redact=logs.redact_passing, pace=given.pace, place=place)


def _told(why: str) -> None:
    log.warning("files are read with all system calls", reason=f"this system {syscalls.WORDS.get(why, why)}")


@dataclass(frozen=True)
class Remembered:
    """The ledger as the memory of scans."""

    here: World

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return the results that are remembered under these keys."""
        return self.here.book.recall(keys, self.here.clock())

    def remember(self, items: Mapping[str, str]) -> None:
        """Keep results under their keys."""
        self.here.book.remember(items, self.here.clock())
