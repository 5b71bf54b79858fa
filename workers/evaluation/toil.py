"""Tells how many hours of work were saved, as a range, less those that the reviews took."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workers.evaluation.fates import ACCEPTED, Fate, fate
from workers.evaluation.outline import Outline

_HOUR = 60
_SEEN = frozenset({Fate.MERGED, Fate.EDITED, Fate.CLOSED, Fate.REVERTED, Fate.BROKE})


def toil(outlines: Iterable[Outline], now: datetime) -> tuple[float, float]:
    """Return the hours saved, at least and at most; below 0 where the reviews took longer than the work.

    At most: the minutes that improvements declare for each occurrence, of all that was merged and stayed,
    less the minutes that their reviews are estimated to take. At least: nothing for what people had to
    change, and the reviews of what was closed or taken back cost time as well.
    """
    low = high = 0
    for outline in outlines:
        became = fate(outline, now)
        if became in ACCEPTED:
            high += outline.minutes - outline.cost
        if became in _SEEN:
            low += (outline.minutes if became is Fate.MERGED else 0) - outline.cost
    return low / _HOUR, high / _HOUR
