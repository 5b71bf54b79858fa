"""Finds the lines that two texts have in common: as many as git finds, in a time that is bounded.

Edits are small and lie far apart. So the lines before and behind them are set aside first; between them, the
lines that stand once in either text are followed in their order (patience), and only what is left between
those is compared in every way (Myers), as long as it is not too different.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

Lines = Sequence[str] | Sequence[bytes]
Pair = tuple[int, int]
"""A line of the old text and the equal one of the new text; counted from 0."""
_Part = tuple[int, int, int, int]
"""Lines [a, b) of the old text and [c, d) of the new one."""

_DEEPEST = 30
_FARTHEST = 60


def lines(old: Lines, new: Lines) -> Iterator[Pair]:
    """Yield the lines that stay, from the first to the last."""
    waiting: list[tuple[_Part, int]] = [((0, len(old), 0, len(new)), 0)]
    while waiting:
        (a, b, c, d), depth = waiting.pop()
        while a < b and c < d and old[a] == new[c]:
            yield a, c
            a, c = a + 1, c + 1
        end = b
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
        if end > b:
            waiting.append(((b, end, d, d + end - b), depth))
        if a == b or c == d or (depth < _DEEPEST and set(old[a:b]).isdisjoint(new[c:d])):
            continue
        part = a, b, c, d
        if anchors := _anchors(old, new, part) if depth < _DEEPEST else []:
            ends = [(a, c), *anchors, (b, d)]
            parts = [(x, u, y, v) for (x, y), (u, v) in pairwise(ends)]
            waiting += [(one, depth + 1) for one in reversed(parts)]
        else:
            found, (x, y) = _nearest(old, new, part)
            yield from found
            waiting.append(((x, b, y, d), _DEEPEST))


def _anchors(old: Lines, new: Lines, part: _Part) -> Sequence[Pair]:
    """Return lines that stand once in either text: as many as are in the same order in both."""
    a, b, c, d = part
    here, there = Counter(old[a:b]), Counter(new[c:d])
    places = {new[n]: n for n in range(c, d) if there[new[n]] == here[new[n]] == 1}
    found = [(n, places[old[n]]) for n in range(a, b) if old[n] in places]
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(found):
        pile = bisect(tops, place)
        before.append(last[pile - 1] if pile else -1)
        tops[pile : pile + 1], last[pile : pile + 1] = [place], [index]
    chain = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(found[index])
        index = before[index]
    return chain[::-1]


def _nearest(old: Lines, new: Lines, part: _Part) -> tuple[Sequence[Pair], Pair]:
    """Return the most lines that can stay, and where both parts end, or where they went too far apart."""
    a, b, c, d = part
    reached: dict[int, int] = {1: 0}
    steps: list[Mapping[int, int]] = []
    best, whole = (0, 0, 0), (b - a, d - c)
    for step in range(_FARTHEST):
        steps.append(dict(reached))
        for way in range(-step, step + 1, 2):
            x = reached[way + 1] if _is_down(reached, step, way) else reached[way - 1] + 1
            while a + x < b and c + x - way < d and old[a + x] == new[c + x - way]:
                x += 1
            reached[way] = x
            if a + x <= b and c + x - way <= d:
                best = max(best, (x, x - way, step), key=lambda place: place[0] + place[1])
        if best[:2] == whole:
            break
    x, y, step = best
    return [(a + u, c + v) for u, v in _back(steps[: step + 1], x, y)], (a + x, c + y)


def _is_down(reached: Mapping[int, int], step: int, way: int) -> bool:
    """Say whether the best way comes from a line that is added, else from one that is removed."""
    return way == -step or (way != step and reached[way - 1] < reached[way + 1])


def _back(steps: Sequence[Mapping[int, int]], x: int, y: int) -> Sequence[Pair]:
    """Return the lines that stay on the way that led to the end of both parts."""
    found: list[Pair] = []
    for step in range(len(steps) - 1, -1, -1):
        way = x - y
        came = way + 1 if _is_down(steps[step], step, way) else way - 1
        start = steps[step][came]
        first = max(start + (came < way), 0) if step else 0
        while x > first:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = start, start - came
    return found[::-1]
