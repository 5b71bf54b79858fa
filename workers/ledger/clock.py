"""The database's clock for a whole fleet: a machine that is wrong takes nothing away from the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from workers.ledger.faults import Unavailable
from workers.ledger.store import Ledger
from workers.ledger.transactions import reading

_NEVER = datetime.min.replace(tzinfo=UTC)
_EVERY = 60.0
"""The seconds for which the machine's steady counter is believed: it stands still while a laptop sleeps."""


@dataclass(slots=True)
class Clock:
    """Counts on from what ``ask`` said last: the database's time, None where that is this machine's."""

    ask: Callable[[], datetime | None]
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _said: datetime = _NEVER
    _at: float = 0.0
    _asked: float = float("-inf")

    def __call__(self) -> datetime:
        """Return the moment; a database that does not answer is asked again a minute later."""
        with self._lock:
            if self.steady() - self._asked >= _EVERY:
                self._asked = self.steady()
                self._said, self._at = self._told(), self.steady()
            return self._said + timedelta(seconds=self.steady() - self._at)

    def _told(self) -> datetime:
        try:
            return self.ask() or self.wall()
        except Unavailable:
            if not self._at:
                return self.wall()
            return self._said + timedelta(seconds=self.steady() - self._at)


def clock(book: Ledger) -> Clock:
    """Return the clock of a ledger's database; it is asked when it is needed first."""

    def ask() -> datetime | None:
        if book.engine.name == "sqlite":
            return None
        with reading(book.engine) as connection:
            told: datetime = connection.execute(select(func.now())).scalar_one()
            return told.astimezone(UTC)

    return Clock(ask)
