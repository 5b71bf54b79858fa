"""Keeps what releases offer by name, for all repositories and processes and for ever: no release changes."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from codemods.interface import Interface, Module, Parameter, Thing
from workers import shelving

FORMAT = 1
"""What the reader makes of a wheel; entries of another number are not read."""
_LARGEST = 64 * 1024 * 1024
_HOLDS = 3600
"""Seconds for which nobody tries again what failed."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Shelf:
    """The entries of one index, a file for each release; what cannot be read is as if not there."""

    folder: Path

    def read(self, name: str, version: Version) -> Interface | None:
        """Return what is kept of a release."""
        try:
            unpacking = zlib.decompressobj()
            entry = json.loads(unpacking.decompress(self._path(name, version).read_bytes(), _LARGEST))
            if entry["format"] != FORMAT:
                return None
            return Interface({module: _module(known) for module, known in entry["modules"].items()})
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error):
            return None

    def keep(self, name: str, version: Version, offered: Interface) -> None:
        """Keep what a release offers, so that other processes see all of it or nothing."""
        rows = {module: _rows(known) for module, known in offered.modules.items()}
        entry = json.dumps({"format": FORMAT, "modules": rows}, separators=(",", ":"))
        shelving.put(self._path(name, version), zlib.compress(entry.encode(), 6))

    def give_up(self, name: str, version: Version, words: str, kind: str = "no") -> None:
        """Note for an hour why a release cannot be read (``""``: nothing is to be said of it).

        ``kind`` says who is told, in letters.
        """
        shelving.put(self._path(name, version, kind), words.encode())

    def given_up(self, name: str, version: Version, kind: str = "no") -> str | None:
        """Return why a release could not be read within the last hour, None where nobody failed."""
        path = self._path(name, version, kind)
        try:
            recent = 0 <= time.time() - path.stat().st_mtime < _HOLDS
            return path.read_text("utf-8")[:_LONGEST] if recent else None
        except (OSError, ValueError):
            return None

    def _path(self, name: str, version: Version, kind: str = "z") -> Path:
        return self.folder / f"{name}@{version}.{kind}"


def _rows(module: Module) -> list[Any]:
    names = {name: _row(thing) for name, thing in module.names.items()}
    return [names, module.stars, sorted(module.typed), module.exported, module.open]


def _row(thing: Thing) -> list[Any]:
    takes = None if thing.takes is None else [[p.name, p.kind, p.required] for p in thing.takes]
    members = {name: _row(member) for name, member in thing.members.items()}
    row: list[Any] = [thing.kind, thing.target, takes, thing.bases, members, thing.open]
    return row if thing.kind != "value" else row[:1]


def _module(row: list[Any]) -> Module:
    names, stars, typed, exported, is_open = row
    known = {name: _thing(thing) for name, thing in names.items()}
    said = None if exported is None else tuple(exported)
    return Module(known, tuple(stars), frozenset(typed), said, bool(is_open))


_VALUE = Thing("value")


def _thing(row: list[Any]) -> Thing:
    if row == ["value"]:
        return _VALUE
    kind, target, takes, bases, members, is_open = row
    parameters = None if takes is None else tuple(Parameter(*one) for one in takes)
    inner: Mapping[str, Thing] = {name: _thing(member) for name, member in members.items()}
    return Thing(kind, target, parameters, tuple(bases), inner, bool(is_open))
