"""Keeps the distance between creations that GitHub asks for, over all jobs of one installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """A distance in seconds; whoever comes too early waits its turn."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: float = float("-inf")

    def wait(self) -> None:
        """Return when the distance to the last one is kept."""
        with self._lock:
            if (early := self._last + self.seconds - self.clock()) > 0:
                self.sleep(early)
            self._last = self.clock()
