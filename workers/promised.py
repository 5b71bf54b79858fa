"""Reads the promises in a tree's comments; of files that were read before, what is remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from codemods import promises, registry
from codemods.debts import TAGS, Promise
from codemods.model import Tree
from workers.discover import Memory

_BATCH = 1_000
"""Files whose promises are recalled, or remembered, at a time."""


def read(
    tree: Tree,
    tags: tuple[str, ...] = TAGS,
    ignored: Callable[[str], bool] = lambda _: False,
    memory: Memory | None = None,
) -> Mapping[str, Sequence[Promise]]:
    """Return the promises of a tree by path, in the order of the paths; only of files that hold some."""
    found: dict[str, Sequence[Promise]] = {}
    paths = [path for path in tree.paths() if promises.holds_any(path) and not ignored(path)]
    for first in range(0, len(paths), _BATCH):
        found |= _batch(tree, paths[first : first + _BATCH], tags, memory)
    return found


def _batch(
    tree: Tree, paths: Sequence[str], tags: tuple[str, ...], memory: Memory | None
) -> Mapping[str, Sequence[Promise]]:
    keys = {path: _key(tree, path, tags) for path in paths} if memory else {}
    known = memory.recall(list(keys.values())) if memory else {}
    held: dict[str, Sequence[Promise]] = {}
    learned: dict[str, str] = {}
    for path in paths:
        text = known.get(keys[path]) if memory else None
        held[path] = promises.of_file(path, tree.read(path), tags) if text is None else _read(text)
        if memory and text is None:
            learned[keys[path]] = json.dumps([asdict(promise) for promise in held[path]])
    if memory and learned:
        memory.remember(learned)
    return {path: one for path, one in held.items() if one}


def _key(tree: Tree, path: str, tags: tuple[str, ...]) -> str:
    asked = hashlib.sha256("\0".join((path, registry.shared(), *tags)).encode()).hexdigest()[:16]
    return f"{tree.identity(path)}:promises:{asked}"


def _read(text: str) -> Sequence[Promise]:
    return tuple(Promise(**{**said, "spans": tuple(map(tuple, said["spans"]))}) for said in json.loads(text))
