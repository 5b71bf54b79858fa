"""Compares two texts of one file, line by line, as git counts lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from codemods import alike
from codemods.alike import Lines

_IMPORTED = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s")
_ASSIGNED = re.compile(r"(\w+)\s*(?::[^=]*)?=(?!=)")
_WORD = re.compile(r"\w+")
_AGREED = 3
_SHORT = 80

Run = tuple[int, int, int, int]
"""Lines [a, b) of the old text became lines [c, d) of the new one; counted from 0."""


def lines(text: str) -> list[str]:
    """Split at line feeds alone; a carriage return or form feed belongs to its line."""
    *whole, last = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]


def runs(old: Lines, new: Lines) -> Iterator[Run]:
    """Yield what changed, from the first line to the last."""
    a = c = 0
    for x, y in (*alike.lines(old, new), (len(old), len(new))):
        if a < x or c < y:
            yield a, x, c, y
        a, c = x + 1, y + 1


def coarse(found: Iterable[Run]) -> Iterator[Run]:
    """Join runs that a line or two part by chance: what replaces a piece of code often ends lines as it did.

    Lines that were replaced by as many lines stay apart.
    """
    last: Run | None = None
    for run in found:
        if last is None:
            last = run
            continue
        is_even = all(b - a == d - c for a, b, c, d in (last, run))
        if is_even or run[0] - last[1] >= _AGREED:
            yield last
            last = run
        else:
            last = last[0], run[1], last[2], run[3]
    if last:
        yield last


def described(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Yield (line in ``before``, counted from 1, and one line of Markdown) for each run of changed lines."""
    old, new = lines(before), lines(after)
    for a, b, c, d in coarse(runs(old, new)):
        was, becomes = _one_line(old[a:b]), _one_line(new[c:d])
        if was and becomes:
            yield a + 1, f"{was} → {becomes}"
        elif was or becomes:
            yield a + 1, f"remove {was}" if was else f"add {becomes}"


def _one_line(said: Sequence[str]) -> str:
    first, *rest = [line.strip() for line in said if line.strip()] or [""]
    short = first if len(first) <= _SHORT and not rest else f"{first[:_SHORT]} …"
    return f"`{short.replace('`', chr(39))}`" if short else ""


def kept(before: str, after: str, ignored: frozenset[int]) -> str:
    """Return ``after`` without the changes of the ignored lines (counted from 0).

    Nothing changes at all when nothing but imports would, or when a name would lose its import, or use more
    of what is bound by a line that is not added.
    """
    old, new = lines(before), lines(after)
    result: list[str] = []
    unbound: set[str] = set()
    end, useful = 0, False
    for a, b, c, d in _line_by_line(coarse(runs(old, new))):
        held = _held(old, new[c:d], range(a, b), ignored) if a < b else ignored.issuperset((a - 1, a))
        unbound |= _bound(new[c:d]) if held else set()
        result += [*old[end:a], *(old[a:b] if held else new[c:d])]
        useful |= not held and not all(
            _IMPORTED.match(line) or not line.strip() for line in (*old[a:b], *new[c:d])
        )
        end = b
    text = "".join([*result, *old[end:]])
    lost = _imported(old) - _imported(lines(text))
    # Counted together: a file may have thousands of names, and each would be looked for in all of it.
    now, then = (Counter(_WORD.findall(said)) for said in (text, before))
    is_lost = any(now[name] for name in lost)
    is_unbound = any(now[name] > then[name] for name in unbound)
    return text if useful and not is_lost and not is_unbound else before


def _line_by_line(found: Iterator[Run]) -> Iterator[Run]:
    """Part a run in which each line became one line: they can be kept or taken back one by one."""
    for a, b, c, d in found:
        if b - a == d - c:
            yield from ((a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a))
        else:
            yield a, b, c, d


def _held(old: Sequence[str], becomes: Sequence[str], run: range, ignored: frozenset[int]) -> bool:
    """Say whether an ignored line would change; one that is still there among the new lines does not."""
    asked = [old[n] for n in run if n in ignored]
    return bool(asked) and not frozenset(becomes).issuperset(asked)


def _bound(said: Sequence[str]) -> set[str]:
    """Return the words of imports, and the names that lines without indentation assign to."""
    return _imported(said) | {found[1] for line in said if (found := _ASSIGNED.match(line))}


def _imported(said: Sequence[str]) -> set[str]:
    """Return every word of the lines of imports."""
    return {word for line in said if _IMPORTED.match(line) for word in _WORD.findall(line)}
