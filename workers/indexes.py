"""The only door to package indexes: asks for the releases of many names at once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Final

import httpx
from packaging.utils import canonicalize_name

from codemods.model import Release, Releases
from workers import html_listings, index_cache, listings, origins
from workers.index_cache import Said, Shelf
from workers.listings import Page
from workers.origins import Place

PYPI: Final = "https://pypi.org/simple/"
MEDIA_TYPE: Final = "application/vnd.pypi.simple.v1+json"

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_JSON = frozenset({MEDIA_TYPE, "application/vnd.pypi.simple.latest+json"})
_HTML = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})
_ACCEPT = f"{MEDIA_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_BARE = frozenset({304, 404})
_SHORT = 64 * 1024
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

    connections: int = 16
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


class PageError(Exception):
    """An index gives no page; the text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class _Index:
    """One index, and what is kept of its answers."""

    place: Place
    shelf: Shelf | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an index said: 200 with a body in one of the two languages, 304 or 404."""

    status: int
    headers: httpx.Headers
    media: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Door:
    """The way to all indexes, in the order in which they are asked; ``turns`` are the requests at a time."""

    indexes: tuple[_Index, ...]
    client: httpx.AsyncClient
    turns: asyncio.Semaphore
    limits: Limits

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where they are."""
        return tuple(index.place for index in self.indexes)


def answer(
    names: Iterable[str],
    index_url: str = PYPI,
    *,
    extra: Iterable[str] = (),
    limits: Limits | None = None,
    store: Path | None = None,
) -> Mapping[str, Releases]:
    """Return the indexes' answer for each normalised name; what goes wrong with one stays with that one.

    The ``extra`` indexes are asked first, in their order. The first that knows a name is the only one that is
    believed, and one that fails hides the ones behind it: whoever publishes a name of ours there must not be
    heard. Credentials belong into the addresses; they are sent to their host alone, and no answer or error
    shows them. ``store`` is a folder that keeps answers, for whoever asks next.
    """
    places = origins.places((*extra, index_url))
    known = tuple(_Index(place, index_cache.shelf(store, place) if store else None) for place in places)
    answers = asyncio.run(_answer(sorted(set(names)), known, limits or Limits()))
    if store:
        index_cache.prune(store)
    return answers


