"""Hints: one alone goes out at once, of many a few, and whoever serves those finds the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.hints import WAITING, Hints
from app.metrics import Metrics
from tests.fleet import eventually


class Broker:
    """Takes hints one by one, and only while its door is open."""

    def __init__(self) -> None:
        self.door, self.asked, self.taken = threading.Event(), threading.Event(), list[int]()

    def send(self, job_id: int) -> bool:
        self.asked.set()
        self.door.wait(10)
        self.taken.append(job_id)
        return True


@contextmanager
def hinting(broker: Broker, rest: float = 0.0) -> Iterator[Hints]:
    hints = Hints(broker.send, Metrics(), rest)
    try:
        yield hints
    finally:
        broker.door.set()
        hints.close()


def test_one_alone_goes_out_at_once() -> None:
    broker = Broker()
    broker.door.set()
    with hinting(broker, rest=60.0) as hints:
        hints.give(7)
        assert eventually(lambda: broker.taken == [7])


def test_of_many_that_wait_a_few_are_given_and_the_last_goes_out_after_all_were_recorded() -> None:
    broker = Broker()
    with hinting(broker) as hints:
        hints.give(1)
        broker.asked.wait(10)
        for job_id in range(2, 500):
            hints.give(job_id)
        broker.door.set()
        # Whoever serves one of these looks for what else is due, and all 499 were recorded by then.
        assert eventually(lambda: broker.taken == list(range(1, WAITING + 2)))


def test_a_job_that_waits_already_is_not_hinted_twice() -> None:
    broker = Broker()
    with hinting(broker) as hints:
        hints.give(1)
        broker.asked.wait(10)
        for _ in range(5):
            hints.give(2)
        broker.door.set()
        assert eventually(lambda: broker.taken == [1, 2])


def test_after_some_the_broker_has_a_rest() -> None:
    broker = Broker()
    broker.door.set()
    with hinting(broker, rest=60.0) as hints:
        hints.give(1)
        assert eventually(lambda: broker.taken == [1])
        hints.give(2)
        assert not eventually(lambda: len(broker.taken) > 1, 0.1)


def test_what_still_waits_at_the_end_is_given_up() -> None:
    broker = Broker()
    hints = Hints(broker.send, Metrics(), 0.0)
    hints.give(1)
    broker.asked.wait(10)
    hints.give(2)
    ending = threading.Thread(target=hints.close)
    ending.start()
    assert eventually(hints._ended.is_set)
    broker.door.set()
    ending.join(10)
    assert broker.taken == [1]
