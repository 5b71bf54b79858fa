"""uv.lock: what uv has resolved for a project or a workspace; only uv writes it again."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import addresses
from codemods.manifests.model import Change, Lock, Locked, Manifest, Requirement
from codemods.model import Problem, Splice

FILES = ("uv.lock",)

_LARGEST = 16 * 1024 * 1024
_ENTRY = re.compile(rb"^\[\[package\]\]\r?$", re.MULTILINE)
_MEMBERS = ("editable", "virtual")


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    if len(data) > _LARGEST:
        return _unread(path, "it is larger than 16 MiB")
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        return _unread(path, f"it is not valid TOML ({error})")
    packages = document.get("package", [])
    lines = [data.count(b"\n", 0, m.start()) + 2 for m in _ENTRY.finditer(data)]
    if not isinstance(packages, list) or len(packages) != len(lines):
        return _unread(path, "its packages cannot be told apart")
    entries = [(p, line) for p, line in zip(packages, lines, strict=True) if isinstance(p, dict)]
    needing = _needing(p for p, _ in entries)
    return Manifest(
        path,
        indexes=tuple(dict.fromkeys(i for p, _ in entries for i in _index(p))),
        private=frozenset(n for p, _ in entries for n in _private(p)),
        lock=Lock(
            "uv",
            written_by=str(document.get("revision", "")),
            locked=tuple(found for p, line in entries for found in _locked(p, line, needing)),
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


def _locked(
    package: Mapping[str, object], line: int, needing: Mapping[str, Sequence[str]]
) -> Iterator[Locked]:
    if "registry" in _source(package) and isinstance(package.get("version"), str):
        name = _named(package)
        yield Locked(name, str(package["version"]), line, tuple(dict.fromkeys(needing.get(name, ()))))


def _needing(packages: Iterable[Mapping[str, object]]) -> Mapping[str, Sequence[str]]:
    """Return who needs each distribution, whatever for."""
    found: dict[str, list[str]] = {}
    for package in packages:
        extras = package.get("optional-dependencies")
        lists = [package.get("dependencies"), *(extras.values() if isinstance(extras, dict) else ())]
        for need in (
            n for listed in lists if isinstance(listed, list) for n in listed if isinstance(n, dict)
        ):
            found.setdefault(_named(need), []).append(_named(package))
    return found


def _sources(path: str, package: Mapping[str, object]) -> Iterator[str]:
    """Return the pyproject.toml of a member of the workspace."""
    for kind in _MEMBERS:
        if isinstance(folder := _source(package).get(kind), str):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), folder, "pyproject.toml"))
