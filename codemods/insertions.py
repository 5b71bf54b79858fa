"""Adds keys to a YAML file, or takes one out: splices that look as if the file's author had made them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from codemods import document
from codemods.model import Splice

_COMMENT = re.compile(rb"( *)#( *)(- )?")


def after(file: document.Document, pair: document.Pair, lines: Iterable[str], message: str = "") -> Splice:
    """Return the splice that adds lines below a pair of a block mapping of a plain document.

    The lines are written as if the mapping stood at the first column; they get its indentation and the line
    breaks of the file. Comments that belong to the pair stay with it.
    """
    data = file.data
    column = pair.key.start - document.line_start(data, pair.key.start)
    place = _past_comments(data, document.line_end(data, pair.value.end), column)
    newline = _break_at(data, place) or _break_at(data, document.line_end(data, 0)) or b"\n"
    indented = (" " * column + line if line else "" for line in lines)
    return Splice(place, place, b"".join(newline + line.encode() for line in indented), message)


def section(file: document.Document, below: Sequence[str], lines: Sequence[str], message: str) -> Splice:
    """Return the splice that adds a section to the top level, apart from the others as these are.

    It comes below the last of the keys ``below`` that stand before ``jobs``; the first of them must be there.
    """
    data, root = file.data, file.root
    jobs = root.get("jobs")
    there = [p for p in root.pairs if p.key.text in below and jobs and p.key.start < jobs.start]
    pair = there[-1] if there else root.pair(below[0])
    if pair is None:
        raise ValueError(f"no {below[0]} in the document")
    place = after(file, pair, ()).start
    behind = data[place:]
    gap = _blank_lines(behind) if behind.strip() else _blank_lines(data[: pair.key.start][::-1])
    return after(file, pair, [*[""] * gap, *lines], message)


def behind_item(
    file: document.Document,
    item: document.Node,
    sequence: document.Node,
    lines: Sequence[str],
    message: str,
) -> Splice:
    """Return the splice that adds an item to a block sequence of mappings, apart as these are.

    It comes behind ``item``; its first line opens with the dash, the others are as deep as they stand.
    """
    data, items = file.data, sequence.items
    place, first = items.index(item), item.pairs[0].key.start
    # The dash of an item may stand on a line of its own, but in the column of the first one.
    dash = sequence.start - document.line_start(data, sequence.start)
    deeper = " " * (first - document.line_start(data, first) - dash - len("- "))
    following = items[place + 1].start if place + 1 < len(items) else len(data)
    end = after(file, item.pairs[-1], ()).start
    gap = _blank_lines(data[end:following]) if place + 1 < len(items) else 0
    written = [lines[0].replace("- ", "- " + deeper, 1), *(deeper + text for text in lines[1:])]
    newline = _break_at(data, end) or _break_at(data, document.line_end(data, 0)) or b"\n"
    text = b"".join(newline + b" " * dash + text.encode() for text in written)
    return Splice(end, end, newline * gap + text, message)


def without(file: document.Document, pair: document.Pair) -> Splice | None:
    """Return the splice that takes a pair of a block mapping out with its lines; None for one with a comment.

    Another pair has to stand before it, and has to stay.
    """
    data = file.data
    start = document.line_start(data, pair.key.start)
    start -= 2 if data.endswith(b"\r\n", 0, start) else 1
    end = document.line_end(data, pair.value.end)
    return None if b"#" in data[start:end] else Splice(start, end, b"")


def nested(file: document.Document, key: str, lines: Iterable[str]) -> list[str]:
    """Return the lines of a mapping below a key, indented as the jobs of a workflow are below theirs."""
    jobs = file.root.pair("jobs")
    step = jobs.value.start - document.line_start(file.data, jobs.value.start) if jobs else 0
    return [f"{key}:", *(" " * (step or 2) + line for line in lines)]


def _blank_lines(text: bytes) -> int:
    """Count the blank lines behind the line break with which a text begins."""
    breaks = re.match(rb"\s*\n", text)
    return max(breaks[0].count(b"\n") - 1, 0) if breaks else 0


def _past_comments(data: bytes, place: int, column: int) -> int:
    """Return the end of the last comment that belongs to what ends at ``place``, the end of a line.

    That is each comment deeper than ``column``, and a block of comments at ``column`` that follows at once
    and is itself followed by a blank line: one that speaks of what comes next stands right above it.
    """
    end, level, adjacent = place, None, True
    for start, stop in _lines_behind(data, place):
        comment = _COMMENT.match(data[start:stop])
        if not data[start:stop].strip():
            end, level, adjacent = level or end, None, False
        elif not comment:
            break
        elif len(comment[1]) > column or (adjacent and level is None and _is_deeper(comment, column)):
            end, level, adjacent = stop, None, True
        elif len(comment[1]) == column and adjacent:
            level = stop
        else:
            break
    else:
        end = level or end
    return end


def _is_deeper(comment: re.Match[bytes], column: int) -> bool:
    """Say whether a comment hides what belonged to the value: ``#    branches: [main]``, ``# - main``."""
    return len(comment[1]) + len(comment[2]) > column + 1 or bool(comment[3])


def _lines_behind(data: bytes, place: int) -> Iterator[tuple[int, int]]:
    """Yield where each line below the one that ends at ``place`` starts and ends."""
    while newline := _break_at(data, place):
        start = place + len(newline)
        place = document.line_end(data, start)
        yield start, place


def _break_at(data: bytes, offset: int) -> bytes:
    return next((b for b in (b"\r\n", b"\n") if data.startswith(b, offset)), b"")
