"""Which repositories there are, and when each was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.asking import Asking, Named, Paged, Words
from workers.ledger import RepositoryRow
from workers.ledger.pauses import PauseRow

router = APIRouter(tags=["repositories"])
_OPEN = "open"
_SCANS = 1000


class Rest(BaseModel):
    """That a person paused a repository: who, and since when."""

    who: str
    since: datetime


class Repository(BaseModel):
    """A repository: ``reason`` says why it is not worked on, ``due`` when it is looked at by itself.

    ``paused`` is null where nobody paused it.
    """

    id: int
    repository: str
    default_branch: str
    state: str
    reason: str
    due: datetime | None
    open: int
    paused: Rest | None


class Scan(BaseModel):
    """One look at a repository; ``outcome`` is empty while it runs."""

    id: int
    commit: str
    started: datetime
    finished: datetime | None
    outcome: str
    counts: Mapping[str, int]
    job: int | None


@router.get("/repositories")
def repositories(asked: Asking, paged: Paged, state: Words = "") -> Sequence[Repository]:
    """Return the repositories by name."""
    counted = Counter(row.repository_id for row in asked.book.proposals(None, _OPEN))
    rows = [row for row in asked.repositories.values() if state in ("", row.state)]
    return [_shown(row, counted[row.id], asked.paused.get(row.id)) for row in paged.of(rows)]


@router.get("/repositories/{owner}/{name}")
def repository(asked: Asking, known: Named) -> Repository:
    """Return one repository."""
    return _shown(known, len(asked.book.proposals(known.id, _OPEN)), asked.paused.get(known.id))


@router.get("/repositories/{owner}/{name}/scans", tags=["activity"])
def scans(asked: Asking, known: Named, paged: Paged) -> Sequence[Scan]:
    """Return the looks at a repository, the newest first."""
    rows = asked.book.scans(known.id, _SCANS)
    return [
        Scan(
            id=row.id,
            commit=row.head_sha,
            started=row.started,
            finished=row.finished,
            outcome=row.outcome,
            counts=row.counts,
            job=row.job_id,
        )
        for row in paged.of(rows)
    ]


def _shown(row: RepositoryRow, opened: int, pause: PauseRow | None) -> Repository:
    return Repository(
        id=row.id,
        repository=row.full_name,
        default_branch=row.default_branch,
        state=row.state,
        reason=row.reason,
        due=row.due,
        open=opened,
        paused=Rest(who=pause.begun_by, since=pause.since) if pause else None,
    )
