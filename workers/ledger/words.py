"""Words: what people told us to do, and what came of it, each comment once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from workers.ledger.insert import insert_once
from workers.ledger.tables import word
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class WordRow:
    """What somebody told us (``command``) on issue or pull request ``number``.

    ``source`` says where it stands (``comment:12``), ``outcome`` what came of it, ``""`` while it is done.
    """

    source: str
    number: int
    command: str
    who: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """The pages of the ledger about what people told us; moments are aware."""

    engine: Engine

    def take(self, repository_id: int, row: WordRow) -> WordRow:
        """Write what somebody told us, and return it as it was written first."""
        values = {"repository_id": repository_id, **{name: getattr(row, name) for name in row.__slots__}}
        with writing(self.engine) as connection:
            connection.execute(insert_once(connection, word, ["repository_id", "source"]), values)
            mine = (word.c.repository_id == repository_id, word.c.source == row.source)
            return WordRow(**connection.execute(select(*_COLUMNS).where(*mine)).mappings().one())

    def find(self, repository_id: int, source: str) -> WordRow | None:
        """Return what stands at a source, None when nothing was heard of it."""
        mine = (word.c.repository_id == repository_id, word.c.source == source)
        with reading(self.engine) as connection:
            row = connection.execute(select(*_COLUMNS).where(*mine)).mappings().one_or_none()
        return WordRow(**row) if row is not None else None

    def end(self, repository_id: int, source: str, outcome: str) -> None:
        """Write what came of it."""
        mine = (word.c.repository_id == repository_id, word.c.source == source)
        with writing(self.engine) as connection:
            connection.execute(update(word).where(*mine).values(outcome=outcome))

    def all(self, repository_id: int, limit: int = 100) -> list[WordRow]:
        """Return what was told us in a repository, the newest first."""
        wanted = select(*_COLUMNS).where(word.c.repository_id == repository_id)
        with reading(self.engine) as connection:
            found = connection.execute(wanted.order_by(word.c.id.desc()).limit(limit)).mappings()
            return [WordRow(**row) for row in found]


_COLUMNS = (word.c.source, word.c.number, word.c.command, word.c.who, word.c.outcome, word.c.at)
