"""Reads the promises in a tree's comments; of files that were read before, what is remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from codemods import promises, registry
from codemods.debts import TAGS, Promise
from codemods.model import Tree
from workers.discover import Memory
from workers.errands import Errand, Spread

_BATCH = 1_000
"""Files whose promises are recalled, or remembered, at a time."""


@dataclass(frozen=True, slots=True)
class File:
    """A file, and what begins a comment that is a promise."""

    path: str
    data: bytes
    tags: tuple[str, ...] = TAGS


_Held = tuple[str, Sequence[Promise]]
"""The path of a file, and its promises."""


def read(
    tree: Tree,
    tags: tuple[str, ...] = TAGS,
    ignored: Callable[[str], bool] = lambda _: False,
    memory: Memory | None = None,
    spread: Spread = map,
) -> Mapping[str, Sequence[Promise]]:
    """Return the promises of a tree by path, in the order of the paths; only of files that hold some.

    A file of which nothing came, as it takes too long, holds none.
    """
    found: dict[str, Sequence[Promise]] = {}
    paths = [path for path in tree.paths() if promises.holds_any(path) and not ignored(path)]
    for first in range(0, len(paths), _BATCH):
        found |= _batch(tree, paths[first : first + _BATCH], tags, spread, memory)
    return found


def is_unread(tree: Tree, path: str, spread: Spread = map) -> bool:
    """Say whether a file is there and nobody can tell what it promises."""
    try:
        data = tree.read(path)
    except KeyError:
        return False
    (is_clear,) = spread(_CLEAR, [File(path, data)])
    return not is_clear


def _batch(
    tree: Tree, paths: Sequence[str], tags: tuple[str, ...], spread: Spread, memory: Memory | None
) -> Mapping[str, Sequence[Promise]]:
    keys = {path: _key(tree, path, tags) for path in paths} if memory else {}
    known = memory.recall(list(keys.values())) if memory else {}
    held = {path: _remembered(known[key]) for path, key in keys.items() if key in known}
    fresh = dict(spread(_READ, _worth_it(tree, (path for path in paths if path not in held), tags)))
    if memory and (missing := [path for path in paths if path not in held]):
        memory.remember({keys[p]: json.dumps([asdict(one) for one in fresh.get(p, ())]) for p in missing})
    held |= fresh
    return {path: held[path] for path in paths if held.get(path)}


def _worth_it(tree: Tree, paths: Iterable[str], tags: tuple[str, ...]) -> Iterable[File]:
    """Yield the files in which there may be something: to look at bytes is nothing that could go wrong."""
    for path in paths:
        data = tree.read(path)
        if promises.may_hold(path, data, tags):
            yield File(path, data, tags)


def _of_file(file: File) -> _Held:
    return file.path, promises.of_file(file.path, file.data, file.tags)


def _is_clear(file: File) -> bool:
    return promises.is_clear(file.path, file.data)


def _written(held: _Held) -> str:
    return json.dumps([asdict(promise) for promise in held[1]])


def _told(file: File, said: Any) -> _Held:  # noqa: ANN401 -- whatever it said
    if not isinstance(said, list):
        raise ValueError("no promises")  # noqa: TRY004 -- as where it makes no sense in another way
    return file.path, tuple(_promise(file, one) for one in said)


def _promise(file: File, said: Any) -> Promise:  # noqa: ANN401 -- the same
    match said:
        case {
            "line": int(line),
            "last": int(last),
            "tag": str(tag),
            "owner": str(owner),
            "condition": str(condition),
            "text": str(text),
            "spans": list(spans),
        } if len(said) == len(fields(Promise)):
            return Promise(line, last, tag, owner, condition, text, tuple(_span(file, one) for one in spans))
    raise ValueError("no promise")


def _span(file: File, said: Any) -> tuple[int, int]:  # noqa: ANN401 -- the same
    match said:
        case [int(start), int(end)] if 0 <= start <= end <= len(file.data):
            return start, end
    raise ValueError("no place in a file")


_READ: Errand[File, _Held] = Errand(_of_file, _written, _told, lambda file, _: (file.path, ()))
_CLEAR: Errand[File, bool] = Errand(_is_clear, json.dumps, lambda _, said: said is True, lambda *_: False)


def _key(tree: Tree, path: str, tags: tuple[str, ...]) -> str:
    asked = hashlib.sha256("\0".join((path, registry.shared(), *tags)).encode()).hexdigest()[:16]
    return f"{tree.identity(path)}:promises:{asked}"


def _remembered(text: str) -> Sequence[Promise]:
    return tuple(Promise(**{**said, "spans": tuple(map(tuple, said["spans"]))}) for said in json.loads(text))
