"""Finds the migrations that a release brings itself, and opens those of which the operator knows the hash."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codemods import registry, shipped
from codemods.model import Releases, Upgrade, plain
from codemods.shipped import Facts, Migration, MistakeError, Refused, Shipment
from workers import (
    calm,
    enclosure,
    index_cache,
    index_files,
    indexes,
    origins,
    shelving,
    unpacked,
    wheels,
)
from workers.freight import Freight
from workers.index_files import RefusedError, Wheel
from workers.indexes import PageError
from workers.origins import Place
from workers.settings import Settings
from workers.wheels import UnknownError

_NOTHING = Shipment()
_RUNNING = 300.0
"""Seconds for everything that one scan runs."""
_HOLDS = 3600
"""Seconds for which nobody tries again what failed."""


def asking(
    given: Settings, limits: wheels.Limits | None = None, recent: wheels.Recent | None = None
) -> Freight:
    """Return how to look at what releases bring, for one scan, and how to run what the operator allows."""
    looking = _Looking(given, limits or wheels.Limits(), recent or wheels.Recent())
    return Freight(looking.answer, looking.run)


@dataclass
class _Looking:
    """The looks of one scan: how many there were, and when they have to end (None: not begun)."""

    given: Settings
    limits: wheels.Limits
    recent: wheels.Recent
    count: int = 0
    ends: float | None = None
    ids: frozenset[str] = field(default_factory=lambda: frozenset(registry.ids()))
    left: float = _RUNNING

    def run(self, migration: Migration, facts: Facts, texts: Sequence[str]) -> Sequence[str] | Refused:
        """Run a migration in what is left of the scan's time for all of them."""
        begun = time.monotonic()
        try:
            return enclosure.run(migration.source, facts, texts, enclosure.Limits(total=self.left))
        finally:
            self.left -= time.monotonic() - begun

    def answer(self, upgrade: Upgrade, releases: Releases) -> Shipment:
        """Return what the release at the end of an upgrade brings."""
        known = self.given.migrations
        if upgrade.before is None or upgrade.repository or not (upgrade.is_major or upgrade.name in known):
            return _NOTHING
        self.ends = self.ends or time.monotonic() + self.limits.total
        self.count += 1
        if self.count > self.limits.upgrades or time.monotonic() > self.ends:
            return _NOTHING
        hashes = next((r.hashes for r in releases.releases if r.version == upgrade.after), ())
        allowed = known.get(upgrade.name, frozenset()).intersection(hashes)
        try:
            for digest in sorted(allowed):
                if wheel := self._held(upgrade, releases.index, digest):
                    return _opened(wheel, upgrade, self.ids)
            return self._unallowed(upgrade, releases.index, hashes)
        except UnknownError as error:
            return _not_run(upgrade, str(error)) if allowed else _NOTHING
        except (RefusedError, PageError):
            # Another time there may be an answer; whoever waits for the migrations of its own should know.
            return _not_run(upgrade, "its wheel could not be fetched") if allowed else _NOTHING

    def _held(self, upgrade: Upgrade, index: str, digest: str) -> bytes | None:
        """Return the wheel of a hash that the index lists, None where it is none of a wheel.

        Kept or not, its bytes are believed only after they were counted again.
        """
        path = self._shelf(index)[1] / f"{digest}.whl"
        with suppress(OSError):
            if hashlib.sha256(data := path.read_bytes()).hexdigest() == digest:
                return data
        wheel = next((w for w in self._listed(upgrade, index) if w.sha256 == digest), None)
        if wheel is None:
            return None
        data = self._fetched(upgrade, wheel)
        shelving.put(path, data)
        index_cache.prune(self.given.data_dir / "shipped")
        return data

    def _unallowed(self, upgrade: Upgrade, index: str, hashes: Collection[str]) -> Shipment:
        """Return the sentence about migrations that nobody allowed, where a release brings any."""
        path = self._shelf(index)[1] / f"{upgrade.name}@{upgrade.after}.json"
        digest = _noted(path)
        if digest is None or (digest and hashes and digest not in hashes):
            try:
                digest = self._bringing(upgrade, index)
            except (UnknownError, RefusedError, PageError):
                _note(path, "", failed=True)
                raise
            _note(path, digest)
        if not digest:
            return _NOTHING
        if digest in self.given.migrations.get(upgrade.name, ()):
            return _not_run(upgrade, "the index lists no hash of its wheel")
        which, line = f"{calm.line(upgrade.name)} {upgrade.after}", calm.code(f"{upgrade.name}: [{digest}]")
        words = f"{which} brings migrations, and nobody has allowed them here"
        how = f"the operator of the server can, with {line} in the file of `KOTSU_MIGRATIONS`"
        return Shipment(sentences=(f"{words}: {how}.",))

    def _bringing(self, upgrade: Upgrade, index: str) -> str:
        """Return the hash of a release's wheel that brings migrations, ``""`` where it brings none."""
        wheel = wheels.chosen(self._listed(upgrade, index), upgrade.after, self.limits.wheel)
        data = self._fetched(upgrade, wheel)
        with suppress(unpacked.UnusableError):
            return hashlib.sha256(data).hexdigest() if unpacked.texts(data, _is_file) else ""
        return ""

    def _listed(self, upgrade: Upgrade, index: str) -> list[Wheel]:
        listed = indexes.page(upgrade.name, (self._shelf(index)[0],), self.limits.listing) or ()
        return index_files.wheels(listed, upgrade.name, upgrade.after)

    def _fetched(self, upgrade: Upgrade, wheel: Wheel) -> bytes:
        places, left = self._places(), (self.ends or 0) - time.monotonic()
        allowed, request = self.given.named.__contains__, self.limits.request
        with index_files.opened(places, allowed, request=request, total=left) as door:
            return wheels.fetched(door, wheel, upgrade.after, self.limits.wheel, self.recent)

    def _places(self) -> tuple[Place, ...]:
        return origins.places((*self.given.extra_index_urls, self.given.index_url))

    def _shelf(self, index: str) -> tuple[Place, Path]:
        """Return an index, and the folder that keeps what is known of it."""
        places = self._places()
        place = next((p for p in places if p.address == (index or places[-1].address)), None)
        if place is None:
            raise RefusedError("no index of the operator's has it")
        return place, index_cache.shelf(self.given.data_dir / "shipped", place).folder


