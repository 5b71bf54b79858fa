"""Reads lock files that are one TOML table after the other, each about one distribution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from codemods.manifests import addresses, toml_document
from codemods.manifests.model import Lock, Locked, Manifest
from codemods.manifests.toml_document import Table
from codemods.model import Problem

Where = Callable[[Table], str | None]
"""Says of an entry which index it comes from: its address, ``""`` for the usual one, None for no index."""

_LEADING = re.compile(r"[A-Za-z0-9][\w.-]*")
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entries:
    """A lock file's tables: the whole document, and each distribution's with its first line (from 1)."""

    document: Table
    packages: Sequence[tuple[Table, int]]


def parse(data: bytes, key: str = "package") -> Entries:
    """Return the tables ``[[key]]`` of a lock file; ValueError says why it is none."""
    document = toml_document.parse(data, _LARGEST)
    packages = document.get(key, [])
    heads = re.finditer(rf"^\[\[{key}\]\]\r?$".encode(), data, re.MULTILINE)
    lines = [data.count(b"\n", 0, m.start()) + 2 for m in heads]
    if not isinstance(packages, list) or len(packages) != len(lines):
        raise ValueError("its packages cannot be told apart")
    found = [(p, line) for p, line in zip(packages, lines, strict=True) if isinstance(p, dict)]
    return Entries(document, found)


def unread(path: str, error: ValueError) -> Manifest:
    """Return a file that cannot be read."""
    return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))


def manifest(path: str, entries: Entries, lock: Lock, where: Where) -> Manifest:
    """Return what the entries lock; those that come from no index are private."""
    told = [(package, line, where(package)) for package, line in entries.packages]
    needing: dict[str, dict[str, None]] = {}
    for package, _ in entries.packages:
        for name in _needs(package):
            needing.setdefault(name, {})[_name(package)] = None
    return Manifest(
        path,
        indexes=tuple(dict.fromkeys(addresses.plain(index) for _, _, index in told if index)),
        private=frozenset(_name(package) for package, _, index in told if index is None),
        lock=replace(
            lock,
            locked=tuple(
                Locked(_name(package), str(package["version"]), line, tuple(needing.get(_name(package), ())))
                for package, line, index in told
                if index is not None and isinstance(package.get("version"), str)
            ),
        ),
    )


def _needs(package: Table) -> Iterator[str]:
    """Return what an entry needs, whatever for: a table by name, or lists of tables or of requirements."""
    needed = package.get("dependencies")
    extras = package.get("optional-dependencies")
    if isinstance(needed, dict):
        yield from map(canonicalize_name, needed)
    for listed in (needed, *(extras.values() if isinstance(extras, dict) else ())):
        for need in listed if isinstance(listed, list) else ():
            named = need.get("name") if isinstance(need, dict) else need
            if found := _LEADING.match(str(named)):
                yield canonicalize_name(found[0])


def _name(package: Table) -> str:
    return canonicalize_name(str(package.get("name", "")))
