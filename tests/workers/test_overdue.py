"""Work that never ends comes to something else, where it can be interrupted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from workers import overdue


def _endless() -> str:
    while True:
        pass


def test_work_that_never_ends_comes_to_something_else() -> None:
    assert overdue.in_time(_endless, "late", 0.1) == "late"
    assert overdue.in_time(lambda: "done", "late") == "done"
    with pytest.raises(ZeroDivisionError):
        overdue.in_time(lambda: 1 // 0, 2)


def test_what_a_thread_does_is_not_interrupted() -> None:
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(overdue.in_time, lambda: "done", "late", 0.0001).result() == "done"
