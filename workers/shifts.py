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
_TREND = 1.96
_FEWEST = 5


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
    outage weighs no more than any slow run. What is said of ``claims`` at once is wrong no more often.
    """
    if min(len(before), len(after)) < _FEWEST:
        return None
    old, new = ([log(max(seconds, 1)) for seconds in some] for some in (before, after))
    estimate, low, high = _interval(old, new, _LEVEL / claims)
    change = Change.MET if high < -MARGIN else Change.WORSE if low > MARGIN else Change.NONE
    trend = _trend(old)
    drifting = (change is Change.MET and trend < -_TREND) or (change is Change.WORSE and trend > _TREND)
    return Shift(exp(estimate), exp(low), exp(high), Change.NONE if drifting else change, drifting)


def _interval(old: Sequence[float], new: Sequence[float], level: float) -> tuple[float, float, float]:
    differences = sorted(b - a for a in old for b in new)
    count = len(differences)
    z = NormalDist().inv_cdf(1 - level / 2)
    rank = max(floor(count / 2 - z * sqrt(count * (len(old) + len(new) + 1) / 12)), 0)
    return median(differences), differences[rank], differences[-1 - rank]


def _trend(values: Sequence[float]) -> float:
    """Return Mann's statistic of a series, about normal where it has no trend; above 0 where it rises."""
    n = len(values)
    signs = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    return signs / sqrt(n * (n - 1) * (2 * n + 5) / 18)
