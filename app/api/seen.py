"""What scans saw: what ends when, weaknesses, how fresh dependencies are, and all that happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.api.asking import Asking, Paged, Words, chosen
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow

router = APIRouter()
Row = HorizonRow | ExposureRow | FreshnessRow
Told = TypeVar("Told", bound=BaseModel)
_MOST_DAYS = 36_500
_LARGEST = 2**63 - 1
_QUARTER = 90


class End(BaseModel):
    """Something that ``ends`` on a day, or has ended; ``key`` is the proposal that would help, if any."""

    repository: str
    kind: str
    subject: str
    ends: date
    path: str
    key: str


class Exposure(BaseModel):
    """A release with a published weakness that a repository takes, or took until it was ``gone``."""

    repository: str
    advisory: str
    package: str
    severity: str
    published: date | None
    since: datetime
    gone: datetime | None
    key: str


class Freshness(BaseModel):
    """How far a repository's dependencies were behind on a day.

    ``days`` is the sum of the days between what they take and the newest releases, of the ``known`` ones.
    """

    repository: str
    day: date
    dependencies: int
    known: int
    days: int
    majors: int
    minors: int
    patches: int


class Event(BaseModel):
    """One change of a pull request: ``changed`` has the new values of what changed."""

    id: int
    repository: str
    number: int | None
    key: str
    kind: str
    at: datetime
    changed: Mapping[str, Any]


def _named(model: type[Told], row: Row, named: Mapping[int, str]) -> Told:
    """Return what the ledger has of a repository under the name of the repository."""
    return model.model_validate({**asdict(row), "repository": named[row.repository_id]})


@router.get("/runway", tags=["risks"])
def runway(
    asked: Asking,
    paged: Paged,
    repository: Words = "",
    kind: Words = "",
    within: Annotated[int | None, Query(ge=0, le=_MOST_DAYS, description="Days from today.")] = None,
) -> Sequence[End]:
    """Return what ends, what ends first first."""
    named = {row.id: row.full_name for row in chosen(asked, repository)}
    last = asked.now.date() + timedelta(days=within) if within is not None else date.max
    rows = [row for row in asked.book.horizons.read(named, last) if kind in ("", row.kind)]
    return [_named(End, row, named) for row in paged.of(rows)]


@router.get("/exposures", tags=["risks"])
def exposures(
    asked: Asking,
    paged: Paged,
    repository: Words = "",
    is_open: Annotated[bool | None, Query(alias="open", description="Only those that are there.")] = None,
) -> Sequence[Exposure]:
    """Return the weaknesses, the oldest first."""
    named = {row.id: row.full_name for row in chosen(asked, repository)}
    rows = asked.book.exposures.read(named, is_open=is_open)
    return [_named(Exposure, row, named) for row in paged.of(rows)]


@router.get("/freshness", tags=["risks"])
def freshness(
    asked: Asking, paged: Paged, repository: Words = "", since: date | None = None
) -> Sequence[Freshness]:
    """Return how fresh repositories were, by day, since 90 days ago unless told otherwise."""
    named = {row.id: row.full_name for row in chosen(asked, repository)}
    first = since or asked.now.date() - timedelta(days=_QUARTER)
    rows = asked.book.freshness.read(named, first)
    return [_named(Freshness, row, named) for row in paged.of(rows)]


@router.get("/events", tags=["activity"])
def events(
    asked: Asking,
    paged: Paged,
    after: Annotated[int, Query(ge=0, le=_LARGEST, description="The id of the last one that is known.")] = 0,
    repository: Words = "",
) -> Sequence[Event]:
    """Return what happened to pull requests behind an event, the oldest first.

    The link ``next`` leads on; where there is none, ask again with the last id when something may have
    happened: what is replayed in this order gives the pull requests as they are. There are no pages.
    """
    named = {row.id: row.full_name for row in chosen(asked, repository)}
    rows = asked.book.history.behind(after, named, paged.per_page)
    if len(rows) == paged.per_page:
        paged.link({"next": {"after": str(rows[-1].id)}})
    return [
        Event(
            id=row.id,
            repository=named[row.repository_id],
            number=row.number if row.number > 0 else None,
            key=row.key,
            kind=row.kind,
            at=row.at,
            changed=row.changed,
        )
        for row in rows
    ]
