"""The door to the single files that package indexes name: which there are, and what is in them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import httpx
from packaging.version import Version

from workers import listings, origins, reach
from workers.origins import Place

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PREFERRED = ("-none-any.whl", "manylinux", "")
"""Which wheel speaks for a release: what is in these names, the first of them first."""
_LONGEST_NAME = 300
_PARTS = (5, 6)


class RefusedError(Exception):
    """There is no answer; the text says why."""


class HostError(RefusedError):
    """A file's host is not called before the operator names it; the text names the host."""


@dataclass(frozen=True)
class Door:
    """The way to the operator's indexes, and to where they say that their files are.

    A request takes at most ``request`` seconds, and all end at ``ends``, a moment of the monotonic clock.
    """

    places: tuple[Place, ...]
    client: httpx.Client
    allowed: reach.Allowed
    request: float
    redirects: int
    ends: float


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel on a list: its name, where it is, its digest (sha256) and size (bytes), as the list says.

    ``said`` is what the list says of its metadata (None: nothing).
    """

    name: str
    address: str
    said: object
    sha256: str = ""
    size: int = 0

    @property
    def digest(self) -> str:
        """The digest that its metadata must have, ``""`` where none is said."""
        return str(self.said.get("sha256", "")) if isinstance(self.said, dict) else ""


@dataclass(frozen=True, slots=True)
class _Said:
    """A good answer, or (``following``) where another one is said to be."""

    body: bytes = b""
    following: str | None = None


@contextmanager
def opened(
    places: tuple[Place, ...], allowed: reach.Allowed, *, request: float, total: float, redirects: int = 3
) -> Iterator[Door]:
    """Open the way; the client follows no redirect by itself, knows no credentials and keeps no cookies."""
    with httpx.Client(
        headers={"User-Agent": "kotsu"}, timeout=httpx.Timeout(request), follow_redirects=False
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield Door(places, client, allowed, request, redirects, time.monotonic() + total)


def wheels(files: Iterable[Mapping[str, object]], name: str, version: Version) -> list[Wheel]:
    """Return the wheels of a version that were not yanked, the one that speaks for it first."""
    found = (wheel for file in files if (wheel := _wheel(file, name, version)))
    return sorted(found, key=_preference)


def _preference(wheel: Wheel) -> tuple[int, str]:
    return next(i for i, mark in enumerate(_PREFERRED) if mark in wheel.name), wheel.name


def _wheel(file: Mapping[str, object], name: str, version: Version) -> Wheel | None:
    filename = str(file.get("filename", ""))
    parts = filename.split("-")
    if not filename.endswith(".whl") or len(parts) not in _PARTS or len(filename) > _LONGEST_NAME:
        return None
    if file.get("yanked") or listings.version_of(filename, name) != version:
        return None
    said = file.get("core-metadata", file.get("dist-info-metadata"))
    hashes, size = file.get("hashes"), file.get("size")
    digest = hashes.get("sha256", "") if isinstance(hashes, dict) else ""
    address = str(file["url"]).partition("#")[0]
    return Wheel(filename, address, said, str(digest), size if isinstance(size, int) else 0)


def fetched(door: Door, address: str, largest: int) -> bytes:
    """Return a file (bytes at most) that an index named, wherever on the public internet it is.

    RefusedError says why there is none.
    """
    for _ in range(door.redirects + 1):
        target, headers, extensions = _target(door, address)
        said = _asked(door, address, target, headers, largest, extensions)
        if said.following is None:
            return said.body
        address = urljoin(address, said.following)
    raise RefusedError("the file's host redirects in circles")


def _target(door: Door, address: str) -> tuple[str, dict[str, str], dict[str, object]]:
    """Return what is called for a file: an index as it is, of any other host the address that was judged."""
    if any(origins.is_same(place.address, address) for place in door.places):
        return address, {}, {}
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    is_secure = parts.scheme == "https"
    if "@" in parts.netloc or not (is_secure or (parts.scheme == "http" and door.allowed(host))):
        raise RefusedError("the file is not offered over https")
    port = parts.port or (443 if is_secure else 80)
    try:
        found = reach.address(host, port, door.allowed)
    except reach.PrivateError as error:
        name = listings.printable(host, _LONGEST_NAME)
        raise HostError(f"the host `{name}` of an index's files {error}") from error
    except reach.UnreachableError as error:
        raise RefusedError(f"the file's host {error}") from error
    wrapped = f"[{found}]" if ":" in found else found
    target = parts._replace(netloc=f"{wrapped}:{port}", fragment="").geturl()
    return target, {"Host": parts.netloc}, {"sni_hostname": host} if is_secure else {}


def _asked(  # noqa: PLR0913, PLR0917 -- what one request is made of
    door: Door,
    address: str,
    target: str,
    headers: Mapping[str, str],
    largest: int,
    extensions: Mapping[str, object] | None = None,
) -> _Said:
    """Ask once; ``address`` decides who gets credentials, ``target`` is what is called."""
    ends = min(time.monotonic() + door.request, door.ends)
    try:
        with door.client.stream(
            "GET", target, headers=headers, auth=_auth(door, address), extensions=dict(extensions or {})
        ) as response:
            if response.status_code in _REDIRECTS:
                return _Said(following=response.headers.get("location", ""))
            if response.status_code != httpx.codes.OK:
                raise RefusedError(f"the index failed ({response.status_code})")
            return _Said(_body(response, largest, ends))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise RefusedError(f"the index cannot be reached ({type(error).__name__})") from error


def _auth(door: Door, address: str) -> httpx.BasicAuth | None:
    """Return the credentials of the index that an address belongs to, for any other none."""
    place = next((p for p in door.places if origins.is_same(p.address, address)), None)
    return httpx.BasicAuth(place.user, place.password) if place and (place.user or place.password) else None


def _body(response: httpx.Response, largest: int, ends: float) -> bytes:
    """Return a body, before it fills the memory or the day."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > largest or time.monotonic() > ends:
            raise RefusedError("the index's answer is too large or too slow")
        parts.append(part)
    return b"".join(parts)
