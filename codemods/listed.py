"""Takes items out of a list in YAML or TOML, with what holds them apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from codemods.document import line_start
from codemods.model import Splice

_BEFORE = re.compile(rb"[ \t]*(?:- +)?\Z")
_BEHIND = re.compile(rb"[ \t]*,?[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_BETWEEN = re.compile(rb"\s*,\s*\Z")


def without(data: bytes, items: Sequence[tuple[int, int]], out: Collection[int]) -> Sequence[Splice]:
    """Return the splices that take items out of a list; none where that cannot be done without a doubt.

    ``items`` are the bytes of all of them, quotes included, in their order; ``out`` are the numbers of those
    that go, and one at least stays.
    """
    lines = [_line(data, *items[number]) for number in sorted(out)]
    if not any(lines):
        return _inline(data, items, frozenset(out))
    return [Splice(*line, b"") for line in lines if line] if all(lines) else ()


def _line(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return the whole line of an item that has it to itself; a comment above it would speak of the next."""
    line = line_start(data, start)
    behind = _BEHIND.match(data, end)
    spoken_of = data[line_start(data, line - 1) : line].lstrip().startswith(b"#") if line else False
    return (line, behind.end()) if behind and not spoken_of and _BEFORE.match(data[line:start]) else None


def _inline(data: bytes, items: Sequence[tuple[int, int]], out: Collection[int]) -> Sequence[Splice]:
    first = next(number for number in range(len(items)) if number not in out)
    spans = [
        (items[n][0], items[n + 1][0]) if n < first else (items[n - 1][1], items[n][1]) for n in sorted(out)
    ]
    gaps = [
        data[items[n][1] : items[n + 1][0]] if n < first else data[items[n - 1][1] : items[n][0]]
        for n in sorted(out)
    ]
    return [Splice(*span, b"") for span in spans] if all(map(_BETWEEN.match, gaps)) else ()
