"""Horizons: what ends in which repository, and on which day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from operator import attrgetter

from sqlalchemy import Engine, delete, insert, select

from workers.ledger.chunks import among
from workers.ledger.tables import horizon
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class HorizonRow:
    """Something of a repository that ``ends`` on a day, or has ended.

    ``kind`` is ``python``, ``package``, ``image`` or ``action``, ``subject`` what it is in words
    (``Python 3.9``), ``path`` where it stands, and ``key`` the proposal that would end it, ``""`` where there
    is none.
    """

    repository_id: int
    kind: str
    subject: str
    ends: date
    path: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Horizons:
    """The page of the ledger about what ends when."""

    engine: Engine

    def replace(self, repository_id: int, rows: Sequence[HorizonRow]) -> None:
        """Forget what the last scan saw in a repository, and remember what this one did."""
        with writing(self.engine) as connection:
            connection.execute(delete(horizon).where(horizon.c.repository_id == repository_id))
            if rows:
                connection.execute(insert(horizon), [asdict(row) for row in rows])

    def read(
        self, repositories: Collection[int] | None = None, until: date = date.max
    ) -> Sequence[HorizonRow]:
        """Return what ends in some repositories or all until a day, what ends first first."""
        wanted = select(*(horizon.c[name] for name in HorizonRow.__dataclass_fields__))
        ordered = wanted.where(horizon.c.ends <= until).order_by(horizon.c.ends, horizon.c.id)
        with reading(self.engine) as connection:
            found = among(connection, ordered, horizon.c.repository_id, repositories)
            return sorted((HorizonRow(**row) for row in found), key=attrgetter("ends"))
