"""Tells which lock files belong to which dependency files, and what changes between two states of one."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from codemods.manifests import compiled
from codemods.manifests.model import Lock, Manifest

COMPILERS = frozenset({"pip-compile", "pylock", "uv pip compile"})
"""The tools whose lock files say in their header what they were compiled from."""

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


def named(manifest: Manifest, paths: Collection[str]) -> Sequence[str]:
    """Return the files of a tree that a compiled file is written from, as its header or its name says."""
    folder = _folder(manifest, paths)
    if manifest.lock is None or folder is None:
        return ()
    command = compiled.command(manifest.lock.command)
    if command is not None and command.sources:
        return [posixpath.normpath(posixpath.join(folder, source)) for source in command.sources]
    return [p for p in (f"{manifest.path.removesuffix('.txt')}.in",) if p in paths]


def _folder(manifest: Manifest, paths: Collection[str]) -> str | None:
    """Return the folder that a compiler ran in: from there, every path that the file mentions exists."""
    if manifest.lock is None or manifest.lock.tool not in COMPILERS:
        return None
    command = compiled.command(manifest.lock.command) or compiled.Command()
    mentioned = [*manifest.lock.mentions, *command.sources]
    for folder in ("", *_above(posixpath.dirname(manifest.path))):
        if all(posixpath.normpath(posixpath.join(folder, m)) in paths for m in mentioned):
            return folder
    return None


def linked(found: Mapping[str, Manifest], paths: Collection[str]) -> list[Manifest]:
    """Return the manifests, each with the lock files that are written from it.

    A manifest whose lock file no format reads is sealed: no hand may edit one and leave the other.
    """
    sourced = {path: _sourced(m, found, paths) for path, m in found.items()}
    written: dict[str, list[Manifest]] = {}
    for manifest in sourced.values():
        for source in manifest.lock.sources if manifest.lock else ():
            written.setdefault(source, []).append(manifest)
    return [_linked(m, written.get(m.path, ()), sourced, paths) for m in sourced.values()]


def _sourced(manifest: Manifest, found: Mapping[str, Manifest], paths: Collection[str]) -> Manifest:
    """Return a compiled file with all that it is written from, whatever includes or constrains what."""
    if manifest.lock is None or manifest.lock.tool not in COMPILERS:
        return manifest
    sources: list[str] = []
    waiting = list(named(manifest, paths))
    while waiting:
        path = waiting.pop()
        if path in sources or path == manifest.path or path not in found:
            continue
        sources.append(path)
        waiting += [*found[path].includes, *found[path].constraints, *named(found[path], paths)]
    folder = _folder(manifest, paths) or ""
    return replace(manifest, lock=replace(manifest.lock, sources=tuple(sources), folder=folder))


def _linked(
    manifest: Manifest, written: Sequence[Manifest], found: Mapping[str, Manifest], paths: Collection[str]
) -> Manifest:
    indexes = dict.fromkeys((*manifest.indexes, *(i for lock in written for i in lock.indexes)))
    linked = replace(manifest, locks=tuple(lock.path for lock in written), indexes=tuple(indexes))
    if manifest.sealed or (manifest.lock and manifest.lock.sources):
        return linked
    return replace(linked, sealed=_half(manifest, found) if written else _sealed(manifest, found, paths))


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


def _half(manifest: Manifest, found: Mapping[str, Manifest]) -> str:
    """Return why a file with lock files stays: another one beside it does not say what it is written from."""
    folder = posixpath.dirname(manifest.path)
    for other in found.values():
        is_beside = posixpath.dirname(other.path) == folder and other.path.endswith(".toml")
        if is_beside and other.lock and not other.lock.sources:
            return f"`{other.path}` would have to be refreshed with it"
    return ""


def _candidates(path: str) -> Iterator[str]:
    """Return where a lock file of a manifest could stand: beside it, or above it for a workspace."""
    for folder in _above(posixpath.dirname(path)):
        yield from (posixpath.join(folder, name) for name in _NAMES)


def _above(folder: str) -> Iterator[str]:
    """Return a folder and all that it lies in, the root (``""``) at last."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


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
        except ValueError:  # which is also said of a number with thousands of digits
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
