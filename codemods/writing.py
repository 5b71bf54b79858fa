"""Writes the text of a changed module: statements that changed are written, the others stay as they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import libcst as cst

_recent: deque[tuple[cst.Module, str]] = deque(maxlen=3)
"""Texts of the modules that were parsed last: to write one out of its tree takes longer than to parse it."""

_Splice = tuple[int, int, str]
"""Characters [a, b) of a text become another."""
_Run = tuple[int, int, int, int]
"""Statements [a, b) of a block became [c, d) of another."""


class DifferentError(Exception):
    """A tree that would not be written as it was read."""


def remember(module: cst.Module, text: str) -> cst.Module:
    """Keep the text that a module was parsed from, while the module is worked on; return the module."""
    _recent.append((module, text))
    return module


def source(module: cst.Module) -> str:
    """Return the text of a module."""
    for known, text in tuple(_recent):
        if known is module:
            return text
    return module.code


def edited(before: cst.Module, after: cst.Module) -> str:
    """Return the text of a module made of another; DifferentError when that would not be written as it was.

    The text of each statement that is no longer there is looked for in the source, and replaced.
    """
    text = source(before)
    if any(known is after for known, _ in tuple(_recent)):
        return source(after)
    splices = _splices(before, after, text) if after.body and _same_frame(before, after) else None
    if splices is None:
        if before.code != text:
            raise DifferentError
        return after.code
    for start, end, new in reversed(splices):
        text = text[:start] + new + text[end:]
    return text


def new(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return a module of the statements that stand at the top of one and did not in the other."""
    old = set(before.body)
    return after.with_changes(body=[line for line in after.body if line not in old])


def _same_frame(before: cst.Module, after: cst.Module) -> bool:
    """Say whether all but the statements is the same, and the last line ends as every other one."""
    same = _same(before.header, after.header) and _same(before.footer, after.footer)
    return same and before.has_trailing_newline and after.has_trailing_newline


def _splices(before: cst.Module, after: cst.Module, text: str) -> list[_Splice] | None:
    """Return what becomes of which characters; None where a text that goes is not there just once."""
    found = _within(before.body, after.body, _Place(before, text))
    ordered = found and all(one[1] <= other[0] for one, other in pairwise(found))
    return found if ordered else None


@dataclass(frozen=True)
class _Place:
    """Where statements stand: in a module of this text, with this much white space before their lines."""

    module: cst.Module
    text: str
    indent: str = ""

    def code(self, lines: Sequence[cst.BaseStatement]) -> str:
        """Return the text of statements as they stand here."""
        if not self.indent:
            return "".join(map(self.module.code_for_node, lines))
        block = cst.IndentedBlock(lines, indent=self.indent)
        return self.module.code_for_node(cst.If(cst.Name("x"), block)).partition("\n")[2]

    def splice(self, old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement]) -> _Splice | None:
        """Return the splice that replaces statements; None where their text is not there just once."""
        code = self.code(old)
        start = self.text.find(code)
        if not code or start < 0 or self.text.find(code, start + 1) >= 0:
            return None
        return start, start + len(code), self.code(new) if new else ""


def _within(
    old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement], place: _Place
) -> list[_Splice] | None:
    """Return the splices between two blocks: within single statements, where that suffices."""
    found: list[_Splice] = []
    runs = _runs(old, new)
    for a, b, c, d in runs or ():
        blocks = _blocks(old[a], new[c]) if b - a == d - c == 1 else None
        inner = _deeper(*blocks, place) if blocks else None
        if inner is None:
            whole = place.splice(old[a:b], new[c:d])
            if whole is None:
                return None
            inner = [whole]
        found += inner
    return found if runs else None


def _deeper(old: cst.IndentedBlock, new: cst.IndentedBlock, place: _Place) -> list[_Splice] | None:
    indent = place.module.default_indent if old.indent is None else old.indent
    return _within(old.body, new.body, replace(place, indent=place.indent + indent)) if new.body else None


def _blocks(
    old: cst.BaseStatement, new: cst.BaseStatement
) -> tuple[cst.IndentedBlock, cst.IndentedBlock] | None:
    """Return the blocks of two statements that differ in nothing but these, or None."""
    one, other = getattr(old, "body", None), getattr(new, "body", None)
    if not isinstance(one, cst.IndentedBlock) or not isinstance(other, cst.IndentedBlock):
        return None
    return (one, other) if _alike(old, new) and _alike(one, other) else None


def _alike(old: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Say whether two nodes have all but their bodies in common."""
    names = [f.name for f in fields(old) if f.name != "body"]
    pairs = [(getattr(old, name), getattr(new, name, None)) for name in names]
    return type(old) is type(new) and all(_same(a, b) for a, b in pairs)


def _same(one: object, other: object) -> bool:
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
    return one is other


def _runs(old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement]) -> list[_Run] | None:
    """Return the runs of statements that changed, from first to last; none of them is empty in the old block.

    None where statements that are in both changed places.
    """
    places = {line: n for n, line in enumerate(old)}
    kept = [(places[line], n) for n, line in enumerate(new) if line in places]
    if [a for a, _ in kept] != sorted({a for a, _ in kept}):
        return None
    return list(_between(kept, len(old), len(new)))


def _between(kept: Sequence[tuple[int, int]], old: int, new: int) -> Iterator[_Run]:
    """Yield the runs between statements that stayed; what was only added takes a neighbour along."""
    a = c = 0
    for b, d in (*kept, (old, new)):
        if a < b:
            yield a, b, c, d
        elif c < d:
            # Beside a statement that stays, for it has a place in the text.
            yield (a, a + 1, c, d + 1) if b < old else (a - 1, a, c - 1, d)
        a, c = b + 1, d + 1
