"""Debts: how many promises in comments a repository had, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select

from codemods.debts import Standing
from workers.ledger.insert import upsert
from workers.ledger.tables import debt
from workers.ledger.transactions import reading, writing

_COLUMNS = {standing: standing.value.replace(" ", "_") for standing in Standing}


@dataclass(frozen=True, slots=True)
class Debts:
    """The page of the ledger about what is promised in comments."""

    engine: Engine

    def note(self, repository_id: int, day: date, counts: Mapping[Standing, int]) -> None:
        """Write how many there are of which kind; the last word of a day holds."""
        said = {name: counts.get(standing, 0) for standing, name in _COLUMNS.items()}
        row = {"repository_id": repository_id, "day": day, **said}
        with writing(self.engine) as connection:
            connection.execute(upsert(connection, debt, [row], ["repository_id", "day"], tuple(said)))

    def of(self, repository_id: int, limit: int = 366) -> Mapping[date, Mapping[Standing, int]]:
        """Return what was written of a repository, by day, the newest first."""
        wanted = select(debt).where(debt.c.repository_id == repository_id)
        with reading(self.engine) as connection:
            rows = connection.execute(wanted.order_by(debt.c.day.desc()).limit(limit)).mappings().all()
        return {row["day"]: {standing: row[name] for standing, name in _COLUMNS.items()} for row in rows}
