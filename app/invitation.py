"""The one-time address of the set-up: made at the machine, and good for the first who opens it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workers.ledger import Ledger

GOOD = timedelta(minutes=30)
"""How long an address may be opened."""
_OPENED = timedelta(hours=2)
"""How long the browser that opened it may go on; GitHub's own part may take an hour."""
_MARK = "setup"
_BYTES = 32
_ADDRESS, _BROWSER, _DONE = "address", "browser", "done"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A set-up that was begun: ``again`` may replace an App that is there, ``organization`` is proposed."""

    stage: str
    digest: str
    again: bool = False
    organization: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the App was made with it."""
        return self.stage == _DONE

    def text(self) -> str:
        """Return it as the ledger keeps it; whoever reads that cannot come in with it."""
        return json.dumps([self.stage, self.digest, self.again, self.organization])


def new(book: Ledger, now: datetime, *, again: bool = False, organization: str = "") -> str:
    """Return the secret of a new address; the one before it is worth nothing from now on."""
    token = secrets.token_urlsafe(_BYTES)
    made = Invitation(_ADDRESS, _digest(token), again, organization)
    book.marks.set(_MARK, made.text(), now)
    return token


def opened(book: Ledger, token: str, now: datetime) -> str | None:
    """Return the key for the browser that opens the address first, None for everybody else."""
    text, found, at = _read(book)
    if found is None or at is None or found.stage != _ADDRESS or now - at > GOOD:
        return None
    if not hmac.compare_digest(found.digest, _digest(token)):
        return None
    key = secrets.token_urlsafe(_BYTES)
    kept = replace(found, stage=_BROWSER, digest=_digest(key))
    return key if book.marks.replace(_MARK, text, kept.text(), now) else None


def of(book: Ledger, key: str, now: datetime) -> Invitation | None:
    """Return the set-up that a browser's key goes on with."""
    _, found, at = _read(book)
    if found is None or at is None or found.stage == _ADDRESS or now - at > _OPENED:
        return None
    return found if hmac.compare_digest(found.digest, _digest(key)) else None


def end(book: Ledger, found: Invitation, now: datetime) -> None:
    """Write down that the App was made: the browser may look on, and make no other one."""
    book.marks.replace(_MARK, found.text(), replace(found, stage=_DONE).text(), now)


def state(key: str) -> str:
    """Return what GitHub has to bring back, so that it comes from this browser's own step."""
    return hmac.new(key.encode(), b"state", hashlib.sha256).hexdigest()


def _read(book: Ledger) -> tuple[str, Invitation | None, datetime | None]:
    text, at = book.marks.read(_MARK)
    return text, Invitation(*json.loads(text)) if text else None, at


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
