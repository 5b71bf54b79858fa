"""Freshness: how far behind their newest releases the dependencies of each repository were, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Engine, and_, case, func, select

from workers.ledger.insert import merge
from workers.ledger.tables import freshness
from workers.ledger.thinning import thin
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
        """Write how fresh repositories are, in the order of days; the last word of a day holds."""
        values = [asdict(row) for row in rows]
        said = ("dependencies", "known", "days", "majors", "minors", "patches")
        with writing(self.engine) as connection:
            connection.execute(merge(connection, freshness, ["repository_id", "day"], said), values)
            for place, day in {row.repository_id: row.day for row in rows}.items():
                thin(connection, freshness, place, day)

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

    def last(self, ends: Sequence[date], repository_id: int | None = None) -> Sequence[FreshnessRow]:
        """Return the last row of one repository or each in each span that ends on one of some days, by day.

        The days come in their order; the first span has all that was before. A page that shows weeks needs a
        seventh of all rows.
        """
        if not ends:
            return []
        place, day = freshness.c.repository_id, freshness.c.day
        span = case(*((day <= end, number) for number, end in enumerate(ends)))
        newest = select(place, func.max(day).label("day")).where(day <= ends[-1]).group_by(place, span)
        if repository_id is not None:
            newest = newest.where(place == repository_id)
        latest = newest.subquery()
        is_latest = and_(place == latest.c.repository_id, day == latest.c.day)
        wanted = select(*(freshness.c[name] for name in FreshnessRow.__dataclass_fields__))
        ordered = wanted.join(latest, is_latest).order_by(day, place)
        with reading(self.engine) as connection:
            return [FreshnessRow(**row) for row in connection.execute(ordered).mappings()]
