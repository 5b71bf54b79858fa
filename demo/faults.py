"""Faults on order: the next calls that match go wrong, before or after their effect."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from re import Pattern

from demo.loopback import Answer


@dataclass(slots=True)
class Fault:
    """What goes wrong, how often, and whether the call still has its effect.

    ``answer`` None leaves the answer as it is, so that only ``delay`` seconds (before the effect) are felt,
    or what happens ``meanwhile``.
    """

    method: str
    path: Pattern[str]
    answer: Answer | None
    times: int
    after_effect: bool = False
    delay: float = 0.0
    meanwhile: Callable[[], object] | None = None

    def meets(self, method: str, path: str) -> bool:
        """Return whether this call is one of those that go wrong."""
        return self.times > 0 and self.method in (method, "*") and self.path.search(path) is not None


@dataclass(slots=True)
class Faults:
    """The faults that are still to come."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, fault: Fault) -> None:
        """Let the next matching calls go wrong."""
        with self._lock:
            self.waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of this call, if any; it counts as used."""
        with self._lock:
            fault = next((f for f in self.waiting if f.meets(method, path)), None)
            if fault:
                fault.times -= 1
            return fault

    def forget(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self.waiting.clear()


def pattern(path: str) -> Pattern[str]:
    """Return what paths are searched with."""
    return re.compile(path)
