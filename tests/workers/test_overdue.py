"""Work that never ends is interrupted, and what ends in time is not."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from workers import overdue


def _endless() -> None:
    while True:
        pass


def test_work_that_never_ends_is_interrupted() -> None:
    with pytest.raises(overdue.OverdueError), overdue.limited(0.1):
        _endless()


def test_what_ends_in_time_leaves_no_clock_behind() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with overdue.limited(2):
        pass
    with pytest.raises(ZeroDivisionError), overdue.limited(2):
        raise ZeroDivisionError
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
    assert signal.getsignal(signal.SIGPROF) is before


def test_only_the_main_thread_can_be_interrupted() -> None:
    assert overdue.interruptible()
    with ThreadPoolExecutor(1) as threads:
        assert not threads.submit(overdue.interruptible).result()


def test_a_large_file_has_more_time_within_bounds() -> None:
    assert overdue.seconds(10) == overdue.DEADLINE
    assert overdue.seconds(150_000, 2) == 3
    assert overdue.seconds(10**9, 2) == 6
