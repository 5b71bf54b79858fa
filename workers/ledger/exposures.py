"""Exposures: since when a repository takes a release with a published weakness, and until when it did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy import Engine, delete, insert, select, update

from workers.ledger.chunks import among, chunks
from workers.ledger.tables import exposure
from workers.ledger.thinning import SEEN
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """A weakness that was ``published`` on a day and that we saw in a repository ``since`` a moment.

    It is ``gone`` since another, None as long as it is there; ``key`` is the proposal that would end it, and
    ``severity`` one of `codemods.weaknesses.SEVERITIES`.
    """

    repository_id: int
    advisory: str
    package: str
    severity: str
    key: str
    published: date | None
    since: datetime
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exposures:
    """The page of the ledger about weaknesses; moments are aware."""

    engine: Engine

    def note(self, repository_id: int, seen: Collection[ExposureRow], now: datetime) -> None:
        """Write which weaknesses a repository has now: what is new begins, and what is not there ends.

        Of what goes on the moment of its begin stays, and what is known of it by now is written. What ended
        two years ago is forgotten.
        """
        place = exposure.c.repository_id == repository_id
        mine = (place, exposure.c.gone.is_(None))
        with writing(self.engine) as connection:
            connection.execute(delete(exposure).where(place, exposure.c.gone < now - SEEN))
            known = connection.execute(select(exposure).where(*mine).with_for_update()).mappings().all()
            there = {(row["advisory"], row["package"]): row for row in known}
            named = {(row.advisory, row.package): row for row in seen}
            for ended in chunks(row["id"] for name, row in there.items() if name not in named):
                connection.execute(update(exposure).where(exposure.c.id.in_(ended)).values(gone=now))
            for name, row in there.items():
                said = {n: getattr(named.get(name), n, row[n]) for n in ("severity", "key", "published")}
                if said != {n: row[n] for n in said}:
                    connection.execute(update(exposure).where(exposure.c.id == row["id"]).values(said))
            fresh = [row for name, row in named.items() if name not in there]
            if fresh:
                new = [asdict(replace(row, repository_id=repository_id)) for row in fresh]
                connection.execute(insert(exposure), new)

    def read(
        self, repositories: Collection[int] | None = None, *, is_open: bool | None = None
    ) -> Sequence[ExposureRow]:
        """Return those of some repositories or all, the oldest first; those that are there (or gone) only."""
        wanted = select(*(exposure.c[name] for name in ExposureRow.__dataclass_fields__))
        if is_open is not None:
            wanted = wanted.where(exposure.c.gone.is_(None) if is_open else exposure.c.gone.is_not(None))
        with reading(self.engine) as connection:
            ordered = wanted.order_by(exposure.c.since, exposure.c.id)
            found = among(connection, ordered, exposure.c.repository_id, repositories)
            return sorted((ExposureRow(**row) for row in found), key=attrgetter("since"))
