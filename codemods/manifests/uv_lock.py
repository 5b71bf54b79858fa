"""uv.lock: what uv has resolved for a project or a workspace; only uv writes it again."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import addresses, toml_document
from codemods.manifests.model import Change, Lock, Locked, Manifest, Requirement
from codemods.model import Problem, Splice

FILES = ("uv.lock",)

_LARGEST = 16 * 1024 * 1024
_ENTRY = re.compile(rb"^\[\[package\]\]\r?$", re.MULTILINE)
_MEMBERS = ("editable", "virtual")


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    try:
        document = toml_document.parse(data, _LARGEST)
    except ValueError as error:
        return _unread(path, str(error))
    packages = document.get("package", [])
    lines = [data.count(b"\n", 0, m.start()) + 2 for m in _ENTRY.finditer(data)]
    if not isinstance(packages, list) or len(packages) != len(lines):
        return _unread(path, "its packages cannot be told apart")
    entries = [(p, line) for p, line in zip(packages, lines, strict=True) if isinstance(p, dict)]
    return Manifest(
        path,
        indexes=tuple(dict.fromkeys(i for p, _ in entries for i in _index(p))),
        private=frozenset(n for p, _ in entries for n in _private(p)),
        lock=Lock(
            "uv",
            written_by=str(document.get("revision", "")),
            locked=tuple(found for p, line in entries for found in _locked(p, line)),
            sources=tuple(dict.fromkeys(s for p, _ in entries for s in _sources(path, p))),
        ),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return nothing: no hand writes it."""
    return ()


def _unread(path: str, why: str) -> Manifest:
    return Manifest(path, problems=(Problem(path, 1, f"skipped: {why}"),))


def _source(package: Mapping[str, object]) -> Mapping[str, object]:
    source = package.get("source")
    return source if isinstance(source, dict) else {}


def _named(package: Mapping[str, object]) -> str:
    return canonicalize_name(str(package.get("name", "")))


def _index(package: Mapping[str, object]) -> Iterator[str]:
    if "registry" in _source(package):
        yield addresses.plain(str(_source(package)["registry"]))


def _private(package: Mapping[str, object]) -> Iterator[str]:
    if "registry" not in _source(package):
        yield _named(package)


def _locked(package: Mapping[str, object], line: int) -> Iterator[Locked]:
    if "registry" in _source(package) and isinstance(package.get("version"), str):
        yield Locked(_named(package), str(package["version"]), line)


def _sources(path: str, package: Mapping[str, object]) -> Iterator[str]:
    """Return the pyproject.toml of a member of the workspace."""
    for kind in _MEMBERS:
        if isinstance(folder := _source(package).get(kind), str):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), folder, "pyproject.toml"))
