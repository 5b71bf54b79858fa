"""Keeps what was read of package indexes' answers, for all repositories and processes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codemods.model import Release
from workers import listings, shelving
from workers.origins import Place

FORMAT = 1
"""What the reader makes of an answer; entries of another number are not read."""
LARGEST = 256 * 1024 * 1024
"""The most bytes that are kept; those that were confirmed longest ago go first."""

_UNSAID = 600
_LONGEST = 3600
_MARK = re.compile(r"[\x20-\x7e]{1,300}")
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Said:
    """What an index said of a name, and for how many seconds that holds.

    ``releases`` are None where it does not know the name; ``etag`` and ``modified`` are what it can be asked
    with whether something has changed since.
    """

    releases: tuple[Release, ...] | None
    seconds: int
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The entries of one index, a file for each name; what cannot be read or written is as if not there."""

    folder: Path

    def read(self, name: str) -> tuple[Said, bool] | None:
        """Return what is kept of a name, and whether it still holds; None when nothing is."""
        try:
            with self._path(name).open("rb") as file:
                entry, confirmed = json.loads(file.read()), os.fstat(file.fileno()).st_mtime
            if entry["format"] != FORMAT:
                return None
            rows = entry["releases"]
            releases = None if rows is None else tuple(map(_release, rows))
            said = Said(releases, int(entry["seconds"]), str(entry["etag"]), str(entry["modified"]))
            # A clock that was set back must not keep an entry for ever.
            return said, 0 <= time.time() - confirmed < said.seconds
        except _UNREADABLE:
            return None

    def keep(self, name: str, said: Said | None) -> None:
        """Keep what was said of a name, and nothing of it where that is None."""
        with suppress(OSError):
            if said is None:
                self._path(name).unlink(missing_ok=True)
            else:
                self._write(name, said)

    def _write(self, name: str, said: Said) -> None:
        """Write an entry so that other processes see all of it or nothing."""
        entry = {
            "format": FORMAT,
            "seconds": said.seconds,
            "etag": said.etag,
            "modified": said.modified,
            "releases": None if said.releases is None else list(map(_row, said.releases)),
        }
        shelving.put(self._path(name), json.dumps(entry, separators=(",", ":")).encode())

    def confirm(self, name: str) -> None:
        """Note that what is kept of a name holds from now on."""
        with suppress(OSError):
            os.utime(self._path(name))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def shelf(store: Path, place: Place) -> Shelf:
    """Return the entries of an index, apart for each user: two need not see the same."""
    key = hashlib.sha256(f"{place.user}@{place.address}".encode()).hexdigest()[:16]
    return Shelf(store / f"{re.sub(r'[^a-z0-9.]+', '-', place.host)}-{key}")


def said(headers: Mapping[str, str], releases: tuple[Release, ...] | None) -> Said | None:
    """Return how long an answer holds by its headers; None when it must not be kept."""
    control = headers.get("cache-control", "").lower()
    if "no-store" in control:
        return None
    etag, modified = (_mark(headers.get(name, "")) for name in ("etag", "last-modified"))
    seconds = 0 if etag or modified else _UNSAID
    if "no-cache" in control:
        seconds = 0
    elif found := re.search(r"(?<![\w-])max-age=\"?(\d{1,9})", control):
        seconds = int(found[1]) - _age(headers.get("age", ""))
    # A name that is published here must not be taken from another index for longer than that.
    longest = _LONGEST if releases is not None else _UNSAID
    return Said(releases, min(max(seconds, 0), longest), etag, modified)


def prune(store: Path) -> None:
    """Delete the entries that were confirmed longest ago, where all are too large together."""
    files = [(found.st_mtime, found.st_size, path) for path in store.glob("*/*") if (found := _stat(path))]
    size = sum(bytes_ for _, bytes_, _ in files)
    if size <= LARGEST:
        return
    for _, bytes_, path in sorted(files):
        with suppress(OSError):
            path.unlink()
        size -= bytes_
        if size <= LARGEST * 3 // 4:
            return


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _age(text: str) -> int:
    """Return how many seconds an answer had spent in a cache on its way."""
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0


def _mark(text: str) -> str:
    return text if _MARK.fullmatch(text) else ""


def _row(release: Release) -> list[object]:
    hashes = " ".join(release.hashes)
    known = [str(release.version), release.uploaded, release.requires_python]
    return [*known, release.yanked, release.wheel, hashes]


def _release(row: list[str]) -> Release:
    text, uploaded, requires_python, yanked, wheel, hashes = row
    if (version := listings.version(text)) is None:
        raise ValueError(text)
    return Release(version, uploaded, requires_python, bool(yanked), bool(wheel), tuple(hashes.split()))
