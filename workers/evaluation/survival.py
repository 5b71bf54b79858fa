"""Estimates how long things last when some have not ended yet, or left before they could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.evaluation.fates import TAKEN_BACK
from workers.evaluation.outline import Outline
from workers.model import State

_DAY = timedelta(days=1)
_HALF = 1 / 2 + 1e-9
"""A product of fractions that is a half may miss it by a hair."""


@dataclass(frozen=True, slots=True)
class Step:
    """After so many ``days`` some ``ended`` of those still ``at_risk``; ``share`` of all lasts longer."""

    days: float
    at_risk: int
    ended: int
    share: float


def curve(spans: Iterable[tuple[timedelta, bool]]) -> Sequence[Step]:
    """Return the steps of a survival curve, in the order of their days.

    Each span says how long something was watched, and whether it ended then (True) or was lost from sight
    (False, censored), which happens after what ends in the same moment. The product-limit estimator of
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of the
    American Statistical Association 53 (1958).
    """
    ended, gone = Counter[timedelta](), Counter[timedelta]()
    for span, is_ended in spans:
        (ended if is_ended else gone)[max(timedelta(), span)] += 1
    at_risk, share, steps = ended.total() + gone.total(), 1.0, []
    for moment in sorted(ended.keys() | gone.keys()):
        if count := ended[moment]:
            share *= (at_risk - count) / at_risk
            steps.append(Step(moment / _DAY, at_risk, count, share))
        at_risk -= count + gone[moment]
    return steps


def median(steps: Sequence[Step]) -> float | None:
    """Return the days after which half has ended, None where that is not known yet."""
    return next((step.days for step in steps if step.share <= _HALF), None)


def until_merged(outlines: Iterable[Outline], now: datetime) -> Iterator[tuple[timedelta, bool]]:
    """Yield how long pull requests took to be merged: what is open, or was closed, was not until now.

    What CHAOSS calls time to close, for merges alone, and with those that have not come to it. One that was
    closed will not be merged any more, and is no reason to believe that the others will: it stays among
    those that could have been for as long as it would have been watched. So do J. P. Fine and R. J. Gray,
    "A proportional hazards model for the subdistribution of a competing risk", Journal of the American
    Statistical Association 94 (1999).
    """
    for outline in outlines:
        if outline.number > 0:
            merged = outline.closed_at if outline.state == State.MERGED else None
            yield (merged or now) - outline.opened_at, merged is not None


def until_reverted(outlines: Iterable[Outline], now: datetime) -> Iterator[tuple[timedelta, bool]]:
    """Yield how long merges lasted, of the 30 days in which a revert says something about them."""
    for outline in outlines:
        if outline.state == State.MERGED and outline.closed_at is not None:
            ends = min(outline.reverted_at or now, outline.closed_at + TAKEN_BACK)
            yield ends - outline.closed_at, ends == outline.reverted_at
