"""Reads the promises in a tree's comments; of files that were read before, what is remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial

from codemods import promises, registry
from codemods.debts import TAGS, Promise
from codemods.model import Tree
from workers import spread
from workers.discover import Memory

_OfFile = Callable[[str, bytes], Sequence[Promise]]
_BATCH = 1_000
"""Files whose promises are recalled, or remembered, at a time."""


def read(
    tree: Tree,
    tags: tuple[str, ...] = TAGS,
    ignored: Callable[[str], bool] = lambda _: False,
    memory: Memory | None = None,
    seconds: float = spread.DEADLINE,
) -> Mapping[str, Sequence[Promise]]:
    """Return the promises of a tree by path, in the order of the paths; only of files that hold some.

    A file that takes more than ``seconds`` of processor time to read holds none.
    """
    of_file = partial(_in_time, seconds, tags)
    found: dict[str, Sequence[Promise]] = {}
    paths = [path for path in tree.paths() if promises.holds_any(path) and not ignored(path)]
    for first in range(0, len(paths), _BATCH):
        found |= _batch(tree, paths[first : first + _BATCH], tags, of_file, memory)
    return found


def is_unread(tree: Tree, path: str) -> bool:
    """Say whether a file is there and nobody can tell what it promises."""
    try:
        data = tree.read(path)
    except KeyError:
        return False
    return not spread.in_time(partial(promises.is_clear, path, data), otherwise=False)


def _batch(
    tree: Tree, paths: Sequence[str], tags: tuple[str, ...], of_file: _OfFile, memory: Memory | None
) -> Mapping[str, Sequence[Promise]]:
    keys = {path: _key(tree, path, tags) for path in paths} if memory else {}
    known = memory.recall(list(keys.values())) if memory else {}
    held: dict[str, Sequence[Promise]] = {}
    learned: dict[str, str] = {}
    for path in paths:
        text = known.get(keys[path]) if memory else None
        held[path] = of_file(path, tree.read(path)) if text is None else _read(text)
        if memory and text is None:
            learned[keys[path]] = json.dumps([asdict(promise) for promise in held[path]])
    if memory and learned:
        memory.remember(learned)
    return {path: one for path, one in held.items() if one}


def _in_time(seconds: float, tags: tuple[str, ...], path: str, data: bytes) -> Sequence[Promise]:
    """Read a file; the lexers of some languages need hours for what was written to keep them busy."""
    return spread.in_time(partial(promises.of_file, path, data, tags), (), seconds)


def _key(tree: Tree, path: str, tags: tuple[str, ...]) -> str:
    asked = hashlib.sha256("\0".join((path, registry.shared(), *tags)).encode()).hexdigest()[:16]
    return f"{tree.identity(path)}:promises:{asked}"


def _read(text: str) -> Sequence[Promise]:
    return tuple(Promise(**{**said, "spans": tuple(map(tuple, said["spans"]))}) for said in json.loads(text))
