"""Lines: what the worker said while it did a job, kept for a while for whoever wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from workers.ledger.tables import line
from workers.ledger.transactions import reading, writing

MOST = 500
"""Lines of a job that are kept, however often it is done."""


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
        """Write lines behind those that are there; of each job the newest `MOST` stay."""
        if rows:
            with writing(self.engine) as connection:
                connection.execute(insert(line), [asdict(row) for row in rows])
                for job_id in {row.job_id for row in rows}:
                    mine = line.c.job_id == job_id
                    last = select(line.c.id).where(mine).order_by(line.c.id.desc()).offset(MOST).limit(1)
                    surplus = line.c.id <= last.scalar_subquery()
                    connection.execute(delete(line).where(mine, surplus))

    def read(self, job_id: int) -> Sequence[LineRow]:
        """Return what was said while a job was done, the oldest first."""
        wanted = select(*(line.c[name] for name in LineRow.__dataclass_fields__))
        with reading(self.engine) as connection:
            found = connection.execute(wanted.where(line.c.job_id == job_id).order_by(line.c.id).limit(MOST))
            return [LineRow(**row) for row in found.mappings()]
