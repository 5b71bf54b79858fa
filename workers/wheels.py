"""Asks package indexes for the wheels of two releases, and compares what they offer by name."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from codemods import compared
from codemods.boundaries import Boundary
from codemods.interface import Interface
from codemods.model import Problem, Releases, Upgrade
from workers import index_cache, index_files, indexes, interface_shelf, origins, reach, ride, unpacked
from workers.index_files import Door, HostError, RefusedError, Wheel
from workers.indexes import PageError
from workers.settings import Settings

_MIB = 1024 * 1024
_HOST = "host"
"""Words for the operator, about where an index has its files."""
_TWO_LIBRARIES = "so much changed that the releases cannot be compared"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many upgrades one scan compares, in how many seconds, and how large a wheel may be (bytes).

    A request takes at most ``request`` seconds.
    """

    upgrades: int = 20
    total: float = 180.0
    request: float = 30.0
    wheel: int = 32 * _MIB
    listing: indexes.Limits = field(default_factory=lambda: indexes.Limits(request=10.0, total=30.0))
    reading: unpacked.Limits = field(default_factory=unpacked.Limits)


class UnknownError(Exception):
    """Nobody will ever know what a release offers; the text says why."""


@dataclass
class Recent:
    """The two wheels that were fetched last, with their hashes: one scan looks at each in several ways."""

    wheels: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=2))


def asking(given: Settings, limits: Limits | None = None, recent: Recent | None = None) -> ride.Comparing:
    """Return how to compare releases on the operator's indexes, for one scan; answers are kept for ever."""
    urls, store = (*given.extra_index_urls, given.index_url), given.data_dir / "interfaces"
    return _Comparing(urls, given.named.__contains__, store, limits or Limits(), recent or Recent()).answer


@dataclass
class _Comparing:
    """The comparisons of one scan: how many there were, and when they have to end (None: not begun)."""

    urls: Iterable[str]
    allowed: reach.Allowed
    store: Path
    limits: Limits
    recent: Recent
    count: int = 0
    ends: float | None = None

    def answer(self, upgrade: Upgrade, releases: Releases) -> Boundary | str | Problem:
        """Return what is different by name after an upgrade, or why nobody will know (``""``: not now).

        A problem is for the operator alone, and the same for each upgrade.
        """
        if upgrade.before is None or upgrade.repository:
            return ""
        self.ends = self.ends or time.monotonic() + self.limits.total
        self.count += 1
        if self.count > self.limits.upgrades or time.monotonic() > self.ends:
            return ""
        try:
            old, new = self._offered(upgrade.name, (upgrade.before, upgrade.after), releases.index)
        except UnknownError as error:
            return str(error)
        except HostError as error:
            return Problem(".", 1, f"major releases are not compared by name: {error}", beside=True)
        except (RefusedError, PageError):
            # Another time there may be an answer: nothing is to be said of it.
            return ""
        found = compared.between(old, new, upgrade.after, upgrade.page)
        return _TWO_LIBRARIES if found is None else found

    def _offered(self, name: str, versions: Iterable[Version], index: str) -> list[Interface]:
        """Return what some releases offer; raises where one is not known."""
        places = origins.places(self.urls)
        place = next((p for p in places if p.address == (index or places[-1].address)), None)
        if place is None:
            raise RefusedError("no index of the operator's has it")
        shelf = interface_shelf.Shelf(index_cache.shelf(self.store, place).folder)
        known = {version: shelf.read(name, version) for version in versions}
        missing = [version for version, offered in known.items() if offered is None]
        for version in missing:
            if (words := shelf.given_up(name, version)) is not None:
                raise UnknownError(words)
            if (words := shelf.given_up(name, version, _HOST)) is not None:
                raise HostError(words)
        if missing:
            left = (self.ends or 0) - time.monotonic()
            listed = indexes.page(name, (place,), self.limits.listing) or ()
            with index_files.opened(places, self.allowed, request=self.limits.request, total=left) as door:
                for version in missing:
                    wheels = index_files.wheels(listed, name, version)
                    known[version] = offered = self._kept(door, shelf, wheels, name, version)
                    shelf.keep(name, version, offered)
            index_cache.prune(self.store)
        return [offered for offered in known.values() if offered is not None]

    def _kept(
        self, door: Door, shelf: interface_shelf.Shelf, wheels: list[Wheel], name: str, version: Version
    ) -> Interface:
        """Return what a release offers; what fails is not tried again at once."""
        try:
            return self._read(door, chosen(wheels, version, self.limits.wheel), version)
        except HostError as error:
            shelf.give_up(name, version, str(error), _HOST)
            raise
        except (UnknownError, RefusedError) as error:
            shelf.give_up(name, version, str(error) if isinstance(error, UnknownError) else "")
            raise

    def _read(self, door: Door, wheel: Wheel, version: Version) -> Interface:
        data = fetched(door, wheel, version, self.limits.wheel, self.recent)
        try:
            return unpacked.read(data, self.limits.reading)
        except unpacked.UnusableError as error:
            raise UnknownError(f"the wheel of {version} {error}") from error


def fetched(door: Door, wheel: Wheel, version: Version, largest: int, recent: Recent) -> bytes:
    """Return a wheel's bytes; UnknownError where they are not those that the index lists."""
    for digest, data in recent.wheels:
        if wheel.sha256 == digest:
            return data
    data = index_files.fetched(door, wheel.address, largest)
    digest = hashlib.sha256(data).hexdigest()
    if wheel.sha256 and digest != wheel.sha256:
        raise UnknownError(f"the wheel of {version} is not the one that the index lists")
    recent.wheels.append((digest, data))
    return data


def chosen(wheels: list[Wheel], version: Version, largest: int) -> Wheel:
    """Return the wheel to read: the one for all, or the smallest; most of a large one are libraries of C."""
    pure = [wheel for wheel in wheels if wheel.name.endswith("-none-any.whl")]
    found = min(pure or wheels, key=lambda w: (w.size, w.name), default=None)
    if found is None:
        raise UnknownError(f"{version} has no wheel")
    if found.size > largest:
        raise UnknownError(f"the wheel of {version} is larger than {largest // _MIB} MiB")
    return found
