"""Tells which lock files belong to which dependency files, and what changes between two states of one."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import InvalidVersion, Version

from codemods.manifests.model import Lock, Manifest

_NAMES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")


@dataclass(frozen=True, slots=True)
class Moved:
    """One distribution whose locked versions differ; ``""`` where it was or is not locked."""

    name: str
    before: str
    after: str


def is_lock(path: str) -> bool:
    """Say whether a path is that of a lock file, or of a file that another one is compiled from."""
    return posixpath.basename(path) in {*_NAMES, "Pipfile.lock"} or path.endswith(".in")


def linked(found: Mapping[str, Manifest], paths: Collection[str]) -> list[Manifest]:
    """Return the manifests, each with the lock files that are written from it.

    A manifest whose lock file no format reads is sealed: no hand may edit one and leave the other.
    """
    written: dict[str, list[Manifest]] = {}
    for manifest in found.values():
        for source in manifest.lock.sources if manifest.lock else ():
            written.setdefault(source, []).append(manifest)
    return [_linked(m, written.get(m.path, ()), found, paths) for m in found.values()]


def _linked(
    manifest: Manifest, written: Sequence[Manifest], found: Mapping[str, Manifest], paths: Collection[str]
) -> Manifest:
    if written:
        indexes = dict.fromkeys((*manifest.indexes, *(i for lock in written for i in lock.indexes)))
        return replace(manifest, locks=tuple(lock.path for lock in written), indexes=tuple(indexes))
    if manifest.sealed or manifest.lock:
        return manifest
    return replace(manifest, sealed=_sealed(manifest, found, paths))


def _sealed(manifest: Manifest, found: Mapping[str, Manifest], paths: Collection[str]) -> str:
    source = manifest.path.removesuffix(".txt") + ".in"
    if manifest.path.endswith(".txt") and source in paths:
        return f"it would have to be compiled again from `{source}`"
    if posixpath.basename(manifest.path) == "Pipfile" and f"{manifest.path}.lock" in paths:
        return f"`{manifest.path}.lock` would have to be refreshed with it"
    lock = next((p for p in _candidates(manifest.path) if p in paths), "")
    read = found[lock].lock if lock in found else None
    is_read = read is not None and read.sources
    # A lock file that names what it is written from, and not this, is no reason to leave it alone.
    if lock and not is_read and (manifest.path.endswith("pyproject.toml") or _is_exported(manifest)):
        return f"`{lock}` would have to be refreshed with it"
    return f"it looks exported from `{lock}`" if lock and _is_exported(manifest) else ""


def _candidates(path: str) -> Iterator[str]:
    """Return where a lock file of a manifest could stand: beside it, or above it for a workspace."""
    folder = posixpath.dirname(path)
    while True:
        yield from (posixpath.join(folder, name) for name in _NAMES)
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _is_exported(manifest: Manifest) -> bool:
    """Say whether a requirements file looks written by a tool from the lock file beside it."""
    requirements = manifest.requirements
    pinned = all(len(r.clauses) == 1 and r.clauses[0].operator == "==" for r in requirements)
    return len(requirements) > 1 and pinned and all(r.hashes or r.marker for r in requirements)


def versions(lock: Lock, name: str) -> list[Version]:
    """Return the versions that a name is locked at, the lowest first; what is no version is left out."""
    return sorted(_parsed(locked.version for locked in lock.locked if locked.name == name))


def _parsed(texts: Iterable[str]) -> Iterator[Version]:
    for text in dict.fromkeys(texts):
        try:
            yield Version(text)
        except InvalidVersion:
            continue


def moved(before: Lock, after: Lock) -> list[Moved]:
    """Return what differs between two states of a lock file, by name."""
    old, new = _by_name(before), _by_name(after)
    names = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
    return [Moved(n, old.get(n, ""), new.get(n, "")) for n in names]


def _by_name(lock: Lock) -> Mapping[str, str]:
    found: dict[str, set[str]] = {}
    for locked in lock.locked:
        found.setdefault(locked.name, set()).add(locked.version)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}
