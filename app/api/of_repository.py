"""What scripts may ask of one repository: what is open, withheld and promised, and what its CI costs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.api.asking import Asking, Named
from workers import machine_time, whynot

router = APIRouter(tags=["repositories"])
_OPEN = "open"
_LONGEST = 500


class Open(BaseModel):
    """An open pull request, and what it waits for; ``number`` is null while there is only a branch."""

    key: str
    improvement: str
    title: str
    number: int | None
    url: str
    stage: str
    waits: str


class Withheld(BaseModel):
    """What is not proposed now, with the one reason."""

    key: str
    improvement: str
    title: str
    reason: str
    sentence: str


class Plan(BaseModel):
    """What is open and what is withheld, as of the scan of a ``commit``."""

    version: int
    repository: str
    open: Sequence[Open]
    withheld: Sequence[Withheld]
    commit: str | None
    scanned: str | None


class Debt(BaseModel):
    """Promises in comments by their standing, day by day."""

    version: int
    repository: str
    days: Sequence[Mapping[str, str | int]]


class Minutes(BaseModel):
    """What workflows take in a month, and what open pull requests would save; more where it is known."""

    model_config = {"extra": "allow"}

    version: int
    repository: str
    workflows: Sequence[Mapping[str, Any]]
    saving: Sequence[Mapping[str, Any]]


@router.get("/repositories/{owner}/{name}/plan", response_model=Plan)
def plan(
    asked: Asking, known: Named, about: Annotated[str, Query(max_length=_LONGEST)] = ""
) -> Mapping[str, object]:
    """Return what is open and what is withheld and why: all of it, or what is ``about`` a name."""
    proposed, kept = asked.book.proposals(known.id, _OPEN), asked.book.withheld(known.id)
    if about:
        proposed = list(whynot.proposed_about(proposed, about))
        kept = list(whynot.kept_about(kept, about))
    done = next((scan for scan in asked.book.scans(known.id) if scan.finished), None)
    seen = {
        "commit": done.head_sha if done else None,
        "scanned": done.finished.isoformat() if done and done.finished else None,
    }
    return {**whynot.as_json(known.full_name, proposed, kept), **seen}


@router.get("/repositories/{owner}/{name}/debt", response_model=Debt)
def debt(asked: Asking, known: Named) -> Mapping[str, object]:
    """Return how many promises there were of which standing, day by day."""
    days = [
        {"day": day.isoformat(), **{standing.replace(" ", "-"): n for standing, n in counted.items()}}
        for day, counted in asked.book.debts.of(known.id).items()
    ]
    return {"version": 1, "repository": known.full_name, "days": days}


@router.get(
    "/repositories/{owner}/{name}/minutes",
    response_model=Minutes,
    responses={202: {"model": Minutes, "description": "Nothing is known yet: the next scan learns it."}},
)
def minutes(asked: Asking, known: Named, response: Response) -> Mapping[str, object]:
    """Return what is known; that somebody asked lets the next looks at the repository learn it."""
    now, key, parts = asked.now, machine_time.key(known.id), machine_time.parts(known.id)
    told = asked.book.recall([key, parts], now)
    asked.book.remember({machine_time.wish(known.id): ""}, now)
    shape = {"version": 1, "repository": known.full_name}
    if key not in told:
        response.status_code = 202
        return {**shape, "week": None, "workflows": [], "saving": []}
    spent, counted = json.loads(told[key]), json.loads(told.get(parts, "{}"))
    saving = [
        {"key": row.key, "number": row.number, **machine_time.saved(spent["workflows"], counted[row.key])}
        for row in asked.book.proposals(known.id, _OPEN)
        if row.key in counted
    ]
    return {**shape, **spent, "saving": saving}
