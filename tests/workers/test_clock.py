"""The database's clock: what a machine that is wrong, jumps or sleeps does to the work of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fleet import NOW
from tests.workers.bookkeeping import LEASE
from workers import ledger
from workers.ledger import Clock, Ledger, Unavailable
from workers.messages import Kind

HOUR = timedelta(hours=1)


class Machine:
    """A machine with a clock on the wall that may jump, and a counter that goes on."""

    def __init__(self, database: timedelta | None = timedelta()) -> None:
        self.wall, self.steady, self.database = NOW, 100.0, database
        self.asked, self.is_down = 0, False
        self.clock = Clock(self.ask, lambda: self.wall, lambda: self.steady)

    def ask(self) -> datetime | None:
        self.asked += 1
        if self.is_down:
            raise Unavailable("It does not answer.")
        passed = timedelta(seconds=self.steady - 100)
        return None if self.database is None else NOW + self.database + passed

    def passes(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, timedelta(days=400)])
def test_a_machine_that_is_wrong_goes_by_the_database(wrong: timedelta) -> None:
    machine = Machine()
    machine.wall += wrong
    assert machine.clock() == NOW
    machine.passes(30)
    assert machine.clock() == NOW + timedelta(seconds=30)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_moves_nothing(jump: timedelta) -> None:
    machine = Machine()
    assert machine.clock() == NOW
    machine.wall += jump
    for seconds in (1, 59, 120):
        machine.passes(seconds)
        assert machine.clock() == NOW + timedelta(seconds=machine.steady - 100)


def test_the_database_is_asked_once_a_minute() -> None:
    machine = Machine()
    for _ in range(180):
        machine.clock()
        machine.passes(1)
    assert machine.asked == 3


def test_while_the_database_does_not_answer_time_goes_on() -> None:
    machine = Machine(HOUR)
    assert machine.clock() == NOW + HOUR
    machine.is_down = True
    machine.passes(90)
    assert machine.clock() == NOW + HOUR + timedelta(seconds=90)
    machine.is_down = False
    machine.passes(61)
    assert machine.clock() == NOW + HOUR + timedelta(seconds=151)


def test_a_database_that_never_answered_leaves_the_machines_own_clock() -> None:
    machine = Machine(HOUR)
    machine.is_down = True
    assert machine.clock() == NOW


def test_where_the_database_is_a_file_a_clock_that_is_set_counts_within_a_minute() -> None:
    machine = Machine(None)
    assert machine.clock() == NOW
    machine.wall += HOUR
    assert machine.clock() == NOW
    machine.passes(60)
    assert machine.clock() == NOW + HOUR + timedelta(minutes=1)


def test_two_workers_of_one_database_have_one_clock(book: Ledger) -> None:
    one, other = ledger.clock(book), ledger.clock(book)
    assert abs(one() - other()) < timedelta(seconds=30)
    assert one().tzinfo is UTC
    book.enqueue(Kind.SCAN, "scan:1", one())
    assert book.claim("one", one(), LEASE) is not None
    other.wall = lambda: datetime.now(UTC) + HOUR  # by its own clock the lease would have ended
    if book.engine.name == "postgresql":
        other._asked = float("-inf")
    assert book.claim("other", other(), LEASE) is None
