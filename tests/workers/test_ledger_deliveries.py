"""Deliveries that are recorded together: the same as one by one, for the price of a few statements."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from tests.fleet import NOW
from tests.workers.bookkeeping import LEASE, of, pushed
from workers import ledger
from workers.ledger import Ledger, Recorded, tables
from workers.messages import Event, Kind, Priority, remove_key, scan_key

TABLES = (tables.delivery, tables.job, tables.repository, tables.installation)


@contextmanager
def counting(book: Ledger) -> Iterator[list[str]]:
    """Count the statements that go to the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sqlalchemy_event.listen(book.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sqlalchemy_event.remove(book.engine, "before_cursor_execute", note)


def test_fifty_deliveries_cost_as_many_statements_as_two(book: Ledger) -> None:
    counts = []
    for start, many in ((0, 2), (100, 50)):
        events = [pushed(f"guid-{number}", number) for number in range(start, start + many)]
        with counting(book) as seen:
            book.record_all(events, NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert book.tally(NOW).jobs == {"queued": 52}


def test_fifty_repeated_deliveries_find_their_jobs_with_one_question(book: Ledger) -> None:
    events = [pushed(f"guid-{number}", number) for number in range(50)]
    first = book.record_all(events, NOW)
    with counting(book) as seen:
        again = book.record_all(events, NOW)
    assert again == [replace(one, new=False) for one in first if isinstance(one, Recorded)]
    assert len([statement for statement in seen if statement.startswith(("SELECT", "UPDATE"))]) == 1


def test_a_delivery_that_comes_twice_in_one_batch_is_recorded_once(book: Ledger) -> None:
    first, second, other = book.record_all([pushed("a"), pushed("a"), pushed("b")], NOW)
    assert isinstance(first, Recorded)
    assert (first.new, second) == (True, Recorded(new=False, job_id=first.job_id))
    assert other == first


def test_deliveries_of_one_batch_fold_in_their_order(book: Ledger) -> None:
    for guid in ("old", "new"):
        events = [
            replace(pushed(f"{guid}-1"), detail={"head": "one", "list": [1]}, priority=Priority.SCHEDULE),
            replace(pushed(f"{guid}-2"), detail={"head": "two", "list": [2]}, priority=Priority.PERSON),
        ]
        book.record_all(events, NOW)
    (job,) = book.jobs(ledger.JobState.QUEUED)
    assert job.priority == Priority.PERSON
    assert job.detail == {"head": "two", "list": [1, 2], "delivery": "new-2"}


# --- together is the same as one by one

EVENTS = st.builds(
    Event,
    guid=st.just(""),
    name=st.just("push"),
    kind=st.sampled_from([None, Kind.SCAN, Kind.SCAN, Kind.REMOVE]),
    key=st.sampled_from([scan_key(1), scan_key(2), remove_key(7, repositories=True)]),
    installation_id=st.sampled_from([None, 7, 7, 8]),
    repository=st.sampled_from(
        [None, of(1), of(2), replace(of(2), name="renamed", default_branch=""), of(2, 8)]
    ),
    priority=st.sampled_from(Priority),
    detail=st.sampled_from(
        [{}, {"head": "a"}, {"repositories": [1]}, {"repositories": [2]}, {"odd": object()}]
    ),
    account=st.sampled_from(["", "octo"]),
    state=st.sampled_from(["", "", "active", "suspended"]),
    removed=st.sampled_from([(), (), (1,), (1, 2)]),
)
BATCHES = st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=8), min_size=1, max_size=3)


@given(st.lists(EVENTS, min_size=8, max_size=8), BATCHES, st.sampled_from(["run", "park", "leave"]))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_recorded_together_is_the_same_as_recorded_one_by_one(
    sqlite_template: Path, kinds: list[Event], batches: list[list[int]], meanwhile: str
) -> None:
    # What a GUID says is always the same: GitHub sends again what it sent.
    events = [replace(event, guid=f"guid-{number}") for number, event in enumerate(kinds)]
    with tempfile.TemporaryDirectory() as folder:
        together, alone = (_ledger(sqlite_template, Path(folder) / name) for name in ("together", "alone"))
        for numbers in batches:
            batch = [events[number] for number in numbers]
            assert _told(together.record_all(batch, NOW)) == _one_by_one(alone, batch)
            for book in (together, alone):
                if meanwhile != "leave" and (job := book.claim("w", NOW, LEASE)) and meanwhile == "park":
                    book.fail(job, "It broke.", NOW)
        assert _all(together) == _all(alone)
        for book in (together, alone):
            book.close()


def _ledger(template: Path, path: Path) -> Ledger:
    shutil.copy(template, path)
    book = ledger.open(f"sqlite:///{path}")
    # Nothing here is to outlive the machine.
    sqlalchemy_event.listen(book.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF"))
    return book


def _one_by_one(book: Ledger, batch: Sequence[Event]) -> list[object]:
    """Record each in a transaction of its own, in the order that a batch has."""
    found: dict[int, object] = {}
    order = sorted(range(len(batch)), key=lambda n: (getattr(batch[n].repository, "id", 0), batch[n].key))
    for number in order:
        found[number] = _told(book.record_all([batch[number]], NOW))[0]
    return [found[number] for number in range(len(batch))]


def _told(found: Sequence[Recorded | Exception]) -> list[object]:
    return [type(one) if isinstance(one, Exception) else one for one in found]


def _all(book: Ledger) -> list[list[dict[str, Any]]]:
    """Return every row of the tables that deliveries change."""
    with book._read() as connection:
        return [
            [dict(row) for row in connection.execute(select(t).order_by(*t.primary_key)).mappings()]
            for t in TABLES
        ]
