"""Requirements whose names carry a day, and the edit that raises one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from codemods.model import Edit, Finding, Tree

PATH = "requirements.txt"
_OLD, _NEW = b"==1.0", b"==2.0"


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement that can be raised: ``number`` counts from 1."""

    number: int
    name: str
    day: date
    whole: bytes


def dated(tree: Tree, word: str) -> Iterator[Line]:
    """Yield the requirements that begin with a word and are not raised yet."""
    whole = tree.read(PATH) if PATH in tree.paths() else b""
    for number, text in enumerate(whole.decode().splitlines(), 1):
        if found := re.fullmatch(rf"({word}-(\d{{8}}))==1\.0", text):
            yield Line(number, found[1], date.fromisoformat(found[2]), whole)


def raised(line: Line, improvement: str, title: str) -> Finding:
    """Return the finding that raises a requirement."""
    old = line.name.encode()
    edit = Edit(PATH, line.whole, line.whole.replace(old + _OLD, old + _NEW))
    return Finding(improvement, PATH, line.number, f"`{line.name}` moves", edit, line.name, title)
