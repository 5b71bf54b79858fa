"""Writes the text of a changed module: statements that changed are written, the others stay as they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

import libcst as cst

_recent: deque[tuple[cst.Module, str]] = deque(maxlen=4)
"""Texts of the modules that were parsed last: to write one out of its tree takes longer than to parse it."""

_Run = tuple[int, int, int, int]
"""Statements [a, b) at the top of a module became [c, d) of another."""


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

    The text of each statement at the top that is no longer there is looked for in the source, and replaced.
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
    frames = [(*m.header, *m.footer) for m in (before, after)]
    same = len(frames[0]) == len(frames[1]) and all(a is b for a, b in zip(*frames, strict=True))
    return same and before.has_trailing_newline and after.has_trailing_newline


def _splices(before: cst.Module, after: cst.Module, text: str) -> list[tuple[int, int, str]] | None:
    """Return what becomes of which characters; None where a text that goes is there twice."""
    runs = _runs(before.body, after.body)
    if runs is None:
        return None
    found: list[tuple[int, int, str]] = []
    for a, b, c, d in runs:
        old = "".join(map(before.code_for_node, before.body[a:b]))
        start = text.find(old)
        if not old or start < 0 or text.find(old, start + 1) >= 0:
            return None
        found.append((start, start + len(old), "".join(map(after.code_for_node, after.body[c:d]))))
    ordered = all(one[1] <= other[0] for one, other in pairwise(found))
    return found if ordered else None


def _runs(old: Sequence[cst.CSTNode], new: Sequence[cst.CSTNode]) -> list[_Run] | None:
    """Return the runs of statements that changed, from first to last; none of them is empty in the old text.

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
