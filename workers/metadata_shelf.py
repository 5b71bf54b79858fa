"""Keeps for an hour what single releases say of themselves, for all repositories and processes."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.version import Version

from workers import shelving
from workers.described import Described

FORMAT = 1
"""What the reader makes of an answer; entries of another number are not read."""
_HOLDS = 3600
"""Seconds: metadata never changes, but wheels are added to a release for a while."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The entries of one index, a file for each release; what cannot be read is as if not there."""

    folder: Path

    def read(self, name: str, version: Version) -> Described | None:
        """Return what is kept of a release and still holds."""
        try:
            path = self._path(name, version)
            if not 0 <= time.time() - path.stat().st_mtime < _HOLDS:
                return None
            entry = json.loads(path.read_bytes())
            requires = entry["requires"]
            known = entry.pop("format") == FORMAT
            return (
                Described(
                    tuple(entry["wheels"]),
                    None if requires is None else tuple(requires),
                    (entry["license"][0], entry["license"][1]),
                    tuple(entry["addresses"]),
                )
                if known
                else None
            )
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return None

    def keep(self, name: str, version: Version, said: Described) -> None:
        """Keep what a release says, so that other processes see all of it or nothing."""
        entry = json.dumps({"format": FORMAT, **asdict(said)}, separators=(",", ":"))
        shelving.put(self._path(name, version), entry.encode())

    def _path(self, name: str, version: Version) -> Path:
        return self.folder / f"{name}@{version}.json"
