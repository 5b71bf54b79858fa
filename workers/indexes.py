"""The only door to package indexes: asks for the releases of many names at once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import httpx
from packaging.utils import canonicalize_name

from codemods.model import Release, Releases
from workers import html_listings, listings, origins
from workers.origins import Place

PYPI: Final = "https://pypi.org/simple/"
MEDIA_TYPE: Final = "application/vnd.pypi.simple.v1+json"

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_JSON = frozenset({MEDIA_TYPE, "application/vnd.pypi.simple.latest+json"})
_HTML = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})
_ACCEPT = f"{MEDIA_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_CREDENTIALS = "check the credentials in KOTSU_INDEX_URL and KOTSU_EXTRA_INDEX_URLS"
_WORDS = {
    401: f"the index refuses access (401): {_CREDENTIALS}",
    403: f"the index refuses access (403): {_CREDENTIALS}",
    410: "the index says that it is gone (410)",
    429: "the index asks to be asked less often (429)",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked at a time, how long is waited (seconds), how large an answer may be (bytes)."""

    connections: int = 12
    request: float = 20.0
    total: float = 120.0
    body: int = 20 * 1024 * 1024
    pause: float = 0.5
    redirects: int = 3


class _RefusedError(Exception):
    """There is no answer; the text is the sentence people read. ``passing``: it may be another one soon."""

    def __init__(self, words: str, *, passing: bool = False) -> None:
        super().__init__(words)
        self.passing = passing


class _UnknownError(Exception):
    """The index does not know the name."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an index said, and in which of the two languages."""

    media: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Door:
    """The way to all indexes, in the order in which they are asked; ``turns`` are the requests at a time."""

    places: tuple[Place, ...]
    client: httpx.AsyncClient
    turns: asyncio.Semaphore
    limits: Limits


def answer(
    names: Iterable[str], index_url: str = PYPI, *, extra: Iterable[str] = (), limits: Limits | None = None
) -> Mapping[str, Releases]:
    """Return the indexes' answer for each normalised name; what goes wrong with one stays with that one.

    The ``extra`` indexes are asked first, in their order. The first that knows a name is the only one that is
    believed, and one that fails hides the ones behind it: whoever publishes a name of ours there must not be
    heard. Credentials belong into the addresses; they are sent to their host alone, and no answer or error
    shows them.
    """
    places = origins.places((*extra, index_url))
    return asyncio.run(_answer(sorted(set(names)), places, limits or Limits()))


async def _answer(names: list[str], places: tuple[Place, ...], limits: Limits) -> Mapping[str, Releases]:
    async with _opened(places, limits) as door:
        tasks = {name: asyncio.create_task(_one(door, name)) for name in names}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=limits.total)
        late = [task for task in tasks.values() if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        words = f"the index was too slow: {limits.total:g} s were not enough for all names"
        return {
            name: Releases(name, error=words, index=places[0].address) if task.cancelled() else task.result()
            for name, task in tasks.items()
        }


@asynccontextmanager
async def _opened(places: tuple[Place, ...], limits: Limits) -> AsyncIterator[_Door]:
    """Open the way; the client follows no redirect by itself, knows no credentials and keeps no cookies."""
    async with httpx.AsyncClient(
        headers={"Accept": _ACCEPT, "User-Agent": "kotsu"},
        timeout=httpx.Timeout(limits.request),
        limits=httpx.Limits(max_connections=limits.connections),
        follow_redirects=False,
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield _Door(places, client, asyncio.Semaphore(limits.connections), limits)


async def _one(door: _Door, name: str) -> Releases:
    """Return the answer for one name, whatever happens."""
    if not _NAME.fullmatch(name) or name != canonicalize_name(name):
        return Releases(name, error="it is no name of a distribution", index=door.places[0].address)
    passed: list[str] = []
    for place in door.places:
        try:
            releases = await _asked_twice(door, place, name)
            return Releases(name, releases, index=place.address, passed=tuple(passed))
        except (_RefusedError, listings.UnusableError) as error:
            words = f"{place.host}: {error}" if len(door.places) > 1 else str(error)
            return Releases(name, error=words, index=place.address, passed=tuple(passed))
        except _UnknownError:
            passed.append(place.address)
    words = "no index knows it (404)" if len(passed) > 1 else "the index does not know it (404)"
    return Releases(name, error=words, index=passed[-1], passed=tuple(passed[:-1]))


async def _asked_twice(door: _Door, place: Place, name: str) -> tuple[Release, ...]:
    """Ask once more after an error that may pass."""
    async with door.turns:
        try:
            return await _asked(door, place, name)
        except _RefusedError as error:
            if not error.passing:
                raise
        await asyncio.sleep(door.limits.pause)
        return await _asked(door, place, name)


async def _asked(door: _Door, place: Place, name: str) -> tuple[Release, ...]:
    """Return the releases that an index lists of a name."""
    try:
        async with asyncio.timeout(door.limits.request):
            answer = await _fetched(door, place, name)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise _RefusedError(
            f"the index did not answer within {door.limits.request:g} s", passing=True
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _RefusedError(f"the index cannot be reached ({type(error).__name__})", passing=True) from error
    return _read(answer, name)


def _read(answer: _Answer, name: str) -> tuple[Release, ...]:
    if answer.media in _HTML:
        releases = listings.read(html_listings.read(answer.body.decode("utf-8", "replace"), name), name)
        if not releases:
            raise _RefusedError("the index's page lists no files of it")
        return releases
    try:
        return listings.read(json.loads(answer.body), name)
    except (ValueError, RecursionError) as error:
        raise _RefusedError("the index's answer is cut short or no JSON", passing=True) from error


async def _fetched(door: _Door, place: Place, name: str) -> _Answer:
    """Return an answer, over redirects that stay on the operator's indexes."""
    address = f"{place.address}{name}/"
    for _ in range(door.limits.redirects + 1):
        async with door.client.stream("GET", address, auth=_auth(place, address)) as response:
            if response.status_code not in _REDIRECTS:
                return await _answered(response, door.limits.body)
            address = _followed(door, address, response.headers.get("location", ""))
    raise _RefusedError("the index redirects in circles")


def _auth(place: Place, address: str) -> httpx.BasicAuth | None:
    """Return an index's credentials for an address of its own, for any other none."""
    if not (place.user or place.password) or not origins.is_same(place.address, address):
        return None
    return httpx.BasicAuth(place.user, place.password)


def _followed(door: _Door, here: str, location: str) -> str:
    try:
        return origins.followed(here, location, door.places)
    except origins.AstrayError as error:
        where = listings.printable(str(error), 100)
        raise _RefusedError(f"the index redirects to {where}, which is refused") from error


async def _answered(response: httpx.Response, largest: int) -> _Answer:
    """Return a good answer; refused by status, type and size, before it fills the memory."""
    status = response.status_code
    if status == httpx.codes.NOT_FOUND:
        raise _UnknownError
    if status != httpx.codes.OK:
        raise _RefusedError(_WORDS.get(status, f"the index failed ({status})"), passing=status in _PASSING)
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _JSON | _HTML:
        said = listings.printable(media, 60) or "no content type"
        raise _RefusedError(f"the index answered with {said} instead of a list of files")
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > largest:
            raise _RefusedError(f"the index's answer is larger than {largest // 1024} KiB")
        parts.append(part)
    return _Answer(media, b"".join(parts))
