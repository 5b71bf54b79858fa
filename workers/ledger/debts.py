"""Debts: how many promises in comments a repository had, day by day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, select

from codemods.debts import Standing
from workers.ledger.chunks import among
from workers.ledger.insert import upsert
from workers.ledger.tables import debt
from workers.ledger.thinning import thin
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
            thin(connection, debt, repository_id, day)

    def of(self, repository_id: int, limit: int = 366) -> Mapping[date, Mapping[Standing, int]]:
        """Return what was written of a repository, by day, the newest first."""
        wanted = select(debt).where(debt.c.repository_id == repository_id)
        with reading(self.engine) as connection:
            rows = connection.execute(wanted.order_by(debt.c.day.desc()).limit(limit)).mappings().all()
        return {row["day"]: {standing: row[name] for standing, name in _COLUMNS.items()} for row in rows}

    def on(
        self, days: Sequence[date], repositories: Collection[int]
    ) -> Mapping[date, Mapping[Standing, int]]:
        """Return what some repositories had together on each of these days, which come in their order.

        What was written of a repository holds until the next word of it; days before the first are left out.
        """
        if not days:
            return {}
        wanted = select(debt.c.repository_id, debt.c.day, *(debt.c[name] for name in _COLUMNS.values()))
        recent = wanted.where(debt.c.day > days[0] - _OLD, debt.c.day <= days[-1]).order_by(debt.c.day)
        with reading(self.engine) as connection:
            found = among(connection, recent, debt.c.repository_id, repositories)
            rows = sorted((tuple(row.values()) for row in found), key=itemgetter(1))
        return dict(_summed(rows, days))


_OLD = timedelta(days=31)
"""For how long before the first day a word of a repository is looked for."""


def _summed(
    rows: Sequence[tuple[Any, ...]], days: Sequence[date]
) -> Iterable[tuple[date, Mapping[Standing, int]]]:
    """Yield the sums of the last rows of all repositories on each day; rows come in the order of theirs."""
    places = [row[1] for row in rows]
    last: dict[int, tuple[int, ...]] = {}
    start = 0
    for day in days:
        end = bisect_right(places, day)
        last |= {row[0]: row[2:] for row in rows[start:end]}
        start = end
        if last:
            yield day, dict(zip(_COLUMNS, map(sum, zip(*last.values(), strict=True)), strict=True))
