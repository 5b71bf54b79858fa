"""Finds what only lock files name: what is installed because something else needs it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from packaging.version import Version

from codemods import versions
from codemods.inventory import Inventory
from codemods.manifests.model import Clause, Locked, Manifest, Requirement, Role

_NONE = Version("0")


def names(found: Inventory) -> frozenset[str]:
    """Return the public names that some lock file has."""
    locked = (entry.name for m in found.manifests if m.lock for entry in m.lock.locked)
    return frozenset(locked) - found.private


def by_name(
    found: Inventory, renewed: Collection[str], unwritten: Mapping[str, str]
) -> Mapping[str, list[tuple[Manifest, Requirement]]]:
    """Return the entries of lock files that no requirement speaks for, as requirements of their own.

    In a lock file that can be written again (``renewed``: their paths) an entry admits every version; any
    other is a pin that nobody may change, and so is one of which it turned out why not (``unwritten``). Each
    lock file is an environment by itself.
    """
    entries: dict[str, list[tuple[Manifest, Requirement]]] = {}
    for manifest in found.manifests:
        for name, declared in _entries(manifest, found, renewed, unwritten):
            if name not in found.private:
                entries.setdefault(name, []).append(declared)
    return entries


def _entries(
    manifest: Manifest, found: Inventory, renewed: Collection[str], unwritten: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Manifest, Requirement]]]:
    if manifest.lock is None:
        return
    named = _named(manifest, found, renewed)
    own = replace(manifest, requirements=(), isolated=True)
    helpless = f"`{manifest.path}` would have to be written again, and nothing here can do that"
    forked = f"it is locked at more than one version in `{manifest.path}`"
    for name, entries in _by_name(manifest.lock.locked).items():
        if manifest.path not in renewed:
            sealed, kept = helpless, () if name in named else entries
        elif len({e.version for e in entries}) > 1:
            # The requirement on it, if there is one, speaks for the highest.
            sealed, kept = forked, entries[: -1 if name in named else None]
        else:
            sealed, kept = unwritten.get(manifest.path, ""), () if name in named else entries[:1]
        for entry in kept:
            locks = () if sealed else (manifest.path,)
            requirement = _requirement(manifest.path, entry, is_free=not sealed)
            yield name, (replace(own, sealed=sealed, locks=locks), requirement)


def _named(manifest: Manifest, found: Inventory, renewed: Collection[str]) -> frozenset[str]:
    """Return the names that requirements speak for: its own, and those of what it is written from."""
    sources = manifest.lock.sources if manifest.lock else ()
    speaking = [m for m in found.manifests if m.path in (manifest.path, *sources) and m.path not in renewed]
    return frozenset(r.name for m in speaking for r in m.requirements if r.role is not Role.BUILD)


def _by_name(locked: Collection[Locked]) -> Mapping[str, list[Locked]]:
    """Return the entries of each name, that of the highest version last."""
    entries: dict[str, list[Locked]] = {}
    for entry in sorted(locked, key=lambda e: (versions.parsed(e.version) or _NONE, e.line)):
        entries.setdefault(entry.name, []).append(entry)
    return entries


def _requirement(path: str, entry: Locked, *, is_free: bool) -> Requirement:
    pin = () if is_free else (Clause("==", entry.version, 0, 0, 0),)
    # What is locked more than once is for environments that never meet.
    section = "" if is_free else entry.version
    return Requirement(entry.name, path, entry.line, pin, Role.INSTALL, section=section)
