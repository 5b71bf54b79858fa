"""Freshness: how far behind their newest releases the dependencies of each repository were, day by day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import Engine, Select, and_, func, select, union_all

from workers.ledger.chunks import among, chunks
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
        if not ends:
            return []
        found: list[FreshnessRow] = []
        with reading(self.engine) as connection:
            for ids in [None] if repositories is None else chunks(sorted(repositories)):
                spans = zip((date.min, *ends), ends, strict=False)
                each = union_all(*(_newest(after, end, ids) for after, end in spans))
                found += (FreshnessRow(**row) for row in connection.execute(each).mappings())
        return sorted(found, key=_BY_DAY)


def _newest(after: date, end: date, ids: Collection[int] | None) -> Select[Any]:
    """Return how to find the newest row of each repository behind one day and up to another."""
    one = freshness.alias()
    # It is looked for in each: to group all days of a year reads every one of them.
    mine = (one.c.repository_id == repository.c.id, one.c.day > after, one.c.day <= end)
    newest = select(func.max(one.c.day)).where(*mine).correlate(repository).scalar_subquery()
    is_it = and_(freshness.c.repository_id == repository.c.id, freshness.c.day == newest)
    columns = [freshness.c[name] for name in FreshnessRow.__dataclass_fields__]
    wanted = select(*columns).select_from(repository.join(freshness, is_it))
    return wanted if ids is None else wanted.where(repository.c.id.in_(ids))


_BY_DAY = attrgetter("day", "repository_id")
