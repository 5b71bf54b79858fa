"""Requests to GitHub with one identity."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache, cached_property, wraps
from types import MappingProxyType, TracebackType
from typing import Any, ParamSpec, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from githubkit import GitHub
from githubkit.exception import (
    GitHubException,
    GraphQLFailed,
    RateLimitExceeded,
    RequestError,
    RequestFailed,
)

from workers.github.known import ASKS, Known
from workers.github.left import left
from workers.github.meaning import (
    UNAUTHORIZED,
    GitHubError,
    GoneError,
    LimitedError,
    LockedOutError,
    PassingError,
    RefusedError,
    meaning,
    moment,
    wait,
)
from workers.github.pace import Pace
from workers.sparing import Left

__all__ = [
    "Client",
    "GitHubError",
    "GoneError",
    "LimitedError",
    "LockedOutError",
    "PassingError",
    "RefusedError",
    "understood",
]

Given = ParamSpec("Given")
Found = TypeVar("Found")

_AGENT = "kotsu"
_SECONDS = 30.0
_TRIES = 3
_PAGE = 100
_MOST_PAGES = 100
_NO = frozenset({"FORBIDDEN", "UNPROCESSABLE"})
"""The types of GraphQL's errors that another try does not help."""
_NO_ANSWER = (GitHubException, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What githubkit raises over an answer of GraphQL's that is none."""


class _ForeignError(Exception):
    """An answer sent us to another host: we do not go there."""


@cache
def _trust(*authorities: str | None) -> ssl.SSLContext:  # noqa: ARG001 -- what the result is remembered by
    """Return the authorities that are believed, read once: to read them takes longer than a request."""
    return httpx.create_ssl_context()


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
        """Leave it to `meaning`, which knows one form more and does not stumble over a strange header."""


class Client:
    """Requests with one identity: reads are repeated when that may help, writes never.

    ``auth`` is a token, or a strategy of githubkit; ``pace`` keeps paced creations apart. Where a token is
    not known any more, ``renew`` mints another, once. ``known`` are answers that may still hold.
    """

    def __init__(
        self,
        auth: Any,  # noqa: ANN401 -- either of the two
        api_url: str,
        pace: Pace,
        renew: Callable[[], str] | None = None,
        known: Known | None = None,
    ) -> None:
        self.known = known or Known()
        self._api_url, self._pace, self._renew = api_url, pace, renew
        self._left: dict[str, Left] = {}
        self._github = self._opened(auth)

    def _opened(self, auth: Any) -> _Kept:  # noqa: ANN401 -- either of the two
        # Nothing is repeated by itself, and no cache is shared between tenants.
        return _Kept(
            auth,
            base_url=self._api_url,
            user_agent=_AGENT,
            follow_redirects=True,
            timeout=_SECONDS,
            http_cache=False,
            auto_retry=False,
            ssl_verify=_trust(*map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR"))),
            event_hooks={"request": [_at_home(self._api_url), self.known.ask], "response": [self._heard]},
        )

    def _heard(self, response: Any) -> None:  # noqa: ANN401 -- the HTTP client's
        """Keep what GitHub said last of each of its budgets."""
        if told := left(response.headers):
            self._left[told.resource] = told

    @property
    def left(self) -> Collection[Left]:
        """What is left of the budgets that were drawn on."""
        return self._left.values()

    @property
    def home(self) -> str:
        """The API's address."""
        return self._api_url

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
        return self._read(path, query)[0]

    def linked(self, path: str, query: Mapping[str, Any] | None = None) -> tuple[Any, str]:
        """Return the JSON at a path and the answer's Link header, ``""`` without one."""
        found, headers = self._read(path, query)
        return found, str(headers.get("link") or "")

    def dated(self, path: str) -> tuple[Any, datetime | None]:
        """Return the JSON at a path and what GitHub's clock says, None where it does not."""
        found, headers = self._read(path, None)
        return found, moment(headers["date"], datetime.now(UTC)) if headers.get("date") else None

    def _read(self, path: str, query: Mapping[str, Any] | None) -> tuple[Any, Mapping[str, str]]:
        for remaining in reversed(range(_TRIES)):
            try:
                return self._answered("GET", path, params=query, headers=ASKS)
            except PassingError as error:
                if error.after is not None or isinstance(error, LockedOutError) or not remaining:
                    raise
                time.sleep(0.2 * (_TRIES - remaining))
        raise AssertionError

    def pages(
        self, path: str, *, inside: str = "", query: Mapping[str, Any] = MappingProxyType({})
    ) -> Iterator[Any]:
        """Return the items of every page; pages are counted, links are not followed.

        What is removed while pages are read lets others slip onto a page that was read: where GitHub counts
        the items (``inside`` of an object) and the count changes, the list is read once more.
        """
        for _ in range(2):
            items, counts = [], set()
            for number in range(1, _MOST_PAGES + 1):
                found = self.get(path, {**query, "per_page": _PAGE, "page": number})
                page = found[inside] if inside else found
                items += page
                counts.add(found.get("total_count") if inside else None)
                if len(page) < _PAGE:
                    break
            if len(counts) == 1:
                break
        yield from {item["id"]: item for item in items}.values() if inside else items

    def post(self, path: str, body: Mapping[str, Any] | None, *, paced: bool = False) -> Any:  # noqa: ANN401 -- JSON
        """Create something, once; ``paced`` keeps the distance that GitHub asks for between creations."""
        if paced:
            self._pace.wait()
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
            raise meaning(f"GET {path}", response)
        return str(response.headers["location"])

    def is_there(self, path: str) -> bool:
        """Say whether there is something at a path that is answered without a word."""
        try:
            self._call("GET", path, empty=True)
        except GoneError:
            return False
        return True

    def revoke(self) -> None:
        """Make the token worthless, if that can be done now: it would be by itself within the hour."""
        with suppress(GitHubException):
            self._github.request("DELETE", "/installation/token")

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Return the data of a GraphQL query."""
        try:
            return self._github.graphql(text, dict(variables))
        except GraphQLFailed as error:
            said = "; ".join(str(e.message) for e in error.response.errors or ())[:300]
            if any(e.type in _NO for e in error.response.errors or ()):
                raise RefusedError(f"GitHub's GraphQL: {said}") from None
            raise PassingError(f"GitHub's GraphQL did not answer: {said}") from None
        except RateLimitExceeded as error:
            raise _enough(error) from None
        except RequestFailed as error:
            found = meaning("POST /graphql", error.response)
            raise found if isinstance(found, LimitedError) else PassingError(str(found)) from None
        except _NO_ANSWER as error:
            raise PassingError(f"GitHub's GraphQL did not answer: {type(error).__name__}") from None

    def change(self, text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- JSON
        """Return the data of a GraphQL mutation; RefusedError has GitHub's words where it says no."""
        try:
            return self._github.graphql(text, dict(variables))
        except GraphQLFailed as error:
            words = "; ".join(e.message for e in error.response.errors or ())
            raise RefusedError(f"GitHub refused: {words[:300]}") from None
        except RateLimitExceeded as error:
            raise _enough(error) from None
        except RequestFailed as error:
            raise meaning("POST /graphql", error.response) from None
        except _NO_ANSWER as error:
            raise PassingError(f"GitHub's GraphQL did not answer: {type(error).__name__}") from None

    def _call(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 -- JSON
        return self._answered(method, path, **arguments)[0]

    def _answered(
        self,
        method: str,
        path: str,
        *,
        empty: bool = False,
        **arguments: Any,  # noqa: ANN401 -- JSON
    ) -> tuple[Any, Mapping[str, str]]:
        what = f"{method} {path}"
        try:
            response = self._requested(method, path, arguments)
            found = {} if empty else self.known.answer(response.raw_response)
        except RequestFailed as error:
            raise meaning(what, error.response) from None
        except RequestError as error:
            if isinstance(error.exc, _ForeignError):
                raise RefusedError(f"{what}: {error.exc}") from None
            raise PassingError(f"{what}: {type(error.exc).__name__}") from None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict | list):
            raise PassingError(f"{what}: the answer is not JSON")
        return found, response.headers

    def _requested(self, method: str, path: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- its response
        """Return the answer; a token that is not known is exchanged once, as nothing was done with it."""
        try:
            return self._github.request(method, path, **arguments)
        except RequestFailed as error:
            if error.response.status_code != UNAUTHORIZED or self._renew is None:
                raise
        renew, self._renew = self._renew, None
        self.close()
        self._github = self._opened(renew())
        return self._github.request(method, path, **arguments)


def _enough(error: RateLimitExceeded) -> LimitedError:
    return LimitedError("GitHub's GraphQL has had enough of us", wait(error.response.headers))


def understood(read: Callable[Given, Found]) -> Callable[Given, Found]:
    """Let what reads an answer of an unforeseen shape fail as something that may pass, not as a bug."""

    @wraps(read)
    def reads(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with _understanding():
            return read(*args, **kwargs)

    return reads


def each_understood(read: Callable[Given, Iterator[Found]]) -> Callable[Given, Iterator[Found]]:
    """Let what yields from such an answer fail in the same way."""

    @wraps(read)
    def reads(*args: Given.args, **kwargs: Given.kwargs) -> Iterator[Found]:
        with _understanding():
            yield from read(*args, **kwargs)

    return reads


@contextmanager
def _understanding() -> Iterator[None]:
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        words = f"GitHub's answer has a shape that is not known here: {type(error).__name__} {error}"
        raise PassingError(words[:300]) from None


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
