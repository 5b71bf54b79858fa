"""Access of scripts: whose token a request brings, and so what it may see."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request

from app.visitors import Visitor, Visitors
from workers.ledger import Ledger

DAYS = 90
"""How long a token holds unless told otherwise."""
_BEARER = "bearer"
_PREFIX = "kotsu_"
_BYTES = 32
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Access:
    """Knows scripts by their token; ``given`` is the one of the environment, ``""`` where there is none.

    Whoever runs the server made that one and those without a person: they see everything. A person's sees
    what GitHub says that its maker may see, and nothing while they are not signed in: nobody else could say.
    """

    given: str = field(repr=False)
    book: Ledger
    visitors: Visitors

    def of(self, request: Request) -> Visitor | None:
        """Return for whom a script asks, None where its token is none; `PeopleError` as GitHub has it."""
        value = _brought(request)
        if not value:
            return None
        if self._is_given(value):
            return Visitor("KOTSU_API_TOKEN", "")
        row = self.book.tokens.find(hashed(value), self.visitors.clock())
        if row is None:
            return None
        return Visitor(row.name, "") if row.user_id is None else self.visitors.standing(row.user_id)

    def sees_all(self, request: Request) -> bool:
        """Tell whether a request brings a token of whoever runs the server; GitHub is never asked."""
        value = _brought(request)
        if not value or self._is_given(value):
            return bool(value)
        row = self.book.tokens.find(hashed(value), self.visitors.clock())
        return row is not None and row.user_id is None

    def _is_given(self, value: str) -> bool:
        given = self.given.encode()
        return bool(given) and hmac.compare_digest(value.encode("utf-8", "replace"), given)


def make(  # noqa: PLR0913 -- what a token is, each by its name
    book: Ledger, now: datetime, *, name: str, who: str, user_id: int | None, days: int = DAYS
) -> str:
    """Make a token and return it: it is known to nobody after that."""
    value = _PREFIX + secrets.token_urlsafe(_BYTES)
    until = now + timedelta(days=days)
    book.tokens.add(hashed(value), now, name=name, who=who, user_id=user_id, until=until)
    return value


def hashed(value: str) -> str:
    """Return what the ledger knows a token by; of as many random bits nobody finds another one."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def _brought(request: Request) -> str:
    """Return the token that a request brings, ``""`` where it brings none, several, or too long a one."""
    given = request.headers.getlist("authorization")
    scheme, _, value = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return value.strip() if scheme.lower() == _BEARER and len(value) <= _LONGEST else ""
