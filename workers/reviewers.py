"""Decides who is asked for a review: who can be, whose turn it is, and who knows the lines."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from workers.model import Blame

FEW = 3
"""How many of those who wrote the lines are possible reviewers."""
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Load:
    """How many pull requests of ours wait for each (by name in lower case), and were asked of them lately."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    recent: Mapping[str, int] = field(default_factory=dict)


def away(absences: Mapping[str, date], today: date) -> dict[str, date]:
    """Return who is away today, in lower case, with the last day of it."""
    return {name.lower(): last for name, last in absences.items() if today <= last}


def chosen(pool: Iterable[str], count: int, load: Load, key: str) -> tuple[str, ...]:
    """Return whose turn it is: those for whom the fewest wait, then those who were asked the least lately.

    Where that is equal, ``key`` decides, so that it is nobody's every time and the same at each attempt.
    """

    def rank(name: str) -> tuple[int, int, str]:
        same = name.lower()
        lot = hashlib.sha256(f"{key}\n{same}".encode()).hexdigest()
        return load.waiting.get(same, 0), load.recent.get(same, 0), lot

    unique = {name.lower(): name for name in pool}
    return tuple(sorted(unique.values(), key=rank)[:count])


def touched(patch: str) -> frozenset[int]:
    """Return which lines of the old file a hunk of a diff replaces, or stand before what it adds."""
    lines: set[int] = set()
    place = 0
    for line in patch.split("\n"):
        if found := _HUNK.match(line):
            place = int(found[1])
        elif line.startswith("-"):
            lines.add(place)
            place += 1
        elif line.startswith("+"):
            lines.add(max(place - 1, 1))
        elif line.startswith(" "):
            place += 1
    return frozenset(lines)


def authors(blamed: Iterable[tuple[Collection[int], Sequence[Blame]]]) -> tuple[str, ...]:
    """Return who wrote the lines: most of them first, then the most recent; neither bots nor ghosts."""
    count: Counter[str] = Counter()
    newest: dict[str, date] = {}
    for lines, blames in blamed:
        for blame in blames:
            of_theirs = sum(blame.first <= line <= blame.last for line in lines)
            if of_theirs and blame.login and not blame.login.endswith("[bot]"):
                count[blame.login] += of_theirs
                newest[blame.login] = max(newest.get(blame.login, blame.day), blame.day)
    return tuple(sorted(count, key=lambda who: (-count[who], -newest[who].toordinal(), who)))
