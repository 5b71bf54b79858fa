"""Asking: who asks, for which repository, and for which page of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request, Response, Security
from fastapi.security import HTTPBearer

from app.guard import Refused
from app.pages.view import View
from workers.ledger import RepositoryRow

Item = TypeVar("Item")
_bearer = HTTPBearer(
    scheme_name="token", description="KOTSU_API_TOKEN, or a token of `/tokens`.", auto_error=False
)
_MOST = 100
_LAST = 1_000_000
_LONGEST = 300


def view(request: Request, _: Annotated[object, Security(_bearer)] = None) -> View:
    """Return what whoever asks gets to see; who brings no token learns nothing."""
    state = request.app.state
    visitor = state.access.of(request)
    if visitor is None:
        raise Refused(401, "A token is needed: Authorization: Bearer …")
    return View(state.book, visitor, state.clock(), dict(request.query_params))


Asking = Annotated[View, Depends(view)]
Name = Annotated[str, Path(max_length=_LONGEST)]


def repository(asked: Asking, owner: Name, name: Name) -> RepositoryRow:
    """Return the repository of the path, which must be one that they may see."""
    return replace(asked, path={"owner": owner, "name": name}).repository


Named = Annotated[RepositoryRow, Depends(repository)]
Words = Annotated[str, Query(max_length=_LONGEST)]


def chosen(asked: View, full_name: str) -> Sequence[RepositoryRow]:
    """Return the repositories that a filter names: all that they may see where it names none."""
    seen = asked.repositories.values()
    found = [row for row in seen if full_name.lower() in ("", row.full_name.lower())]
    if full_name and not found:
        raise Refused(404, "There is no such repository here.")
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is wanted; the answer links to the others, as RFC 8288 has it."""

    request: Request
    response: Response
    page: int
    per_page: int

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return the part of a list."""
        last = max((len(items) + self.per_page - 1) // self.per_page, 1)
        to = {"first": 1, "prev": self.page - 1, "next": self.page + 1, "last": last}
        if self.page == 1:
            to = {name: to[name] for name in ("next", "last")}
        if self.page >= last:
            to = {name: number for name, number in to.items() if name not in ("next", "last")}
        self.link({name: {"page": str(number)} for name, number in to.items()})
        return items[(self.page - 1) * self.per_page : self.page * self.per_page]

    def link(self, to: dict[str, dict[str, str]]) -> None:
        """Link to other parts by the parameters that are others there."""
        asked = dict(self.request.query_params)
        path = self.request.url.path
        links = [f'<{path}?{urlencode({**asked, **there})}>; rel="{name}"' for name, there in to.items()]
        if links:
            self.response.headers["Link"] = ", ".join(links)


def part(
    request: Request,
    response: Response,
    page: Annotated[int, Query(ge=1, le=_LAST)] = 1,
    per_page: Annotated[int, Query(ge=1, le=_MOST)] = 30,
) -> Part:
    """Return which part of a list is wanted."""
    return Part(request, response, page, per_page)


Paged = Annotated[Part, Depends(part)]
