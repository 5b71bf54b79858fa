"""Takes a TODO away with the work that it asked for, where an improvement has just done exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from codemods import alignment, changes
from codemods.changes import Run
from codemods.source import Source, Todo

_FILLING = re.compile(
    r"^(?:please |we (?:should|need to|must) |this (?:should|needs to|must) |should |need(?:s)? to |must )+"
    r"|(?: (?:here|too|as well|instead|now|one day|eventually|later|below))+$|[.!\s]+$",
    re.IGNORECASE,
)
_OPENS_OR_CLOSES = re.compile(r"\($|^[\s)\]}]*$")


def without(source: Source, module: cst.Module, after: str, asked: re.Pattern[str]) -> str:
    """Return an improved text without the TODOs on changed statements that asked for just that.

    ``module`` is the file as it was; a TODO stands right above a statement, or on one of its lines.
    """
    done = [t for t in source.todos if t.whole and not t.condition and asked.fullmatch(_bare(t.text))]
    if not done:
        return after
    old, new = changes.lines(source.text), changes.lines(after)
    runs = list(changes.runs(old, new))
    spans = list(_spans(module))
    gone: dict[int, str] = {}
    for todo in done:
        gone |= _taken(todo, spans, runs, new)
    return "".join(gone.get(n, line) for n, line in enumerate(new))


def _bare(text: str) -> str:
    """Return what a TODO asks for, in as few words as it can be said."""
    bare = _FILLING.sub("", text)
    return bare if bare == text else _bare(bare)


def _spans(module: cst.Module) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each statement (from 0); of a compound one only its head."""
    places = alignment.positions(module)
    for node, place in places.items():
        if isinstance(node, cst.SimpleStatementLine):
            yield place.start.line - 1, place.end.line - 1
        elif isinstance(node, cst.BaseCompoundStatement):
            indented = isinstance(node.body, cst.IndentedBlock)
            yield place.start.line - 1, places[node.body].start.line - 1 - indented


def _taken(
    todo: Todo, spans: Sequence[tuple[int, int]], runs: Sequence[Run], new: Sequence[str]
) -> dict[int, str]:
    """Return the lines of the new text that are others without a TODO, none where it has to stay."""
    first, last = todo.line - 1, todo.comments[-1].line - 1
    if todo.alone:
        about = [s for s in spans if s[0] == last + 1]
    else:
        about = [s for s in spans if s[0] <= first <= s[1]]
    if not any(a <= s[1] and s[0] < b for s in about for a, b, *_ in runs):
        return {}
    if todo.alone:
        kept = [n for line in range(first, last + 1) if (n := _moved(line, runs)) is not None]
        return dict.fromkeys(kept, "") if len(kept) > last - first else {}
    moved = _moved(first, runs)
    lines = [n for a, b, c, d in runs if a <= first < b for n in range(c, d)] if moved is None else [moved]
    ends = [n for n in lines if new[n].rstrip().endswith(todo.comments[0].text.rstrip())]
    if len(ends) != 1 or len(todo.comments) > 1:
        return {}
    line = new[ends[0]]
    code = line.rstrip().removesuffix(todo.comments[0].text.rstrip()).rstrip()
    if moved is not None and not _OPENS_OR_CLOSES.search(code):
        # On another line than the one that changed it may be about something else of the same statement.
        return {}
    return {ends[0]: code + line[len(line.rstrip()) :]}


def _moved(line: int, runs: Sequence[Run]) -> int | None:
    """Return where an unchanged line stands by now, None for a changed one."""
    moved = line
    for a, b, c, d in runs:
        if a <= line < b:
            return None
        if b <= line:
            moved += (d - c) - (b - a)
    return moved
