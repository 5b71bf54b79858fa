"""Decides whether something became faster: from runs before and after, robust to noise, outages and drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, floor, log, sqrt
from statistics import NormalDist, median

MARGIN = log(1.05)
"""What is within five percent is no change: runs next to each other have more than chance in common."""
_LEVEL = 0.05
_USUAL = 0.0017
"""By how much a run may well differ from the one before it where something drifts: 8.5 percent in 50."""
_FEWEST = 5
_NORMAL = 1.4826
"""What makes a median of deviations a standard deviation."""


class Change(StrEnum):
    """What came of a claim."""

    MET = "claim met"
    NONE = "no significant change"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Shift:
    """By which factor durations changed, between which two it lies, and what that comes to.

    ``drifting``: they changed like that before already, so that nothing can be told.
    """

    factor: float
    low: float
    high: float
    change: Change
    drifting: bool = False


def of(before: Sequence[float], after: Sequence[float], claims: int = 1) -> Shift | None:
    """Return what changed between two series of durations in the order of time; None where they are too few.

    The factor is the one of Hodges and Lehmann on logarithms, its interval that of the rank-sum test: an
    outage weighs no more than any slow run. It is a change where it is one beside the drift before it, too.
    What is said of ``claims`` at once is wrong no more often: some are too few for many of them.
    """
    if min(len(before), len(after)) < _FEWEST:
        return None
    old, new = ([log(max(seconds, 1)) for seconds in some] for some in (before, after))
    found = _interval(old, new, _LEVEL / claims)
    if found is None:
        return None
    estimate, low, high = found
    drift = _drift(old) * (len(old) + len(new)) / 2
    seen, beside = _change(low, high), _change(low - max(drift, 0), high - min(drift, 0))
    return Shift(exp(estimate), exp(low), exp(high), beside, drifting=beside is not seen)


def _change(low: float, high: float) -> Change:
    return Change.MET if high < -MARGIN else Change.WORSE if low > MARGIN else Change.NONE


def _interval(old: Sequence[float], new: Sequence[float], level: float) -> tuple[float, float, float] | None:
    """Return the middle and the ends; None where even the widest ends are passed by chance more often."""
    differences = sorted(b - a for a in old for b in new)
    count = len(differences)
    z = NormalDist().inv_cdf(1 - level / 2)
    rank = floor(count / 2 - z * sqrt(count * (len(old) + len(new) + 1) / 12))
    return None if rank < 0 else (median(differences), differences[rank], differences[-1 - rank])


def _drift(values: Sequence[float]) -> float:
    """Return by how much each run probably differs from the one before it: the less, the less they tell.

    It is Theil's slope over half of the series and more, drawn towards none by the chance that is in it.
    """
    half = len(values) // 2
    slope = median((b - a) / n for i, a in enumerate(values) for n, b in enumerate(values[i + half :], half))
    level = [value - slope * i for i, value in enumerate(values)]
    middle = median(level)
    chance = _NORMAL * median(abs(value - middle) for value in level) * sqrt(12 / len(values) ** 3)
    return slope * _USUAL**2 / (_USUAL**2 + chance**2)
