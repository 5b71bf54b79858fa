"""Freshness: how far behind their newest releases the dependencies of each repository were, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Engine, and_, case, func, select

from workers.ledger.insert import merge
from workers.ledger.tables import freshness
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class FreshnessRow:
    """One repository on one day.

    Of its ``dependencies`` so many are ``known`` to the index; ``days`` is the sum of the days between the
    releases that it takes and the newest ones, ``majors``, ``minors`` and ``patches`` count those that are
    behind by such a step and no greater one.
    """

    repository_id: int
    day: date
    dependencies: int
    known: int
    days: int
    majors: int
    minors: int
    patches: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """The page of the ledger about how fresh repositories are."""

    engine: Engine

    def note(self, *rows: FreshnessRow) -> None:
        """Write how fresh repositories are; the last word of a day holds."""
        values = [asdict(row) for row in rows]
        said = ("dependencies", "known", "days", "majors", "minors", "patches")
        with writing(self.engine) as connection:
            connection.execute(merge(connection, freshness, ["repository_id", "day"], said), values)

    def read(self, repository_id: int | None = None, since: date | None = None) -> Sequence[FreshnessRow]:
        """Return what was written of one repository or all, by day, the oldest first."""
        wanted = select(*(freshness.c[name] for name in FreshnessRow.__dataclass_fields__))
        if repository_id is not None:
            wanted = wanted.where(freshness.c.repository_id == repository_id)
        if since is not None:
            wanted = wanted.where(freshness.c.day >= since)
        with reading(self.engine) as connection:
            found = connection.execute(wanted.order_by(freshness.c.day, freshness.c.repository_id)).mappings()
            return [FreshnessRow(**row) for row in found]

    def thinned(self, days: Sequence[date]) -> Sequence[FreshnessRow]:
        """Return the rows that say how fresh all are by these days, which come in their order; by day.

        Of each repository the last one up to each day, if it was written after the day before in the list.
        """
        place = case(*((freshness.c.day <= day, number) for number, day in enumerate(days)))
        last = select(freshness.c.repository_id, func.max(freshness.c.day).label("day"))
        last = last.where(freshness.c.day <= days[-1]).group_by(freshness.c.repository_id, place)
        found = last.subquery()
        same = (freshness.c.repository_id == found.c.repository_id, freshness.c.day == found.c.day)
        wanted = select(*(freshness.c[name] for name in FreshnessRow.__dataclass_fields__))
        ordered = wanted.join(found, and_(*same)).order_by(freshness.c.day, freshness.c.repository_id)
        with reading(self.engine) as connection:
            return [FreshnessRow(*row) for row in connection.execute(ordered)]
