"""What the tests of the ledger say again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from tests.fleet import NOW
from workers.ledger import Job, Ledger
from workers.messages import Event, Kind, Priority, Repository, scan_key

T = TypeVar("T")
LEASE = timedelta(minutes=5)
SOON = timedelta(seconds=1)


def of(number: int = 1, installation: int = 7) -> Repository:
    return Repository(number, "octo", f"repo-{number}", "main", installation)


def pushed(guid: str = "a", number: int = 1, priority: int = Priority.MERGE) -> Event:
    return Event(
        guid,
        "push",
        kind=Kind.SCAN,
        key=scan_key(number),
        installation_id=7,
        repository=of(number),
        priority=priority,
    )


def claimed(book: Ledger, owner: str = "w", now: datetime = NOW) -> Job:
    found = book.claim(owner, now, LEASE)
    assert found is not None
    return found


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    start = threading.Barrier(count)

    def one(number: int) -> T:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))
