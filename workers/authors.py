"""Asks who wrote the lines of files; a file as it stands is asked about once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import date

from codemods.model import Tree
from workers.discover import Memory
from workers.model import Blame

Ask = Callable[[str], Sequence[Blame] | None]
"""Answers with who wrote the lines of a path; None where nobody can tell now."""

MOST = 30
"""Files that are asked about in one scan; the others wait for the next."""


def remembered(ask: Ask, tree: Tree, memory: Memory, most: int = MOST) -> Callable[[str], Sequence[Blame]]:
    """Return how to ask, with a memory: so many files at most are new, and of the others nothing is known."""
    left = most

    def blame(path: str) -> Sequence[Blame]:
        nonlocal left
        key = _key(tree, path)
        if key in (known := memory.recall([key])):
            return _read(known[key])
        left -= 1
        found = ask(path) if left >= 0 else None
        if found is None:
            return ()
        memory.remember({key: json.dumps([astuple(one) for one in found], default=date.isoformat)})
        return found

    return blame


def known(paths: Collection[str], tree: Tree, memory: Memory) -> Mapping[str, Sequence[Blame]]:
    """Return what is remembered of files, asked for in one question; nobody else is asked."""
    keys = {_key(tree, path): path for path in paths}
    return {keys[key]: _read(text) for key, text in memory.recall(list(keys)).items()}


def _key(tree: Tree, path: str) -> str:
    place = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return f"{tree.identity(path)}:blame:{place}"


def _read(text: str) -> list[Blame]:
    return [
        Blame(first, last, author, date.fromisoformat(day), login)
        for first, last, author, day, login in json.loads(text)
    ]
