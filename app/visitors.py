"""Visitors: who looks at the pages, and what GitHub says they may see and do there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from app import guard
from workers import sealing
from workers.identity import Identity
from workers.ledger import Ledger
from workers.ledger.sessions import SessionRow
from workers.people import Consent, People, Person, UnknownError, at_least
from workers.sealing import Seal, SealError

FRESH = 300.0
"""Seconds for which GitHub's word about what somebody may do is believed; a write is checked again."""
FRESH_TO_WRITE = 30.0
_REMEMBERED = 1000
_LOCAL = "whoever runs this server"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at the pages: ``rights`` by repository, None for all; their browser keeps the ``key``."""

    login: str
    key: str = field(repr=False)
    rights: Mapping[int, str] | None = None

    @property
    def csrf(self) -> str:
        """What a form of theirs must bring along."""
        return hmac.new(self.key.encode(), b"csrf", hashlib.sha256).hexdigest()

    @property
    def is_local(self) -> bool:
        """Whether they sit at the machine, where nobody signs in."""
        return self.rights is None

    def may(self, repository_id: int | None, wanted: str = "pull") -> bool:
        """Tell whether they may do this in the repository; None stands for what is no repository's."""
        if self.rights is None:
            return True
        return repository_id is not None and at_least(self.rights.get(repository_id, ""), wanted)


@dataclass(slots=True)
class Visitors:
    """Knows visitors by their cookie; while nobody can sign in only those at this machine are any."""

    book: Ledger
    identity: Identity
    clock: Callable[[], datetime]
    _rights: OrderedDict[str, tuple[float, Mapping[int, str]]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def people(self) -> People | None:
        """GitHub as people sign in there, None where the App's client or our address is not known."""
        now = self.identity.now()
        if not (now.client_id and now.client_secret and now.public_url):
            return None
        return People(now.github_api_url, now.client_id, now.client_secret)

    @property
    def seal(self) -> Seal | None:
        """What seals their tokens, None where nobody signs in."""
        if self.people is None:
            return None
        return sealing.seal(self.identity.given)

    @property
    def address(self) -> str:
        """Our address as browsers see it, ``""`` where nobody said."""
        return self.identity.now().public_url

    @property
    def secure(self) -> bool:
        """Whether cookies are for encrypted connections alone."""
        return self.address.startswith("https://")

    @property
    def cookie(self) -> str:
        """The cookie's name; the prefix binds it to the host, and is only allowed where it is secure."""
        return "__Host-kotsu" if self.secure else "kotsu"

    def of(self, request: Request) -> Visitor | None:
        """Return who looks, None where nobody is known; `PeopleError` where GitHub does not say."""
        key = request.cookies.get(self.cookie, "")
        if self.people is None:
            return Visitor(_LOCAL, key or secrets.token_urlsafe(_BYTES)) if guard.is_local(request) else None
        row = self.book.sessions.find(_hashed(key), self.clock()) if key else None
        fresh = FRESH if request.method in ("GET", "HEAD") else FRESH_TO_WRITE
        return self._of(row, key, fresh)

    def standing(self, user_id: int) -> Visitor | None:
        """Return somebody as whom a script asks, None where they are not signed in."""
        return self._of(self.book.sessions.of(user_id, self.clock()), "", FRESH)

    def account(self, visitor: Visitor) -> int | None:
        """Return the account of whoever is signed in, None only for whoever sits at the machine."""
        if visitor.is_local:
            return None
        row = self.book.sessions.find(_hashed(visitor.key), self.clock())
        if row is None:
            raise guard.Refused(403, "You are not signed in any more: sign in, and do it again.")
        return row.user_id

    def _of(self, row: SessionRow | None, key: str, fresh: float) -> Visitor | None:
        people, seal = self.people, self.seal
        if row is None or people is None or seal is None:
            return None
        try:
            return Visitor(row.login, key, self._rights_of(people, seal, row, fresh))
        except (UnknownError, SealError):
            self.book.sessions.close(row.id)
            return None

    def _rights_of(self, people: People, seal: Seal, row: SessionRow, fresh: float) -> Mapping[int, str]:
        with self._lock:
            asked, known = self._rights.get(row.id, (float("-inf"), {}))
        if time.monotonic() - asked < fresh:
            return known
        rights = people.rights(seal.opened(row.token))
        with self._lock:
            self._rights[row.id] = (time.monotonic(), rights)
            while len(self._rights) > _REMEMBERED:
                self._rights.popitem(last=False)
        return rights

    def welcome(self, response: Response, person: Person, consent: Consent, seal: Seal) -> None:
        """Begin a session: under a new key always, whatever the browser brought along."""
        key, now = secrets.token_urlsafe(_BYTES), self.clock()
        until = now + timedelta(seconds=consent.seconds)
        row = SessionRow(_hashed(key), person.id, person.login, seal.sealed(consent.token), now, until)
        self.book.sessions.open(row)
        self.keep(response, key, consent.seconds)

    def keep(self, response: Response, key: str, seconds: int | None = None) -> None:
        """Let the browser keep a key, for so long or until it is closed."""
        guard.keep(response, self.cookie, key, seconds=seconds, secure=self.secure)

    def part(self, request: Request, response: Response) -> None:
        """End the session of this browser."""
        if key := request.cookies.get(self.cookie, ""):
            self.book.sessions.close(_hashed(key))
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")


def _hashed(key: str) -> str:
    """Return what the ledger knows a key by: whoever reads it cannot come in with that."""
    return hashlib.sha256(key.encode()).hexdigest()
