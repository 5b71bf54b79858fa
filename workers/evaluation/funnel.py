"""Counts how far pull requests come: found, opened, green, reviewed, merged, and where they end before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workers.evaluation.fates import Fate, fate
from workers.evaluation.outline import Outline
from workers.model import Stage, State

STEPS = ("found", "opened", "green", "reviewed", "merged")
"""The steps in their order; whatever reached one has reached those before it."""
_GREEN = frozenset({Stage.READY, Stage.HELD})


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many reached each step; ``ended`` counts by the last step and fate those that go no further.

    What was merged without a review counts as reviewed, and what a person closed as well.
    """

    found: int
    opened: int
    green: int
    reviewed: int
    merged: int
    ended: Mapping[tuple[str, Fate], int]


def funnel(outlines: Iterable[Outline], now: datetime, waiting: int = 0) -> Funnel:
    """Return how far pull requests came by now; so many more were found, and are ``waiting`` to be opened."""
    reached, ended = Counter[int]({0: waiting}), Counter[tuple[str, Fate]]()
    for outline in outlines:
        became = fate(outline, now)
        last = _last(outline, became)
        reached[last] += 1
        if outline.state == State.CLOSED:
            ended[STEPS[last], became] += 1
    found, opened, green, reviewed, merged = (
        sum(reached[last] for last in range(step, len(STEPS))) for step in range(len(STEPS))
    )
    return Funnel(found, opened, green, reviewed, merged, dict(sorted(ended.items())))


def _last(outline: Outline, became: Fate) -> int:
    """Return the last step that a pull request reached."""
    reached = (
        outline.state == State.MERGED,
        outline.reviewed_at is not None or became is Fate.CLOSED,
        outline.stage in _GREEN or outline.asked_at is not None,
        outline.number > 0,
    )
    return next((len(STEPS) - 1 - behind for behind, is_reached in enumerate(reached) if is_reached), 0)
