"""Requests to GitHub with one identity, and what GitHub's ways of saying no mean."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from githubkit import GitHub
from githubkit.exception import (
    GitHubException,
    GraphQLFailed,
    RateLimitExceeded,
    RequestError,
    RequestFailed,
)

_AGENT = "kotsu"
_SECONDS = 30.0
_TRIES = 3
_PAGE = 100
_MOST_PAGES = 100
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(hours=2)
_NO = frozenset({"FORBIDDEN", "UNPROCESSABLE"})
"""The types of GraphQL's errors that another try does not help."""


class GitHubError(Exception):
    """GitHub did not do what was asked; the text is for people and holds no secret."""


class PassingError(GitHubError):
    """It may work at another time; ``after`` says when to come back."""

    def __init__(self, words: str, after: timedelta | None = None) -> None:
        super().__init__(words)
        self.after = after


class GoneError(GitHubError):
    """The thing is not there, or not for us."""


class RefusedError(GitHubError):
    """GitHub understood and said no; asking again will not help."""


class _ForeignError(Exception):
    """An answer sent us to another host: we do not go there."""


class _Kept(GitHub[Any]):
    """A githubkit that keeps its connections: by itself it makes a client for each request."""

    @cached_property
    def kept(self) -> Any:  # noqa: ANN401 -- the HTTP client of githubkit's choice
        """The one client; it may be used by several threads."""
        return self._create_sync_client()

    @contextmanager
    def get_sync_client(self) -> Iterator[Any]:
        """Lend the client."""
        yield self.kept

    def _check_rate_limit(self, response: Any) -> None:  # noqa: ANN401 -- the base's types
        """Leave it to `_meaning`, which knows one form more and does not stumble over a strange header."""


class Client:
    """Requests with one identity: reads are repeated when that may help, writes never.

    ``auth`` is a token, or a strategy of githubkit; ``pace`` the seconds between two paced creations;
    ``home`` the API's address.
    """

    def __init__(self, auth: Any, api_url: str, pace: float) -> None:  # noqa: ANN401 -- either of the two
        # Nothing is repeated by itself, and no cache is shared between tenants.
        self._github = _Kept(
            auth,
            base_url=api_url,
            user_agent=_AGENT,
            follow_redirects=True,
            timeout=_SECONDS,
            http_cache=False,
            auto_retry=False,
            event_hooks={"request": [_at_home(api_url)]},
        )
        self.home, self._pace, self._last = api_url, pace, 0.0

    def __enter__(self) -> Self:
        """Return the client; its connections are closed at the end of the context."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._github.kept.close()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Return the JSON at a path; an error that may pass is tried three times."""
        for remaining in reversed(range(_TRIES)):
            try:
                return self._call("GET", path, params=query)
            except PassingError as error:
                if error.after is not None or not remaining:
                    raise
                time.sleep(0.2 * (_TRIES - remaining))
        raise AssertionError

    def pages(
        self, path: str, *, inside: str = "", query: Mapping[str, Any] = MappingProxyType({})
    ) -> Iterator[Any]:
        """Return the items of every page; pages are counted, links are not followed."""
        for number in range(1, _MOST_PAGES + 1):
            found = self.get(path, {**query, "per_page": _PAGE, "page": number})
            items = found[inside] if inside else found
            yield from items
            if len(items) < _PAGE:
                return

    def post(self, path: str, body: Mapping[str, Any], *, paced: bool = False) -> Any:  # noqa: ANN401 -- JSON
        """Create something, once; ``paced`` keeps the distance that GitHub asks for between creations."""
        if paced:
            time.sleep(max(0.0, self._last + self._pace - time.monotonic()))
            self._last = time.monotonic()
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Change something, once."""
        return self._call("PATCH", path, json=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Put something where it is not yet, once."""
        return self._call("PUT", path, json=body)

    def delete(self, path: str) -> None:
        """Delete something, once."""
        self._call("DELETE", path, empty=True)

    def location(self, path: str) -> str:
        """Return where a path leads, as GitHub says it, without going there."""
        client = self._github.kept
        try:
            response = client.send(client.build_request("GET", path), follow_redirects=False)
        except Exception as error:  # noqa: BLE001 -- the HTTP client's, whatever it is
            raise PassingError(f"GET {path}: {type(error).__name__}") from None
        if not response.has_redirect_location:
            raise _meaning(f"GET {path}", response)
        return str(response.headers["location"])

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Return the data of a GraphQL query."""
        try:
            return self._github.graphql(text, dict(variables))
        except GraphQLFailed as error:
            said = "; ".join(str(e.message) for e in error.response.errors or ())[:300]
            if any(e.type in _NO for e in error.response.errors or ()):
                raise RefusedError(f"GitHub's GraphQL: {said}") from None
            raise PassingError(f"GitHub's GraphQL did not answer: {said}") from None
        except (GitHubException, ValueError) as error:
            raise PassingError(f"GitHub's GraphQL did not answer: {type(error).__name__}") from None

    def change(self, text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Return the data of a GraphQL mutation; RefusedError has GitHub's words where it says no."""
        try:
            return self._github.graphql(text, dict(variables))
        except GraphQLFailed as error:
            words = "; ".join(e.message for e in error.response.errors or ())
            raise RefusedError(f"GitHub refused: {words[:300]}") from None
        except RateLimitExceeded as error:
            raise PassingError("GitHub's GraphQL has had enough of us", error.retry_after) from None
        except RequestFailed as error:
            raise _meaning("POST /graphql", error.response) from None
        except (GitHubException, ValueError) as error:
            raise PassingError(f"GitHub's GraphQL did not answer: {type(error).__name__}") from None

    def _call(self, method: str, path: str, *, empty: bool = False, **arguments: Any) -> Any:  # noqa: ANN401 -- JSON
        what = f"{method} {path}"
        try:
            answer = self._github.request(method, path, **arguments)
            found = {} if empty else answer.json()
        except RequestFailed as error:
            raise _meaning(what, error.response) from None
        except RequestError as error:
            if isinstance(error.exc, _ForeignError):
                raise RefusedError(f"{what}: {error.exc}") from None
            raise PassingError(f"{what}: {type(error.exc).__name__}") from None
        except ValueError:
            found = None
        if not isinstance(found, dict | list):
            raise PassingError(f"{what}: the answer is not JSON")
        return found


