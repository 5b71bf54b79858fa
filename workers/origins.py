"""Says where the operator's package indexes are, and where they may send those who ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


class AstrayError(Exception):
    """An address leads where nobody may go; the text is that address without what may be secret."""


@dataclass(frozen=True, slots=True)
class Place:
    """A package index: its address with a slash at the end, and credentials for its origin alone."""

    address: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Return its host, and the port where it has one."""
        return urlsplit(self.address).netloc


def place(url: str) -> Place:
    """Return the index at an address, which may hold credentials."""
    parts = urlsplit(url)
    address = f"{shown(parts)}{parts.path.rstrip('/')}/"
    return Place(address, unquote(parts.username or ""), unquote(parts.password or ""))


def places(urls: Iterable[str]) -> tuple[Place, ...]:
    """Return the indexes of some addresses in their order, each address once."""
    found: dict[str, Place] = {}
    for known in map(place, urls):
        found.setdefault(known.address, known)
    return tuple(found.values())


def is_same(one: str, other: str) -> bool:
    """Say whether two addresses have the same origin: scheme, host and port."""
    return _origin(urlsplit(one)) == _origin(urlsplit(other))


def followed(here: str, location: str, allowed: Iterable[Place]) -> str:
    """Return where a redirect leads; AstrayError unless that is the origin of an index that is allowed.

    What the operator named is allowed wherever it is, and nothing else is: so no answer can lead to a private
    host, to a cloud's metadata or to a file, whatever a name resolves to.
    """
    try:
        target = urlsplit(urljoin(here, location))
        origin = _origin(target)
    except ValueError as error:
        raise AstrayError("an address that cannot be read") from error
    if "@" in target.netloc or origin not in {_origin(urlsplit(place.address)) for place in allowed}:
        raise AstrayError(shown(target))
    return target.geturl()


def shown(parts: SplitResult) -> str:
    """Return an address's scheme, host and port."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}:" + (f"//{host}{port}" if host else "")


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)
