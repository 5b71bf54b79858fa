"""Freshness: how far behind their newest releases the dependencies of each repository were, day by day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from operator import attrgetter

from sqlalchemy import Engine, and_, func, select

from workers.ledger.chunks import among
from workers.ledger.insert import merge
from workers.ledger.tables import freshness, repository
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

    def read(
        self, repositories: Collection[int] | None = None, since: date | None = None
    ) -> Sequence[FreshnessRow]:
        """Return what was written of some repositories or all, by day, the oldest first."""
        wanted = select(*(freshness.c[name] for name in FreshnessRow.__dataclass_fields__))
        if since is not None:
            wanted = wanted.where(freshness.c.day >= since)
        with reading(self.engine) as connection:
            found = among(connection, wanted, freshness.c.repository_id, repositories)
            return sorted((FreshnessRow(**row) for row in found), key=_BY_DAY)

    def last(
        self, ends: Sequence[date], repositories: Collection[int] | None = None
    ) -> Sequence[FreshnessRow]:
        """Return the last row of some repositories or all in each span that ends on one of some days, by day.

        The days come in their order; the first span has all that was before. A page that shows weeks needs a
        seventh of all rows.
        """
        columns = [freshness.c[name] for name in FreshnessRow.__dataclass_fields__]
        found: list[FreshnessRow] = []
        with reading(self.engine) as connection:
            for after, end in zip((date.min, *ends), ends, strict=False):
                one = freshness.alias()
                # It is looked for in each: to group all days of a year reads every one of them.
                mine = (one.c.repository_id == repository.c.id, one.c.day > after, one.c.day <= end)
                newest = select(func.max(one.c.day)).where(*mine).correlate(repository).scalar_subquery()
                is_it = and_(freshness.c.repository_id == repository.c.id, freshness.c.day == newest)
                wanted = select(*columns).select_from(repository.join(freshness, is_it))
                rows = among(connection, wanted, repository.c.id, repositories)
                found += (FreshnessRow(**row) for row in rows)
        return sorted(found, key=_BY_DAY)


_BY_DAY = attrgetter("day", "repository_id")
