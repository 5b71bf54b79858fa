"""Reads which releases may bring migrations that are run: the operator's word, by name and by hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codemods.model import plain
from workers import located
from workers.config import Broken
from workers.located import Mistake, Node, shown

Allowance = Mapping[str, frozenset[str]]
"""The sha256 (hexadecimal) of wheels whose migrations may be run, by the distribution's normalised name."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST = 40


def read(text: bytes | str, source: str) -> Allowance | Broken:
    """Return what a file allows, or its mistakes; ``source`` is its name in messages."""
    root = located.read(text)
    if isinstance(root, Mistake):
        return Broken(source, (root,))
    if not isinstance(root.value, dict):
        return Broken(source, (Mistake(root.line, root.column, "the file is no mapping of names to hashes"),))
    found: dict[str, frozenset[str]] = {}
    mistakes: list[Mistake] = []
    for name, node in root.inside.items():
        wrong = [*_misnamed(str(name), root.keys[name], found), *_wrong(node)]
        mistakes += wrong
        if not wrong:
            found[plain(str(name))] = frozenset(one.text for one in node.inside.values())
    return Broken(source, tuple(sorted(mistakes)[:_MOST])) if mistakes else found


def _misnamed(name: str, place: tuple[int, int], known: Allowance) -> Iterator[Mistake]:
    if not _NAME.fullmatch(name):
        yield Mistake(*place, f"`{shown(name)}` is no name of a distribution")
    elif plain(name) in known:
        yield Mistake(*place, f"`{shown(name)}` stands here twice", "write its hashes in one list")


def _wrong(node: Node) -> Iterator[Mistake]:
    if not isinstance(node.value, tuple) or not node.value:
        yield Mistake(node.line, node.column, "hashes must be a list", "[SHA256, …]")
    for one in node.inside.values():
        if not _DIGEST.fullmatch(one.text):
            words = f"`{shown(one.text)}` is no sha256 of a wheel" if one.text else "a hash must be text"
            yield Mistake(one.line, one.column, words, "write its 64 hexadecimal digits, in lower case")
