"""The pull requests, what became of each, and which improvements are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app import pausing
from app.api.asking import Asking, Paged, Words, chosen
from app.guard import Refused
from app.pages import improvements as page
from app.pages.view import View
from workers.evaluation import acceptance, fates
from workers.evaluation.fates import Fate
from workers.evaluation.outline import Outline
from workers.evaluation.pausing import covers
from workers.ledger.pauses import PauseRow

router = APIRouter(tags=["evaluation"])


class By(StrEnum):
    """What improvements are told apart by."""

    IMPROVEMENT = "improvement"
    TEAM = "team"
    """By the improvement and the team."""


class Only(BaseModel):
    """Which pull requests are wanted: ``since`` leaves out what was opened before."""

    state: Words = ""
    repository: Words = ""
    improvement: Words = ""
    team: Words = ""
    fate: Fate | None = None
    since: datetime | None = None

    def has(self, row: Outline, now: datetime) -> bool:
        """Tell whether a pull request is wanted."""
        wanted = (self.state, self.improvement, self.team)
        plain = zip(wanted, (row.state, row.improvement, row.team), strict=True)
        return all(value in ("", has) for value, has in plain) and self.fate in (None, fates.fate(row, now))


class Proposal(BaseModel):
    """A pull request, or a branch that is none yet (``number`` is null); ``minutes`` are those of the work.

    ``cost`` are those of its review, ``edited`` says whether people changed it, null while nobody looked.
    """

    id: int
    repository: str
    number: int | None
    key: str
    improvement: str
    title: str
    url: str
    state: str
    stage: str
    fate: Fate
    team: str
    minutes: int
    cost: int
    opened: datetime
    asked: datetime | None
    reviewed: datetime | None
    closed: datetime | None
    reverted: datetime | None
    closed_by: str
    because: str
    word: str
    broke: str
    edited: bool | None
    overdraft: bool


class Pause(BaseModel):
    """A pause that lasts: for one team, in one repository, or in all of an organisation.

    ``merged`` and ``decided`` are null where they are about repositories that whoever asks may not see.
    """

    organisation: str
    team: str | None
    repository: str | None
    since: datetime
    merged: int | None
    decided: int | None


class Improvement(BaseModel):
    """How many of the ``decided`` ones were ``merged`` and stayed, and where that share (0 to 1) may lie.

    It lies between ``low`` and ``high`` with 95 % confidence, by Wilson's interval. ``pauses`` says since
    when it pauses where; ``team`` is null where all teams are counted together.
    """

    improvement: str
    team: str | None
    merged: int
    decided: int
    share: float | None
    low: float
    high: float
    pauses: Sequence[Pause]


@router.get("/proposals")
def proposals(asked: Asking, paged: Paged, only: Annotated[Only, Query()]) -> Sequence[Proposal]:
    """Return the pull requests, the newest first."""
    named = {row.id: row.full_name for row in chosen(asked, only.repository)}
    found = reversed(asked.book.outlines.read(named, _aware(only.since)))
    rows = [row for row in found if only.has(row, asked.now)]
    return [_proposal(row, named[row.repository_id], asked.now) for row in paged.of(rows)]


@router.get("/improvements")
def improvements(
    asked: Asking, paged: Paged, by: By = By.IMPROVEMENT, repository: Words = ""
) -> Sequence[Improvement]:
    """Return how often each improvement is accepted, by its name."""
    homes = {row.id: row.installation_id for row in chosen(asked, repository)}
    rows = asked.book.outlines.read(homes)
    kinds = {_kind(row, by) for row in rows}
    found = acceptance.by(rows, lambda row: _kind(row, by), asked.now)
    paused = {
        id_: pausing.of_teams(pausing.held(some, homes), rows, homes)
        for id_, some in page.paused(asked).items()
    }
    ordered = paged.of(sorted(kinds, key=lambda kind: (kind[0], kind[1] or "")))
    return [
        _improvement(
            kind,
            found.get(kind, acceptance.of(0, 0)),
            _pauses(asked, kind[1], paused.get(kind[0], ()), homes),
        )
        for kind in ordered
    ]


def _aware(moment: datetime | None) -> datetime | None:
    """Return a moment as the ledger compares it: one without an offset is in UTC."""
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise Refused(422, "No calendar has that moment: since.") from None


def _kind(row: Outline, by: By) -> tuple[str, str | None]:
    return row.improvement, row.team if by == By.TEAM else None


def _pauses(
    asked: View, team: str | None, paused: Sequence[PauseRow], homes: Mapping[int, int]
) -> Sequence[Pause]:
    """Return those that concern a team, or all, in some repositories (``homes``: their installations)."""
    seen = asked.repositories
    owners = {row.installation_id: row.owner for row in seen.values()}
    return [
        Pause(
            organisation=owners[row.installation_id],
            team=row.team or None,
            repository=seen[row.place].full_name if row.place is not None else None,
            since=row.since,
            merged=row.merged if row.decided else None,
            decided=row.decided or None,
        )
        for row in paused
        if team is None
        or any(home == row.installation_id and covers(row, team, i) for i, home in homes.items())
    ]


def _improvement(
    kind: tuple[str, str | None], found: acceptance.Acceptance, pauses: Sequence[Pause]
) -> Improvement:
    return Improvement(
        improvement=kind[0],
        team=kind[1],
        merged=found.merged,
        decided=found.decided,
        share=found.share if found.decided else None,
        low=found.low,
        high=found.high,
        pauses=pauses,
    )


def _proposal(row: Outline, repository: str, now: datetime) -> Proposal:
    return Proposal(
        id=row.id,
        repository=repository,
        number=row.number if row.number > 0 else None,
        key=row.key,
        improvement=row.improvement,
        title=row.title,
        url=row.url,
        state=row.state,
        stage=row.stage,
        fate=fates.fate(row, now),
        team=row.team,
        minutes=row.minutes,
        cost=row.cost,
        opened=row.opened_at,
        asked=row.asked_at,
        reviewed=row.reviewed_at,
        closed=row.closed_at,
        reverted=row.reverted_at,
        closed_by=row.closed_by,
        because=row.because,
        word=row.word,
        broke=row.broke,
        edited=row.edited,
        overdraft=row.overdraft,
    )
