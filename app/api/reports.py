"""What a week brought, for each organisation of which whoever asks sees anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app import reporting
from app.api.asking import Asking, Words
from app.guard import Refused
from workers.evaluation import letter, report

router = APIRouter(tags=["evaluation"])


class Told(BaseModel):
    """What an organisation reads of a week: each section has a sentence, figures and rows."""

    organisation: str
    week: str
    begin: str
    end: str
    sections: Mapping[str, Any]


class Reports(BaseModel):
    """The reports about a week, one for each organisation."""

    version: int
    reports: Sequence[Told]


@router.get("/report", response_model=Reports)
def tell(
    asked: Asking,
    organisation: Words = "",
    week: Annotated[str, Query(pattern=r"^20\d\d-W\d\d$", description="As 2026-W48.")] = "",
) -> Mapping[str, object]:
    """Return what a week brought, the last one that is over unless told otherwise."""
    seen = None if asked.visitor.is_local else asked.repositories
    owners = {row.installation_id for row in asked.repositories.values()}
    rows = [row for row in asked.book.installations() if row.id in owners]
    chosen = [row for row in rows if organisation.lower() in ("", row.account.lower())]
    if organisation and not chosen:
        raise Refused(404, "There is no such organisation here.")
    try:
        about = week or report.last(asked.now)
        told = [
            report.made(reporting.known(asked.book, row, about, asked.now, seen), about, asked.now)
            for row in chosen
        ]
    except ValueError:
        raise Refused(422, "There is no such week.") from None
    found: Mapping[str, object] = json.loads(letter.as_json(told))
    return found
