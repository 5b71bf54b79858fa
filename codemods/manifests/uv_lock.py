"""uv.lock: what uv has resolved for a project or a workspace; only uv writes it again."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from codemods.manifests import toml_lock
from codemods.manifests.model import Change, Lock, Manifest, Requirement
from codemods.manifests.toml_document import Table, at
from codemods.model import Splice

FILES = ("uv.lock",)

_MEMBERS = ("editable", "virtual")


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    try:
        entries = toml_lock.parse(data)
    except ValueError as error:
        return toml_lock.unread(path, error)
    sources = tuple(dict.fromkeys(s for package, _ in entries.packages for s in _sources(path, package)))
    lock = Lock("uv", written_by=str(entries.document.get("revision", "")), sources=sources)
    return toml_lock.manifest(path, entries, lock, _where)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return nothing: no hand writes it."""
    return ()


def _where(package: Table) -> str | None:
    registry = at(package, "source").get("registry")
    return None if registry is None else str(registry)


def _sources(path: str, package: Table) -> Iterator[str]:
    """Return the pyproject.toml of a member of the workspace."""
    for kind in _MEMBERS:
        if isinstance(folder := at(package, "source").get(kind), str):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), folder, "pyproject.toml"))
