"""Interrupts work that takes more than its time of the processor."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DEADLINE = 2.0
"""Seconds of processor time that one file may take, and a large one up to `_LONGER` times that."""
_LARGE, _LONGER = 100_000, 3
"""Bytes of a file that only people's patience keeps shorter; tests of twice that are met."""


class OverdueError(BaseException):
    """Raised within the work itself; no bug, so that nobody who catches bugs catches it."""


def seconds(size: int, deadline: float = DEADLINE) -> float:
    """Return the processor time that a file of a size may take."""
    return deadline * min(max(size / _LARGE, 1), _LONGER)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise when a time of the processor is over, and again if that was lost on the way.

    Only what runs in the main thread can be interrupted.
    """

    def overdue(*_: object) -> None:
        raise OverdueError

    before = signal.signal(signal.SIGPROF, overdue)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
        yield
    finally:
        # The signal may come here too, between the work and its end.
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)


def interruptible() -> bool:
    """Say whether this thread can be interrupted."""
    return threading.current_thread() is threading.main_thread()
