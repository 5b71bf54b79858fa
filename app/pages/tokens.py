"""The tokens of scripts: made, shown once, listed and revoked by whoever they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.guard import Refused, numbered
from app.visitors import Visitor, Visitors

PATH = "/tokens"
LASTS = (7, 30, access.DAYS, 365)
"""The days that a token may be made for."""
_MOST = 20
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Tokens:
    """The page of tokens; ``write`` writes a template for a visitor."""

    visitors: Visitors
    write: Callable[..., Response]

    def show(self, visitor: Visitor, _request: Request) -> Response:
        """Show the tokens of whoever looks, and none of anybody else."""
        return self._page(visitor, self.visitors.account(visitor))

    def make(self, visitor: Visitor, _request: Request, form: Mapping[str, str]) -> Response:
        """Make a token and show it, this once."""
        account = self.visitors.account(visitor)
        book, now = self.visitors.book, self.visitors.clock()
        name, days = form.get("name", "").strip(), form.get("days", "")
        if not name or len(name) > _LONGEST or not name.isprintable():
            raise Refused(400, f"A token needs a name of at most {_LONGEST} characters.")
        if days not in map(str, LASTS):
            raise Refused(400, "A token holds for a number of days that the page offers.")
        if len(book.tokens.read(account, now)) >= _MOST:
            raise Refused(409, f"You have {_MOST} tokens: revoke those that nobody needs.")
        made = access.make(book, now, name=name, who=visitor.login, user_id=account, days=int(days))
        book.audit.note(visitor.login, "token", now, target=name)
        return self._page(visitor, account, made)

    def revoke(self, visitor: Visitor, request: Request, _form: Mapping[str, str]) -> Response:
        """Revoke a token of whoever asks for it."""
        id_ = numbered(request.path_params["id"])
        if not self.visitors.book.tokens.revoke(id_, self.visitors.account(visitor)):
            raise Refused(404, "There is nothing here.")
        self.visitors.book.audit.note(visitor.login, "token-revoked", self.visitors.clock(), target=str(id_))
        return RedirectResponse(PATH, 303)

    def _page(self, visitor: Visitor, account: int | None, made: str = "") -> Response:
        rows = self.visitors.book.tokens.read(account, self.visitors.clock())
        return self.write("tokens.html", visitor, rows=rows, made=made, lasts=LASTS, usual=access.DAYS)
