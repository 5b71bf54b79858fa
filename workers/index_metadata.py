"""Asks package indexes what single releases say of themselves: metadata, and names of wheels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from workers import described, index_cache, index_files, indexes, metadata_shelf, origins, reach
from workers.described import Described
from workers.index_files import Door, RefusedError
from workers.indexes import PageError


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
    places = origins.places(index_urls)
    with index_files.opened(
        places, allowed, request=limits.request, total=limits.total, redirects=limits.redirects
    ) as door:
        threads = ThreadPoolExecutor(limits.connections, thread_name_prefix="kotsu-metadata")
        tasks = [threads.submit(_one, door, limits, store, one) for one in asked]
        done, _ = wait(tasks, timeout=limits.total)
        threads.shutdown(wait=True, cancel_futures=True)
    if store:
        index_cache.prune(store)
    return {key: found for task in tasks if task in done for key, found in task.result().items()}


def _one(door: Door, limits: Limits, store: Path | None, wanted: Wanted) -> Answers:
    """Return what some versions of one distribution say, whatever happens."""
    place = next((p for p in door.places if p.address == (wanted.index or p.address)), None)
    if place is None:
        return {}
    shelf = metadata_shelf.Shelf(index_cache.shelf(store, place).folder) if store else None
    known = {v: kept for v in wanted.versions if shelf and (kept := shelf.read(wanted.name, v))}
    try:
        missing = [v for v in wanted.versions if v not in known]
        files = indexes.page(wanted.name, (place,), limits.listing) if missing else ()
        for version in missing:
            known[version] = _described(door, limits.metadata, files or (), wanted.name, version)
            if shelf:
                shelf.keep(wanted.name, version, known[version])
    except (RefusedError, PageError):
        pass
    return {(wanted.name, version): found for version, found in known.items()}


def _described(
    door: Door, largest: int, files: Iterable[Mapping[str, object]], name: str, version: Version
) -> Described:
    """Return what a version says of itself; of one without wheels nothing is known."""
    wheels = index_files.wheels(files, name, version)
    names = tuple(sorted(wheel.name for wheel in wheels))
    first = next((wheel for wheel in wheels if wheel.said is not False), None)
    if first is None:
        return Described(names)
    try:
        metadata = index_files.fetched(door, f"{first.address}.metadata", largest)
    except RefusedError:
        # Some mirrors have metadata and do not say so, and others have none.
        if first.said is None:
            return Described(names)
        raise
    if first.digest and hashlib.sha256(metadata).hexdigest() != first.digest:
        return Described(names)
    return described.read(metadata, names, name, version)
