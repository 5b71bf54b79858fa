"""Measuring: what the ledger knows in numbers, asked no more often than it changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.metrics import Became, Measured
from workers.evaluation import acceptance
from workers.evaluation.fates import fate
from workers.ledger import Ledger, Unavailable

_KEPT = timedelta(minutes=1)
"""How long it is believed what became of pull requests: to read all of them costs more than the rest."""


@dataclass(slots=True)
class Measuring:
    """Asks the ledger for what Prometheus reads."""

    book: Ledger
    clock: Callable[[], datetime]
    _became: tuple[datetime, Became] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def measured(self) -> Measured | None:
        """Return the numbers, None where the ledger cannot be read."""
        try:
            now = self.clock()
            return Measured(self.book.tally(now), self.book.vitals.read(now), self._what_became(now))
        except Unavailable:
            return None

    def _what_became(self, now: datetime) -> Became:
        with self._lock:
            if self._became is None or not timedelta() <= now - self._became[0] < _KEPT:
                self._became = now, self._read(now)
            return self._became[1]

    def _read(self, now: datetime) -> Became:
        rows = self.book.outlines.read()
        fates = Counter((row.improvement, fate(row, now).value) for row in rows)
        return Became(fates, acceptance.by(rows, lambda row: row.improvement, now))
