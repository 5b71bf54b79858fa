"""Promises: what comments say that must be done some day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Engine, delete, insert, select

from workers.ledger.chunks import among
from workers.ledger.tables import promise
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A comment that promises something: where it stands (``path`` and line ``number``), what it ``said``.

    ``standing`` is a `codemods.debts.Standing`, ``owner`` who is named there, or owns the file, or wrote the
    line, ``""`` for nobody; it was ``written`` on a day, and is ``due`` on another, None where nobody knows.
    """

    repository_id: int
    path: str
    number: int
    said: str
    standing: str
    owner: str = ""
    written: date | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Promises:
    """The page of the ledger about what is promised in comments, one by one."""

    engine: Engine

    def replace(self, repository_id: int, rows: Sequence[PromiseRow]) -> None:
        """Forget what the last scan saw in a repository, and remember what this one did."""
        with writing(self.engine) as connection:
            connection.execute(delete(promise).where(promise.c.repository_id == repository_id))
            if rows:
                connection.execute(insert(promise), [asdict(row) for row in rows])

    def read(self, repositories: Collection[int] | None = None) -> Sequence[PromiseRow]:
        """Return what is known of some repositories or all, what is due first first."""
        wanted = select(*(promise.c[name] for name in PromiseRow.__dataclass_fields__))
        ordered = wanted.order_by(promise.c.due.is_(None), promise.c.due, promise.c.id)
        with reading(self.engine) as connection:
            found = among(connection, ordered, promise.c.repository_id, repositories)
            return sorted((PromiseRow(**row) for row in found), key=lambda row: row.due or date.max)
