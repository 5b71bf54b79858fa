"""Tells which statements of a file a migration changed: what a reader of the diff counts as one place."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from codemods import alike, changes

Lines = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Stride:
    """What one migration made of one file."""

    migration: str
    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class _Statement:
    """Lines ``first`` to ``last`` of a statement, counted from 1; of one that holds others only its head.

    ``end`` is the last line of what it holds.
    """

    first: int
    last: int
    end: int
    is_import: bool = False


def lines(before: bytes, after: bytes) -> frozenset[int]:
    """Return all lines of the statements that changed, as they were, counted from 1; added ones have none."""
    found = (s for _, inside in _changed(before, after) for s in inside)
    return frozenset(line for s in found for line in range(s.first, s.last + 1))


def beside(strides: Sequence[Stride], told: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield the line of each statement that changed and is told by no name, and the migration that did it.

    ``strides`` follow one another in one file; lines are those of the first text, and those ``told`` belong
    to a name. Imports are no places: what they bring is used elsewhere. What a statement holds that changes
    together with it is none of its own, nor is what changes in one that is told: the body of a validator.
    """
    first, held, known = strides[0].before, 0, frozenset(told)
    whose = [(stride.migration, _origins(first, stride)) for stride in strides]
    for last, inside in _changed(first, strides[-1].after):
        for statement in inside:
            if statement.first <= held or statement.is_import:
                continue
            held = min(statement.end, last)
            span = range(statement.first, max(statement.last, held) + 1)
            if not known.isdisjoint(span):
                held = statement.end
            else:
                ids = (id_ for id_, touched in whose if not touched.isdisjoint(span))
                yield statement.first, next(ids, strides[0].migration)


def _changed(before: bytes, after: bytes) -> Iterator[tuple[int, list[_Statement]]]:
    """Yield for each run of changed lines, as people see it, its last one and the statements that changed."""
    runs = [*changes.runs(_split(before), _split(after))]
    fine = [(a, b) for a, b, *_ in runs if a < b]
    ends, at = [b for _, b in fine], 0
    inside: dict[int, list[_Statement]] = {}
    for statement in _statements(before):
        # Each statement is laid beside its own runs alone: a file may have many thousands of both.
        for n in range(bisect_left(ends, statement.first), len(fine)):
            if fine[n][0] >= statement.last:
                break
            inside.setdefault(n, []).append(statement)
    for _, end, *_ in changes.coarse(runs):
        until = bisect_right(ends, end)
        yield end, list(dict.fromkeys(s for n in range(at, until) for s in inside.get(n, ())))
        at = until


def _origins(first: bytes, stride: Stride) -> frozenset[int]:
    """Return the lines of the first text that a migration changed, counted from 1."""
    before = _split(stride.before)
    origin = {there: here for here, there in alike.lines(_split(first), before)}
    found = (n for a, b, *_ in changes.runs(before, _split(stride.after)) for n in range(a, b))
    return frozenset(origin[n] + 1 for n in found if n in origin)


def _split(data: bytes) -> Lines:
    return data.split(b"\n")


def _statements(data: bytes) -> list[_Statement]:
    """Return all statements in the order of the text; none where Python's own parser cannot read it."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [_statement(node) for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.excepthandler)]
    return sorted(found, key=lambda s: (s.first, -s.end))


def _statement(node: ast.stmt | ast.excepthandler) -> _Statement:
    end = node.end_lineno or node.lineno
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    first = min((d.lineno for d in decorators), default=node.lineno)
    body: Sequence[ast.stmt] = getattr(node, "body", ())
    last = max(node.lineno, _statement(body[0]).first - 1) if body else end
    return _Statement(first, last, end, isinstance(node, ast.Import | ast.ImportFrom))
