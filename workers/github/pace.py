"""Keeps the distance between creations that GitHub asks for, over all jobs of one installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """A distance in seconds; whoever comes too early waits its turn.

    ``place`` asks for a place among other processes too: it is given the distance, and returns how many
    seconds the place is off.
    """

    seconds: float
    place: Callable[[float], float] | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: float = float("-inf")

    def wait(self) -> None:
        """Return when the distance to the last one is kept."""
        with self._lock:
            own = self._last + self.seconds - self.clock()
            if (early := self.place(self.seconds) if self.place and self.seconds else own) > 0:
                self.sleep(early)
            self._last = self.clock()