async def _answer(names: list[str], known: tuple[_Index, ...], limits: Limits) -> Mapping[str, Releases]:
    async with _opened(known, limits) as door:
        tasks = {name: asyncio.create_task(_one(door, name)) for name in names}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=limits.total)
        late = [task for task in tasks.values() if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        words = f"the index was too slow: {limits.total:g} s were not enough for all names"
        return {
            name: Releases(name, error=words, index=known[0].place.address)
            if task.cancelled()
            else task.result()
            for name, task in tasks.items()
        }


def page(name: str, places: Iterable[Place], limits: Limits | None = None) -> Page | None:
    """Return the files that the first index that knows a name lists of it, None when none knows it.

    PageError has the sentence why there is no answer.
    """
    known = tuple(_Index(place, None) for place in places)
    try:
        return asyncio.run(_page(name, known, limits or Limits()))
    except (_RefusedError, listings.UnusableError, TimeoutError, httpx.HTTPError, OSError) as error:
        raise PageError(str(error) or type(error).__name__) from error


async def _page(name: str, known: tuple[_Index, ...], limits: Limits) -> Page | None:
    async with _opened(known, limits) as door, asyncio.timeout(limits.total):
        for index in door.indexes:
            answer = await _fetched(door, index.place, name, {})
            if (told := _told(answer, name)) is not None:
                return listings.whole(told, name, f"{index.place.address}{name}/")
    return None


@asynccontextmanager
async def _opened(known: tuple[_Index, ...], limits: Limits) -> AsyncIterator[_Door]:
    """Open the way; the client follows no redirect by itself, knows no credentials and keeps no cookies."""
    async with httpx.AsyncClient(
        headers={"Accept": _ACCEPT, "User-Agent": "kotsu"},
        timeout=httpx.Timeout(limits.request),
        limits=httpx.Limits(max_connections=limits.connections),
        follow_redirects=False,
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield _Door(known, client, asyncio.Semaphore(limits.connections), limits)


async def _one(door: _Door, name: str) -> Releases:
    """Return the answer for one name, whatever happens."""
    first, *more = door.places
    if not _NAME.fullmatch(name) or name != canonicalize_name(name):
        return Releases(name, error="it is no name of a distribution", index=first.address)
    passed: list[str] = []
    for index in door.indexes:
        here, before = index.place, tuple(passed)
        try:
            releases = await _known(door, index, name)
        except (_RefusedError, listings.UnusableError) as error:
            words = f"{here.host}: {error}" if more else str(error)
            return Releases(name, error=words, index=here.address, passed=before)
        if releases is not None:
            return Releases(name, releases, index=here.address, passed=before)
        passed.append(here.address)
    words = "no index knows it (404)" if more else "the index does not know it (404)"
    return Releases(name, error=words, index=passed[-1], passed=tuple(passed[:-1]))


async def _known(door: _Door, index: _Index, name: str) -> tuple[Release, ...] | None:
    """Return what an index lists of a name, None when it does not know it; ask once more if that may help."""
    kept, holds = (index.shelf and index.shelf.read(name)) or (None, False)
    if kept and holds:
        return kept.releases
    async with door.turns:
        try:
            return await _asked(door, index, name, kept)
        except _RefusedError as error:
            if not error.passing:
                raise
        await asyncio.sleep(door.limits.pause)
        return await _asked(door, index, name, kept)


async def _asked(door: _Door, index: _Index, name: str, kept: Said | None) -> tuple[Release, ...] | None:
    """Ask an index for a name, or whether what is kept of it has changed, and keep the answer."""
    try:
        async with asyncio.timeout(door.limits.request):
            answer = await _fetched(door, index.place, name, _unless(kept))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise _RefusedError(
            f"the index did not answer within {door.limits.request:g} s", passing=True
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _RefusedError(f"the index cannot be reached ({type(error).__name__})", passing=True) from error
    if answer.status == httpx.codes.NOT_MODIFIED and kept and index.shelf:
        index.shelf.confirm(name)
        return kept.releases
    releases = _read(answer, name)
    if index.shelf:
        index.shelf.keep(name, index_cache.said(answer.headers, releases))
    return releases


def _unless(kept: Said | None) -> Mapping[str, str]:
    """Return the headers that ask for an answer only if it is another one than what is kept."""
    marks = {"If-None-Match": kept.etag, "If-Modified-Since": kept.modified} if kept else {}
    return {name: mark for name, mark in marks.items() if mark}


def _read(answer: _Answer, name: str) -> tuple[Release, ...] | None:
    told = _told(answer, name)
    if told is None:
        return None
    releases = listings.read(told, name)
    if not releases and answer.media in _HTML:
        raise _RefusedError("the index's page lists no files of it")
    return releases


def _told(answer: _Answer, name: str) -> object | None:
    """Return an answer in the shape of PEP 691, whatever its language; None when the name is unknown."""
    if answer.status == httpx.codes.NOT_FOUND:
        return None
    if answer.status != httpx.codes.OK:
        raise _RefusedError(f"the index failed ({answer.status})")
    if answer.media in _HTML:
        return html_listings.read(answer.body.decode("utf-8", "replace"), name)
    try:
        told: object = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError("the index's answer is cut short or no JSON", passing=True) from error
    if told is None:  # which would mean that the next index may be asked
        raise listings.UnusableError("the index's answer has no list of files")
    return told


async def _fetched(door: _Door, place: Place, name: str, headers: Mapping[str, str]) -> _Answer:
    """Return an answer, over redirects that stay on the operator's indexes."""
    address = f"{place.address}{name}/"
    for _ in range(door.limits.redirects + 1):
        auth = _auth(place, address)
        async with door.client.stream("GET", address, headers=headers, auth=auth) as response:
            if response.status_code not in _REDIRECTS:
                return await _answered(response, door.limits.body)
            await _passed_over(response)
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
    if status in _BARE:
        await _passed_over(response)
        return _Answer(status, response.headers)
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
    return _Answer(status, response.headers, media, b"".join(parts))


async def _passed_over(response: httpx.Response) -> None:
    """Read a short body that nobody needs: a connection with an unread one cannot be used again."""
    length = response.headers.get("content-length", "")
    has_none = response.status_code == httpx.codes.NOT_MODIFIED
    if has_none or (length.isdecimal() and int(length) <= _SHORT):
        await response.aread()
