"""pylock.toml (PEP 751): what some tool has resolved; written again where uv compiled it from named files."""

from __future__ import annotations

from collections.abc import Sequence

from codemods.manifests import compiled, toml_lock
from codemods.manifests.model import Change, Lock, Manifest, Requirement
from codemods.manifests.toml_document import Table
from codemods.model import Splice

FILES = ("pylock.toml", "pylock.*.toml")

_ELSEWHERE = frozenset({"archive", "directory", "vcs"})


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    try:
        entries = toml_lock.parse(data, "packages")
    except ValueError as error:
        return toml_lock.unread(path, error)
    said = compiled.lock(data.decode(), ())
    python = str(entries.document.get("requires-python", "")).removeprefix(">=")
    lock = Lock("pylock", written_by=python, command=said.command if said else "")
    return toml_lock.manifest(path, entries, lock, _where)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return nothing: no hand writes it."""
    return ()


def _where(package: Table) -> str | None:
    return None if _ELSEWHERE.intersection(package) else str(package.get("index", ""))
