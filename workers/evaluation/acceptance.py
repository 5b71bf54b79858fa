"""Says which share of what was decided was merged, and how sure that is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from workers.evaluation.fates import ACCEPTED, DECIDED, fate
from workers.evaluation.outline import Outline

Key = TypeVar("Key", bound=Hashable)


def wilson(merged: int, decided: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval in which the share lies, with 95 % confidence by default; all of it for nothing.

    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927): it stays within 0 and 1, and is
    right for few and for extreme shares too.
    """
    if not decided:
        return 0.0, 1.0
    share, spread = merged / decided, z * z / decided
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / decided + spread / (4 * decided))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    # At the ends the interval touches 0 and 1, which rounding would miss.
    return (low if merged else 0.0), (high if merged < decided else 1.0)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How many of the ``decided`` ones were ``merged`` and stayed, with the interval of `wilson`."""

    merged: int
    decided: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share of them, 0 where none is decided."""
        return self.merged / self.decided if self.decided else 0.0


def of(merged: int, decided: int) -> Acceptance:
    """Return the acceptance that two counts come to."""
    return Acceptance(merged, decided, *wilson(merged, decided))


def by(outlines: Iterable[Outline], key: Callable[[Outline], Key], now: datetime) -> Mapping[Key, Acceptance]:
    """Return the acceptance of each kind of which anything is decided, in the order of the first of each."""
    merged, decided = Counter[Key](), Counter[Key]()
    for outline in outlines:
        became = fate(outline, now)
        if became in DECIDED:
            decided[key(outline)] += 1
            merged[key(outline)] += became in ACCEPTED
    return {kind: of(merged[kind], count) for kind, count in decided.items()}
