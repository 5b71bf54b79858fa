"""Learns from what people merge: what they want comes sooner, and where they decline less comes at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from workers.evaluation import acceptance
from workers.evaluation.fates import DECIDED, closed
from workers.evaluation.outline import Outline
from workers.model import Past, State

Liked = Mapping[tuple[str, str], tuple[int, int]]
"""How many of how many were merged, by improvement and team (in lower case)."""
_YEAR = timedelta(days=365)
_YES, _ALL = 7, 10
"""What is believed before anything is known: that seven of ten are merged."""
_LEAST = Fraction(1, 2)
_LAST, _ENOUGH, _SLOWEST = 10, 5, 7


def worth(value: int, merged: int, decided: int) -> int:
    """Return what something is worth to those who merged so many of so many like it.

    The mean of what is believed of their share, a beta distribution that began at seven of ten, beside that
    beginning: half of the value at least, ten sevenths of it at most, and all of it where nothing is known.
    """
    believed = Fraction(merged + _YES, decided + _ALL) / Fraction(_YES, _ALL)
    return max(1, int(value * max(_LEAST, believed)))


def liked(outlines: Iterable[Outline], now: datetime) -> Mapping[int, Liked]:
    """Return what people of each installation merged of what was opened within a year."""
    recent = (one for one in outlines if one.opened_at >= now - _YEAR)
    found = acceptance.by(recent, lambda o: (o.installation_id, o.improvement, o.team.lower()), now)
    made: dict[int, dict[tuple[str, str], tuple[int, int]]] = {}
    for (installation_id, *about), counted in found.items():
        improvement, team = about
        made.setdefault(installation_id, {})[improvement, team] = counted.merged, counted.decided
    return made


def key(installation_id: int) -> str:
    """Return the key under which it is remembered what an installation's people merge."""
    return f"liked:{installation_id}"


def written(told: Liked) -> str:
    """Return what people merge as JSON."""
    return json.dumps([[*about, *counts] for about, counts in sorted(told.items())])


def read(text: str) -> Liked:
    """Return what `written` wrote, nothing for ``""``."""
    rows = json.loads(text) if text else []
    return {(improvement, team): (merged, decided) for improvement, team, merged, decided in rows}


@dataclass(frozen=True, slots=True)
class Pace:
    """In how many ``days`` a day's worth of pull requests may come, as so few of so many were merged."""

    days: int = 1
    merged: int = 0
    decided: int = 0


STEADY = Pace()
"""As many a day as kotsu.yml allows."""


def pace(past: Sequence[Past]) -> Pace:
    """Return how fast a repository takes pull requests; ``past`` are those before, the newest first.

    Of the last ten that were decided so many are taken as it takes to get one merged: one in as many days, at
    least one in a week. Fewer than five tell nothing, and what expired or stayed red is no yes.
    """
    decided = [one.state is State.MERGED for one in past if _is_decided(one)][:_LAST]
    if len(decided) < _ENOUGH:
        return STEADY
    merged = sum(decided)
    return Pace(min(_SLOWEST, len(decided) // max(1, merged)), merged, len(decided))


def _is_decided(one: Past) -> bool:
    return one.state is State.MERGED or (one.state is State.CLOSED and closed(one.word) in DECIDED)
