"""Answers: what GitHub said last to a question of a job, so that it can be asked whether that still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from workers.ledger.insert import upsert
from workers.ledger.tables import answer, repository
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class Answers:
    """The page of the ledger about what GitHub answered; it goes with its repository, and may be lost."""

    engine: Engine

    def recall(self, repository_id: int, key: str) -> str:
        """Return what was kept of the answers to a job, ``""`` where there is nothing."""
        mine = (answer.c.repository_id == repository_id, answer.c.key == key)
        with reading(self.engine) as connection:
            return connection.execute(select(answer.c.kept).where(*mine)).scalar_one_or_none() or ""

    def keep(self, repository_id: int, key: str, kept: str, now: datetime) -> None:
        """Keep the answers to a job, unless its repository is forgotten by now."""
        row = {"repository_id": repository_id, "key": key, "kept": kept, "at": now}
        there = select(repository.c.id).where(repository.c.id == repository_id).with_for_update(read=True)
        with writing(self.engine) as connection:
            if connection.execute(there).first() is not None:
                connection.execute(
                    upsert(connection, answer, [row], ["repository_id", "key"], ["kept", "at"])
                )
