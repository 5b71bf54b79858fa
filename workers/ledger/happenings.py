"""Happenings: all that was done to repositories, by us and by people, in one order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, Table, and_, null, select

from workers.ledger.rows import ScanRow
from workers.ledger.tables import audit, event, proposal, scan, word
from workers.ledger.transactions import reading


class Source(StrEnum):
    """Where something is written down; of one moment, the first comes last."""

    PULL = "pull request"
    LOOK = "look"
    WORD = "word"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: ``what`` in a few words, ``about`` which key, target or command.

    ``number`` is that of a pull request or issue, ``who`` a login, ``job_id`` the job of a look; each is None
    where there is none.
    """

    at: datetime
    source: Source
    id: int
    repository_id: int | None
    what: str
    about: str
    number: int | None
    who: str | None
    job_id: int | None


Place = tuple[datetime, Source, int]
"""Where somebody has read up to: the moment, source and id of the last that they saw."""


@dataclass(frozen=True, slots=True)
class Happenings:
    """The page of the ledger about all that happened; moments are aware."""

    engine: Engine

    def read(
        self,
        repositories: Collection[int] | None,
        *,
        who: str = "",
        sources: Collection[Source] = tuple(Source),
        before: Place | None = None,
        limit: int = 100,
    ) -> Sequence[Happening]:
        """Return what happened in these repositories, None: everywhere; the newest first.

        What ``who`` did counts wherever it was done, as what was done to no repository does for None.
        """
        found: list[Happening] = []
        with reading(self.engine) as connection:
            for source in sources:
                table, moment, columns = _SOURCES[source]
                wanted: Select[Any] = select(table.c.id, moment, table.c.repository_id, *columns)
                wanted = _before(wanted, moment, source, table, before)
                wanted = wanted.order_by(moment.desc(), table.c.id.desc())
                if repositories is not None and len(repositories) > _FEW:
                    ids = frozenset(repositories)
                    with connection.execute(wanted.execution_options(yield_per=_AT_ONCE)) as rows:
                        seen = (one for one in _told(source, rows) if _is_seen(one, ids, who))
                        found += islice(seen, limit)
                    continue
                if repositories is not None:
                    wanted = wanted.where(_seen(table, source, repositories, who))
                found += _told(source, connection.execute(wanted.limit(limit)))
        found.sort(key=lambda one: (one.at, _RANKS[one.source], one.id), reverse=True)
        return found[:limit]

    def pages(self, rows: Iterable[Happening]) -> Mapping[tuple[int, int], str]:
        """Return the address of each pull request of ours that these are about, by repository and number."""
        about = {(row.repository_id, row.number) for row in rows if row.repository_id and row.number}
        wanted = select(proposal.c.repository_id, proposal.c.number, proposal.c.url).where(
            proposal.c.repository_id.in_({repository for repository, _ in about}),
            proposal.c.number.in_({number for _, number in about}),
            proposal.c.number > 0,
        )
        with reading(self.engine) as connection:
            return {(row.repository_id, row.number): row.url for row in connection.execute(wanted)}

    def scans(self, job_id: int) -> Sequence[ScanRow]:
        """Return the looks that a job took, the oldest first: it may have run more than once."""
        wanted = select(scan).where(scan.c.job_id == job_id).order_by(scan.c.id)
        with reading(self.engine) as connection:
            return [ScanRow(**row) for row in connection.execute(wanted).mappings()]


_FEW = 500
"""Repositories of which all is looked up and sorted; of more, enough is in what happened last anywhere."""
_AT_ONCE = 1000
_RANKS = {source: rank for rank, source in enumerate(Source)}


def _before(
    wanted: Select[Any],
    moment: ColumnElement[datetime],
    source: Source,
    table: Table,
    before: Place | None,
) -> Select[Any]:
    if before is None:
        return wanted
    at, last, id_ = before
    if _RANKS[source] < _RANKS[last]:
        return wanted.where(moment <= at)
    if source is not last:
        return wanted.where(moment < at)
    return wanted.where((moment < at) | and_(moment == at, table.c.id < id_))


def _seen(table: Table, source: Source, repositories: Collection[int], who: str) -> ColumnElement[bool]:
    mine = table.c.repository_id.in_(sorted(repositories))
    return mine | (table.c.who == who) if source is Source.PERSON and who else mine


def _is_seen(one: Happening, repositories: Collection[int], who: str) -> bool:
    """Tell the same as `_seen` where there are too many repositories to ask the database."""
    return one.repository_id in repositories or (one.source is Source.PERSON and bool(who) and one.who == who)


def _told(source: Source, rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[Happening]:
    for row in rows:
        yield Happening(row[1], source, row[0], *row[2:])


_NONE: ColumnElement[Any] = null()
_SOURCES: dict[Source, tuple[Table, ColumnElement[datetime], Sequence[ColumnElement[Any]]]] = {
    Source.PULL: (event, event.c.at, [event.c.kind, event.c.key, event.c.number, _NONE, _NONE]),
    Source.LOOK: (scan, scan.c.started, [scan.c.outcome, scan.c.head_sha, _NONE, _NONE, scan.c.job_id]),
    Source.WORD: (word, word.c.at, [word.c.command, word.c.outcome, word.c.number, word.c.who, _NONE]),
    Source.PERSON: (audit, audit.c.at, [audit.c.action, audit.c.target, _NONE, audit.c.who, _NONE]),
}
"""Each source's table, when it happened, and the columns of a `Happening` behind ``repository_id``."""
