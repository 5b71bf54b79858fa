"""Lines: what the worker said while it did a job, kept for a while for whoever wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select

from workers.ledger.tables import line
from workers.ledger.transactions import reading, writing

MOST = 500
"""Lines of a job that are shown; the worker keeps no more of them."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a job's log, redacted: ``said`` in words, ``about`` its fields as JSON has them."""

    job_id: int
    at: datetime
    level: str
    said: str
    about: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Lines:
    """The page of the ledger about what was said; moments are aware."""

    engine: Engine

    def add(self, rows: Sequence[LineRow]) -> None:
        """Write lines behind those that are there."""
        if rows:
            with writing(self.engine) as connection:
                connection.execute(insert(line), [asdict(row) for row in rows])

    def read(self, job_id: int) -> Sequence[LineRow]:
        """Return what was said while a job was done, the oldest first."""
        wanted = select(*(line.c[name] for name in LineRow.__dataclass_fields__))
        with reading(self.engine) as connection:
            found = connection.execute(wanted.where(line.c.job_id == job_id).order_by(line.c.id).limit(MOST))
            return [LineRow(**row) for row in found.mappings()]
