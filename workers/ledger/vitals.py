"""Vitals: signs that deliveries come in and that scans end, in few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from workers.evaluation.pausing import WHOLE
from workers.ledger.rows import Standing
from workers.ledger.tables import delivery, pause, repository, scan
from workers.ledger.transactions import reading

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Vital:
    """How long the last delivery is ago (None: there was none), and how long each scan of a day took.

    ``pauses`` counts the pauses of improvements that last, ``rests`` those of whole repositories.
    """

    delivered: timedelta | None
    scans: Sequence[timedelta]
    pauses: int
    rests: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """The page of the ledger about whether it lives; moments are aware."""

    engine: Engine

    def read(self, now: datetime) -> Vital:
        """Return the signs of life, the shortest scan first."""
        ended = select(scan.c.started, scan.c.finished).where(scan.c.finished > now - _DAY)
        with reading(self.engine) as connection:
            last = connection.execute(select(func.max(delivery.c.received))).scalar_one()
            took = sorted(finished - started for started, finished in connection.execute(ended))
            lasting = pause.c.ended.is_(None)
            improvements = select(func.count()).where(lasting, pause.c.improvement != WHOLE)
            there = (repository.c.id == pause.c.place) & (repository.c.state != Standing.REMOVED)
            places = select(func.count(pause.c.place.distinct())).join(repository, there)
            held = connection.execute(places.where(lasting, pause.c.improvement == WHOLE)).scalar_one()
            return Vital(
                now - last if last else None, took, connection.execute(improvements).scalar_one(), held
            )
