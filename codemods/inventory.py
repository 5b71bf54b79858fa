"""Reads every dependency file of a tree, whatever its format, and what the files say about each other."""

from __future__ import annotations

import importlib
import pkgutil
import posixpath
import re
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from types import ModuleType
from typing import cast

from codemods import locks, manifests, places
from codemods.manifests.model import Format, Manifest, Requirement, Role
from codemods.model import Problem, Tree

_SAMPLES = re.compile(r"(?:^|/)(?:(?:__)?fixtures?(?:__)?|test[-_]?data|snapshots|[^/]*\{[{%][^/]*)/")
_TEST_DATA = re.compile(r"(?:^|/)tests?/(?:.*/)?(?:data|samples?|resources|examples?|projects?|packages)/")
_MOST = 5_000
_REMEMBERED = 200_000
"""Blobs that are known to say nothing: 25 MB at most."""
_BY_INCLUDE = "requirements.txt"


@dataclass(frozen=True, slots=True)
class Inventory:
    """All dependency files of a tree; ``private`` are the names that somewhere come from no index."""

    manifests: tuple[Manifest, ...]
    private: frozenset[str]
    problems: tuple[Problem, ...]

    def by_name(self) -> Mapping[str, list[tuple[Manifest, Requirement]]]:
        """Return the requirements on each public distribution, in the order of the files."""
        found: dict[str, list[tuple[Manifest, Requirement]]] = {}
        for manifest in self.manifests:
            for requirement in manifest.requirements:
                if requirement.name not in self.private:
                    found.setdefault(requirement.name, []).append((manifest, requirement))
        return found


def formats(package: ModuleType = manifests) -> tuple[Format, ...]:
    """Return the formats that are known: each module of the package that has ``FILES``."""
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(cast("Format", module) for module in modules if hasattr(module, "FILES"))


@cache
def _known() -> tuple[Format, ...]:
    return formats()


@lru_cache(maxsize=200_000)
def format_of(path: str) -> Format | None:
    """Return the format of a path by its name, None when it is no dependency file."""
    found = [(len(glob), f) for f in _known() for glob in f.FILES if _matches(path, glob)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def writing(path: str) -> Format:
    """Return the format that changes a path; what only an include names is a requirements file."""
    return format_of(path) or cast("Format", format_of(_BY_INCLUDE))


def _matches(path: str, glob: str) -> bool:
    if "/" in glob:
        return fnmatchcase(f"/{path}", f"*/{glob}")
    return fnmatchcase(posixpath.basename(path), glob)


def is_sample(path: str) -> bool:
    """Say whether a path lies among data of tests, templates or other people's code."""
    return places.is_foreign(path) or bool(_SAMPLES.search(path) or _TEST_DATA.search(path))


_silent: set[tuple[tuple[bytes, ...], str]] = set()
_recent: deque[tuple[weakref.ref[Tree], Inventory]] = deque(maxlen=4)


def read(tree: Tree) -> Inventory:
    """Return every dependency file of a tree, also those that only an include names.

    A tree does not change: whoever asks again about the same one gets the same answer.
    """
    for known, found in tuple(_recent):
        if known() is tree:
            return found
    found = _all(tree)
    _recent.append((weakref.ref(tree), found))
    return found


def _all(tree: Tree) -> Inventory:
    paths = frozenset(tree.paths())
    found: dict[str, Manifest] = {}
    waiting = deque((p, p, False) for p in sorted(paths) if format_of(p))
    while waiting and len(found) < _MOST:
        path, named, constrains = waiting.popleft()
        if path not in paths or path in found or is_sample(path):
            continue
        data = _telling(tree, path, getattr(writing(named), "NEEDLES", ()))
        if data is None:
            continue
        manifest = _read(named, path, data)
        found[path] = _as_constraint(manifest) if constrains else manifest
        waiting += [(p, _BY_INCLUDE, constrains) for p in manifest.includes]
        waiting += [(p, _BY_INCLUDE, True) for p in manifest.constraints]
        waiting += [(p, p if format_of(p) else _BY_INCLUDE, False) for p in locks.named(manifest, paths)]
    links = _linked(found)
    linked = locks.linked({path: _joined(m, found, links) for path, m in found.items()}, paths)
    private = frozenset(n for m in linked for n in (*m.private, m.own) if n)
    return Inventory(tuple(linked), private, tuple(p for m in linked for p in m.problems))


def _telling(tree: Tree, path: str, needles: tuple[bytes, ...]) -> bytes | None:
    """Return a file's bytes, None where it says nothing: no needle of its format stands in it.

    Any Python file may hold the metadata of a script; which blobs hold none is remembered, so that the next
    scan of a repository need not read all of them again.
    """
    if not needles:
        return tree.read(path)
    blob = needles, tree.identity(path)
    if blob in _silent:
        return None
    data = tree.read(path)
    if any(needle in data for needle in needles):
        return data
    if len(_silent) < _REMEMBERED:
        _silent.add(blob)
    return None


@lru_cache(maxsize=2048)
def _read(named: str, path: str, data: bytes) -> Manifest:
    return writing(named).read(path, data)


def _as_constraint(manifest: Manifest) -> Manifest:
    requirements = tuple(replace(r, role=Role.CONSTRAINT) for r in manifest.requirements)
    return replace(manifest, requirements=requirements)


def _linked(found: Mapping[str, Manifest]) -> Mapping[str, set[str]]:
    """Return for each path the paths that it includes or that include it."""
    links: dict[str, set[str]] = {path: set() for path in found}
    for path, manifest in found.items():
        for other in (*manifest.includes, *manifest.constraints):
            if other in found:
                links[path].add(other)
                links[other].add(path)
    return links


def _joined(manifest: Manifest, found: Mapping[str, Manifest], links: Mapping[str, set[str]]) -> Manifest:
    """Return a manifest with the indexes of every file that is installed together with it."""
    seen, waiting = {manifest.path}, [manifest.path]
    while waiting:
        fresh = links[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    indexes = dict.fromkeys(index for path in sorted(seen) for index in found[path].indexes)
    return replace(manifest, indexes=tuple(indexes))
