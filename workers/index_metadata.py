"""The same door to package indexes, for what single releases say of themselves: metadata and wheels."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from packaging.version import Version

from workers import described, index_cache, indexes, listings, metadata_shelf, origins, reach
from workers.described import Described
from workers.indexes import PageError
from workers.origins import Place

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PREFERRED = ("-none-any.whl", "manylinux", "")
"""Whose metadata speaks for a release: what is in these names, the first of them first."""
_LONGEST_NAME = 300
_PARTS = (5, 6)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked at a time, how long is waited (seconds), how large an answer may be (bytes)."""

    connections: int = 8
    request: float = 10.0
    total: float = 30.0
    listing: indexes.Limits = field(default_factory=lambda: indexes.Limits(request=10.0, total=30.0))
    metadata: int = 2 * 1024 * 1024
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Some versions of one distribution, on the index (its address without credentials) that knows it."""

    name: str
    index: str
    versions: tuple[Version, ...]


class _RefusedError(Exception):
    """There is no answer; the text says why."""


@dataclass(frozen=True)
class _Door:
    """The way to the operator's indexes, and to where they say that their files are."""

    places: tuple[Place, ...]
    client: httpx.Client
    allowed: reach.Allowed
    limits: Limits
    store: Path | None
    ends: float


@dataclass(frozen=True, slots=True)
class _Wheel:
    """A wheel on a list: its name, where it is, and what the list says of its metadata (None: nothing)."""

    name: str
    address: str
    said: object

    @property
    def digest(self) -> str:
        """The digest that its metadata must have, ``""`` where none is said."""
        return str(self.said.get("sha256", "")) if isinstance(self.said, dict) else ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A good answer, or (``following``) where another one is said to be."""

    body: bytes = b""
    following: str | None = None


Answers = Mapping[tuple[str, Version], Described]


def answer(
    wanted: Iterable[Wanted],
    index_urls: Iterable[str],
    *,
    allowed: reach.Allowed = reach.nobody,
    limits: Limits | None = None,
    store: Path | None = None,
) -> Answers:
    """Return what releases say of themselves, by name and version; what goes wrong with one is left out.

    A list is asked of one of the operator's indexes, and stays with them. A file is where that list says, on
    the public internet over https: only the index's own origin gets its credentials. ``store`` keeps answers.
    """
    limits, asked = limits or Limits(), tuple(wanted)
    with _opened(origins.places(index_urls), allowed, limits, store) as door:
        threads = ThreadPoolExecutor(limits.connections, thread_name_prefix="kotsu-metadata")
        tasks = [threads.submit(_one, door, one) for one in asked]
        done, _ = wait(tasks, timeout=limits.total)
        threads.shutdown(wait=True, cancel_futures=True)
    if store:
        index_cache.prune(store)
    return {key: found for task in tasks if task in done for key, found in task.result().items()}


@contextmanager
def _opened(
    places: tuple[Place, ...], allowed: reach.Allowed, limits: Limits, store: Path | None
) -> Iterator[_Door]:
    """Open the way; the client follows no redirect by itself, knows no credentials and keeps no cookies."""
    with httpx.Client(
        headers={"User-Agent": "kotsu"}, timeout=httpx.Timeout(limits.request), follow_redirects=False
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield _Door(places, client, allowed, limits, store, time.monotonic() + limits.total)


def _one(door: _Door, wanted: Wanted) -> Answers:
    """Return what some versions of one distribution say, whatever happens."""
    place = next((p for p in door.places if p.address == (wanted.index or p.address)), None)
    if place is None:
        return {}
    shelf = metadata_shelf.Shelf(index_cache.shelf(door.store, place).folder) if door.store else None
    known = {v: kept for v in wanted.versions if shelf and (kept := shelf.read(wanted.name, v))}
    try:
        missing = [v for v in wanted.versions if v not in known]
        files = indexes.page(wanted.name, (place,), door.limits.listing) if missing else ()
        for version in missing:
            known[version] = _described(door, files or (), wanted.name, version)
            if shelf:
                shelf.keep(wanted.name, version, known[version])
    except (_RefusedError, PageError):
        pass
    return {(wanted.name, version): found for version, found in known.items()}


def _described(door: _Door, files: Iterable[Mapping[str, object]], name: str, version: Version) -> Described:
    """Return what a version says of itself; of one without wheels nothing is known."""
    wheels = [wheel for file in files if (wheel := _wheel(file, name, version))]
    names = tuple(sorted(wheel.name for wheel in wheels))
    telling = [wheel for wheel in wheels if wheel.said is not False]
    first = min(telling, key=_preference, default=None)
    if first is None:
        return Described(names)
    try:
        metadata = _fetched(door, f"{first.address}.metadata")
    except _RefusedError:
        # Some mirrors have metadata and do not say so, and others have none.
        if first.said is None:
            return Described(names)
        raise
    if first.digest and hashlib.sha256(metadata).hexdigest() != first.digest:
        return Described(names)
    return described.read(metadata, names, name, version)


def _preference(wheel: _Wheel) -> tuple[int, str]:
    return next(i for i, mark in enumerate(_PREFERRED) if mark in wheel.name), wheel.name


def _wheel(file: Mapping[str, object], name: str, version: Version) -> _Wheel | None:
    """Return a file that is a wheel of a version, and was not yanked."""
    filename = str(file.get("filename", ""))
    parts = filename.split("-")
    if not filename.endswith(".whl") or len(parts) not in _PARTS or len(filename) > _LONGEST_NAME:
        return None
    if file.get("yanked") or listings.version_of(filename, name) != version:
        return None
    said = file.get("core-metadata", file.get("dist-info-metadata"))
    return _Wheel(filename, str(file["url"]).partition("#")[0], said)


def _fetched(door: _Door, address: str) -> bytes:
    """Return a file that an index named, wherever on the public internet it is."""
    for _ in range(door.limits.redirects + 1):
        target, headers, extensions = _target(door, address)
        said = _asked(door, address, target, headers, door.limits.metadata, extensions)
        if said.following is None:
            return said.body
        address = urljoin(address, said.following)
    raise _RefusedError("the file's host redirects in circles")


def _target(door: _Door, address: str) -> tuple[str, dict[str, str], dict[str, object]]:
    """Return what is called for a file: an index as it is, of any other host the address that was judged."""
    if any(origins.is_same(place.address, address) for place in door.places):
        return address, {}, {}
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    is_secure = parts.scheme == "https"
    if "@" in parts.netloc or not (is_secure or (parts.scheme == "http" and door.allowed(host))):
        raise _RefusedError("the file is not offered over https")
    port = parts.port or (443 if is_secure else 80)
    try:
        found = reach.address(host, port, door.allowed)
    except reach.UnreachableError as error:
        raise _RefusedError(f"the file's host {error}") from error
    wrapped = f"[{found}]" if ":" in found else found
    target = parts._replace(netloc=f"{wrapped}:{port}", fragment="").geturl()
    return target, {"Host": parts.netloc}, {"sni_hostname": host} if is_secure else {}


def _asked(  # noqa: PLR0913, PLR0917 -- what one request is made of
    door: _Door,
    address: str,
    target: str,
    headers: Mapping[str, str],
    largest: int,
    extensions: Mapping[str, object] | None = None,
) -> _Said:
    """Ask once; ``address`` decides who gets credentials, ``target`` is what is called."""
    ends = min(time.monotonic() + door.limits.request, door.ends)
    try:
        with door.client.stream(
            "GET", target, headers=headers, auth=_auth(door, address), extensions=dict(extensions or {})
        ) as response:
            if response.status_code in _REDIRECTS:
                return _Said(following=response.headers.get("location", ""))
            if response.status_code != httpx.codes.OK:
                raise _RefusedError(f"the index failed ({response.status_code})")
            return _Said(_body(response, largest, ends))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _RefusedError(f"the index cannot be reached ({type(error).__name__})") from error


def _auth(door: _Door, address: str) -> httpx.BasicAuth | None:
    """Return the credentials of the index that an address belongs to, for any other none."""
    place = next((p for p in door.places if origins.is_same(p.address, address)), None)
    return httpx.BasicAuth(place.user, place.password) if place and (place.user or place.password) else None


def _body(response: httpx.Response, largest: int, ends: float) -> bytes:
    """Return a body, before it fills the memory or the day."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > largest or time.monotonic() > ends:
            raise _RefusedError("the index's answer is too large or too slow")
        parts.append(part)
    return b"".join(parts)