def _at_home(api_url: str) -> Any:  # noqa: ANN401 -- a hook of the HTTP client
    """Return a hook that stops whatever is about to leave the API's own scheme, host and port."""
    home = _origin(api_url)

    def check(request: Any) -> None:  # noqa: ANN401 -- the HTTP client's request
        if _origin(str(request.url)) != home:
            raise _ForeignError(f"GitHub sent us to {request.url.host}, which is refused")

    return check


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _GONE = 401, 403, 404, 409, 410
_TOO_MANY, _LEGAL, _SERVER = 429, 451, 500
_NOT_FOR_US = ("suspended", "access blocked", "repository is empty", "not accessible to the parent")


def _meaning(what: str, response: Any) -> GitHubError:  # noqa: ANN401 -- githubkit's response
    """Return what a failed request means: to come back, that it is gone, or that the answer is no."""
    status, said = response.status_code, _said(response)
    words = f"{what}: {status}: {said}"
    if status >= _SERVER:
        return PassingError(words, _wait(response.headers))
    if status in (_FORBIDDEN, _TOO_MANY):
        wait = _wait(response.headers)
        slow = "rate limit" in said.lower() or "abuse detection" in said.lower()
        if wait or slow or status == _TOO_MANY:
            return PassingError(words, wait or _MINUTE)
    if status in (_UNAUTHORIZED, _CONFLICT) and "empty" not in said:
        # A token can be revoked under our hands; the next try has a new one.
        return PassingError(words)
    if status in (_NOT_FOUND, _GONE, _LEGAL) or any(sign in said.lower() for sign in _NOT_FOR_US):
        return GoneError(words)
    return RefusedError(words)


def _said(response: Any) -> str:  # noqa: ANN401 -- githubkit's response
    """Return GitHub's own words, with what it says of single fields."""
    try:
        body = response.json()
    except ValueError:
        return "no words"
    if not isinstance(body, dict):
        return "no words"
    errors = [e for e in body.get("errors") or () if isinstance(e, dict)]
    details = [e.get("message") or e.get("code") or "" for e in errors]
    return "; ".join(str(part) for part in (body.get("message"), *details) if part)[:300] or "no words"


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long GitHub asks us to stay away, within reason; None when it does not ask."""
    now = datetime.now(UTC)
    until = None
    if asked := headers.get("retry-after"):
        until = _moment(asked, now)
    elif headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        until = datetime.fromtimestamp(min(int(headers["x-ratelimit-reset"]), 2**33), UTC)
    return min(max(until - now, timedelta(seconds=1)), _LONGEST) if until else None


def _moment(asked: str, now: datetime) -> datetime:
    """Return the moment that a Retry-After names, in seconds or as a date; a minute when it names none."""
    if asked.strip().isdecimal() and len(asked) < len("1000000"):
        return now + timedelta(seconds=int(asked))
    try:
        found = parsedate_to_datetime(asked)
    except ValueError:
        return now + _MINUTE
    return found if found.tzinfo else found.replace(tzinfo=UTC)
