"""What GitHub's ways of saying no mean: to come back, that something is gone, or that the answer is no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(hours=2)
UNAUTHORIZED = 401


class GitHubError(Exception):
    """GitHub did not do what was asked; the text is for people and holds no secret."""


class PassingError(GitHubError):
    """It may work at another time; ``after`` says when to come back."""

    def __init__(self, words: str, after: timedelta | None = None) -> None:
        super().__init__(words)
        self.after = after


class GoneError(GitHubError):
    """The thing is not there, or not for us; ``deleted`` says that it was there once."""

    def __init__(self, words: str, *, deleted: bool = False) -> None:
        super().__init__(words)
        self.deleted = deleted


class LimitedError(PassingError):
    """GitHub has had enough of an installation: nothing is asked for it until ``after``.

    ``asked`` is how long GitHub wants us to stay away, None where it does not say.
    """

    def __init__(self, words: str, after: timedelta | None) -> None:
        super().__init__(words, after or _MINUTE)
        self.asked = after


class LockedOutError(PassingError):
    """GitHub does not know us, a new token notwithstanding; the text says what to do."""


class RefusedError(GitHubError):
    """GitHub understood and said no; asking again will not help."""


_FORBIDDEN, _NOT_FOUND, _CONFLICT, _GONE = 403, 404, 409, 410
_TOO_MANY, _LEGAL, _SERVER = 429, 451, 500
_NOT_YET = ("Tree SHA does not exist", "Object does not exist", "Parent SHA does not exist")
"""GitHub can be late to know what it was just told."""
_LOCKED = timedelta(hours=1)
_SKEW = timedelta(minutes=1)
_NOT_FOR_US = ("suspended", "access blocked", "repository is empty", "not accessible to the parent")


def meaning(what: str, response: Any) -> GitHubError:  # noqa: ANN401 -- githubkit's response
    """Return what a failed request means: to come back, that it is gone, or that the answer is no."""
    status, said = response.status_code, _said(response)
    words = f"{what}: {status}: {said}"
    if status >= _SERVER:
        return PassingError(words, wait(response.headers))
    if status in (_FORBIDDEN, _TOO_MANY):
        asked = wait(response.headers)
        slow = "rate limit" in said.lower() or "abuse detection" in said.lower()
        if asked or slow or status == _TOO_MANY:
            return LimitedError(words, asked)
    if status == UNAUTHORIZED:
        return LockedOutError(f"{words}. {_advice(response.headers, datetime.now(UTC))}", _LOCKED)
    if (status == _CONFLICT and "empty" not in said) or any(sign in said for sign in _NOT_YET):
        return PassingError(words)
    if status in (_NOT_FOUND, _GONE, _LEGAL) or any(sign in said.lower() for sign in _NOT_FOR_US):
        return GoneError(words, deleted=status == _GONE and "disabled" not in said.lower())
    return RefusedError(words)


def _advice(headers: Mapping[str, str], now: datetime) -> str:
    """Return what to do where GitHub does not know us."""
    told = moment(headers["date"], now) if headers.get("date") else now
    if abs(now - told) > _SKEW:
        return f"This machine's clock says {now:%H:%M:%S} UTC and GitHub's {told:%H:%M:%S}: set it right."
    return "Check that KOTSU_GITHUB_APP_ID and KOTSU_GITHUB_PRIVATE_KEY are those of one App and still hold."


def _said(response: Any) -> str:  # noqa: ANN401 -- githubkit's response
    """Return GitHub's own words, with what it says of single fields."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return "no words"
    if not isinstance(body, dict):
        return "no words"
    errors = [e for e in body.get("errors") or () if isinstance(e, dict)]
    details = [e.get("message") or e.get("code") or "" for e in errors]
    return "; ".join(str(part) for part in (body.get("message"), *details) if part)[:300] or "no words"


def wait(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long GitHub asks us to stay away, within reason; None when it does not ask."""
    now = datetime.now(UTC)
    until = None
    if asked := headers.get("retry-after"):
        until = moment(asked, now)
    elif headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        until = datetime.fromtimestamp(min(int(headers["x-ratelimit-reset"]), 2**33), UTC)
    return min(max(until - now, timedelta(seconds=1)), _LONGEST) if until else None


def moment(asked: str, now: datetime) -> datetime:
    """Return the moment that a Retry-After names, in seconds or as a date; a minute when it names none."""
    if asked.strip().isdecimal() and len(asked) < len("1000000"):
        return now + timedelta(seconds=int(asked))
    try:
        found = parsedate_to_datetime(asked)
    except ValueError:
        return now + _MINUTE
    return found if found.tzinfo else found.replace(tzinfo=UTC)
