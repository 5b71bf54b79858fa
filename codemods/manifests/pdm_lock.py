"""pdm.lock: what pdm has resolved for the project beside it; only pdm writes it again."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from codemods.manifests import toml_lock
from codemods.manifests.model import Change, Lock, Manifest, Requirement
from codemods.manifests.toml_document import Table, at
from codemods.model import Splice

FILES = ("pdm.lock",)

_ELSEWHERE = frozenset({"editable", "git", "hg", "path", "ref", "revision", "svn", "url"})


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    try:
        entries = toml_lock.parse(data)
    except ValueError as error:
        return toml_lock.unread(path, error)
    version = str(at(entries.document, "metadata").get("lock_version", ""))
    source = posixpath.join(posixpath.dirname(path), "pyproject.toml")
    return toml_lock.manifest(path, entries, Lock("pdm", written_by=version, sources=(source,)), _where)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return nothing: no hand writes it."""
    return ()


def _where(package: Table) -> str | None:
    return None if _ELSEWHERE.intersection(package) else ""
