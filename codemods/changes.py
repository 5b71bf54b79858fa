"""Compares two texts of one file, line by line, as git counts lines.

Edits are small and lie far apart, so where the texts differ they are followed side by side until they agree
again. That takes a time in proportion to the file, whatever its length and however many lines are alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_IGNORE = re.compile(r"kotsu: ignore(?!-file)(?:\[([\w\-, ]+)\])?")
_IMPORTED = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s")
_AGREED = 3
_FARTHEST = 1000
_SHORT = 80

Lines = Sequence[str] | Sequence[bytes]
Run = tuple[int, int, int, int]
"""Lines [a, b) of the old text became lines [c, d) of the new one; counted from 0."""


def lines(text: str) -> list[str]:
    """Split at line feeds alone; a carriage return or form feed belongs to its line."""
    *whole, last = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]


def runs(old: Lines, new: Lines) -> Iterator[Run]:
    """Yield what changed, from the first line to the last."""
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
            continue
        removed, added = _distance(old, new, i, j)
        yield i, i + removed, j, j + added
        i, j = i + removed, j + added


def _distance(old: Lines, new: Lines, i: int, j: int) -> tuple[int, int]:
    """Return how many lines of each text to leave behind until both agree again."""
    for total in range(1, _FARTHEST):
        # A line that was replaced by one line is the usual case, so the even ways are tried first.
        for removed in sorted(range(total + 1), key=lambda n: abs(2 * n - total)):
            if _agree(old, new, i + removed, j + total - removed, 2 * removed == total):
                return removed, total - removed
    return len(old) - i, len(new) - j


def _agree(old: Lines, new: Lines, i: int, j: int, even: bool) -> bool:  # noqa: FBT001 -- private
    if i > len(old) or j > len(new):
        return False
    wanted = 1 if even else _AGREED
    here, there = old[i : i + wanted], new[j : j + wanted]
    return here == there and (bool(here) or (i == len(old) and j == len(new)))


def described(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Yield (line in ``before``, counted from 1, and one line of Markdown) for each run of changed lines."""
    old, new = lines(before), lines(after)
    for a, b, c, d in runs(old, new):
        was, becomes = _one_line(old[a:b]), _one_line(new[c:d])
        if was and becomes:
            yield a + 1, f"{was} → {becomes}"
        elif was or becomes:
            yield a + 1, f"remove {was}" if was else f"add {becomes}"


def _one_line(said: Sequence[str]) -> str:
    first, *rest = [line.strip() for line in said if line.strip()] or [""]
    short = first if len(first) <= _SHORT and not rest else f"{first[:_SHORT]} …"
    return f"`{short.replace('`', chr(39))}`" if short else ""


def says_ignore(line: str, id_: str) -> bool:
    """Say whether a line carries ``kotsu: ignore``, or ``kotsu: ignore[id]`` with this id."""
    found = _IGNORE.search(line)
    return found is not None and (found[1] is None or id_ in re.split(r"[\s,]+", found[1].strip()))


def kept(before: str, after: str, ignored: frozenset[int]) -> str:
    """Return ``after`` without the changes of the ignored lines (counted from 0).

    Nothing changes at all when nothing but imports would, or when a name would lose its import.
    """
    old, new = lines(before), lines(after)
    result: list[str] = []
    end, useful = 0, False
    for a, b, c, d in _line_by_line(runs(old, new)):
        held = _held(old, new[c:d], range(a, b), ignored) if a < b else ignored.issuperset((a - 1, a))
        result += [*old[end:a], *(old[a:b] if held else new[c:d])]
        useful |= not held and not all(
            _IMPORTED.match(line) or not line.strip() for line in (*old[a:b], *new[c:d])
        )
        end = b
    text = "".join([*result, *old[end:]])
    lost = _imported(old) - _imported(lines(text))
    return text if useful and not any(re.search(rf"\b{name}\b", text) for name in lost) else before


def _line_by_line(found: Iterator[Run]) -> Iterator[Run]:
    """Part a run in which each line became one line: they can be kept or taken back one by one."""
    for a, b, c, d in found:
        if b - a == d - c:
            yield from ((a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a))
        else:
            yield a, b, c, d


def _held(old: Sequence[str], becomes: Sequence[str], run: range, ignored: frozenset[int]) -> bool:
    """Say whether an ignored line would change; one that is still there among the new lines does not."""
    return any(old[n] not in becomes for n in run if n in ignored)


def _single(found: Iterable[Run]) -> Iterator[Run]:
    """Yield each line of a run by itself, where as many came as went."""
    for a, b, c, d in found:
        if b - a == d - c:
            yield from ((a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a))
        else:
            yield a, b, c, d


def _imported(said: Sequence[str]) -> set[str]:
    """Return every word of the lines of imports."""
    return {word for line in said if _IMPORTED.match(line) for word in re.findall(r"\w+", line)}
