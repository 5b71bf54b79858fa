"""The pages as scripts read them: the same figures and tables that people see there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.asking import Asking
from app.guard import Refused
from app.pages import PAGES, view

router = APIRouter(tags=["pages"])


class Page(BaseModel):
    """A page: ``path`` is where people read it."""

    name: str
    title: str
    path: str


class Content(BaseModel):
    """What a page shows: its figures by name, and each of its tables under the table's own name."""

    model_config = {"extra": "allow"}

    version: int
    page: str
    at: str
    figures: Mapping[str, Any]


@router.get("/pages")
def pages() -> Sequence[Page]:
    """Return the pages that can be asked for by their name alone."""
    return [Page(name=one.name, title=one.title, path=one.path) for one in PAGES if "{" not in one.path]


@router.get("/pages/{page}", response_model=Content)
def page(asked: Asking, page: str) -> Mapping[str, object]:
    """Return what a page shows; its own parameters hold here, too."""
    for one in PAGES:
        if one.name == page and "{" not in one.path:
            return view.as_json(one.name, asked.now, one.show(asked))
    raise Refused(404, "There is no such page.")