def _is_file(path: str) -> bool:
    folder, _, name = path.partition("/")
    return name == shipped.FILE and not folder.endswith((".dist-info", ".data"))


def _opened(wheel: bytes, upgrade: Upgrade, ours: frozenset[str]) -> Shipment:
    """Return what a wheel brings that the operator allows."""
    try:
        files = unpacked.texts(wheel, _is_file)
        if not files:
            return _NOTHING
        if len(files) > 1:
            return _not_run(upgrade, f"it has more than one `{shipped.FILE}`")
        ((path, text),) = files.items()
        found = shipped.listed(text)
        paths = {f"{path.partition('/')[0]}/{m.replace('.', '/')}.py": m for m in shipped.modules(found)}
        sources = {paths[p]: source for p, source in unpacked.texts(wheel, paths.__contains__).items()}
        if not unpacked.texts(wheel, partial(_is_metadata, upgrade)):
            return _not_run(upgrade, "its wheel is that of another release")
        brought = shipped.migrations(found, sources, upgrade.name, upgrade.after)
        clashing = [m.id for m in brought if m.id in ours]
        words = [
            f"Its migration {calm.code(id_)} was not applied: that is the name of one of Kotsu's."
            for id_ in clashing
        ]
        return Shipment(tuple(m for m in brought if m.id not in ours), shipped.boundary(found), tuple(words))
    except MistakeError as error:
        return _not_run(upgrade, f"its `{shipped.FILE}` has a mistake: {error}")
    except unpacked.UnusableError as error:
        return _not_run(upgrade, f"its wheel {error}")


def _is_metadata(upgrade: Upgrade, path: str) -> bool:
    folder, _, name = path.partition("/")
    known, _, version = folder.removesuffix(".dist-info").partition("-")
    try:
        is_same = plain(known) == upgrade.name and Version(version) == upgrade.after
    except InvalidVersion:
        return False
    return is_same and name == "METADATA" and folder.endswith(".dist-info")


def _not_run(upgrade: Upgrade, why: str) -> Shipment:
    which = f"{calm.line(upgrade.name)} {upgrade.after}"
    return Shipment(sentences=(f"The migrations that {which} brings were not run: {calm.line(why)}.",))


def _noted(path: Path) -> str | None:
    """Return the hash that is noted of a release (``""``: it brings nothing), None where nothing is."""
    try:
        said: Mapping[str, object] = json.loads(path.read_bytes())
        is_over = said["failed"] and not 0 <= time.time() - path.stat().st_mtime < _HOLDS
        return None if is_over else str(said["digest"])
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _note(path: Path, digest: str, *, failed: bool = False) -> None:
    shelving.put(path, json.dumps({"digest": digest, "failed": failed}).encode())
