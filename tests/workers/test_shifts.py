"""Claims about speed are wrong seldom and right often, over histories with noise, outages and drift."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import shifts
from workers.shifts import Change

_BEFORE, _AFTER, _TIMES = 50, 20, 250


@dataclass(frozen=True)
class _Life:
    """A synthetic CI: five minutes, with a noise (of the logarithm) that lasts from run to run (``echo``).

    An outage of up to four runs, which take up to four times as long, begins with a probability; ``drift``
    is what each run adds; in some runs a cache is ``cold``, and they take half as long again.
    """

    noise: float = 0.1
    echo: float = 0.0
    outage: float = 0.0
    drift: float = 0.0
    cold: float = 0.0

    def durations(self, rng: random.Random, effect: float) -> tuple[list[float], list[float]]:
        """Return what runs took before and after something changed by a factor."""
        told, near, left = [], 0.0, 0
        for number in range(_BEFORE + _AFTER):
            near = self.echo * near + rng.gauss(0, self.noise * sqrt(1 - self.echo**2))
            left = left - 1 if left else rng.randint(1, 4) if rng.random() < self.outage else 0
            took = log(300) + near + self.drift * number
            took += rng.uniform(0.3, 1.4) if left else 0
            took += log(1.5) if rng.random() < self.cold else 0
            told.append(exp(took) * (effect if number >= _BEFORE else 1))
        return told[:_BEFORE], told[_BEFORE:]

    def said(self, effect: float = 1.0) -> Mapping[Change, float]:
        """Return how often each is said."""
        rng = random.Random(20261126)
        told = (shifts.of(*self.durations(rng, effect)) for _ in range(_TIMES))
        counted = Counter(shift.change for shift in told if shift is not None)
        return {change: counted[change] / _TIMES for change in Change}


@pytest.mark.parametrize(
    "life",
    [
        _Life(0.05),
        _Life(0.15),
        _Life(0.25),
        _Life(0.15, echo=0.3),
        _Life(0.2, echo=0.3),
        _Life(0.15, outage=0.04),
        _Life(0.1, drift=0.001),
        _Life(0.05, drift=-0.002),
        _Life(0.05, drift=-0.0033),
        _Life(0.1, drift=0.0028),
        _Life(0.15, drift=0.0028),
        _Life(0.1, drift=-0.0033),
        _Life(0.1, cold=0.2),
        _Life(0.1, cold=0.2, drift=0.0028),
        _Life(0.1, echo=0.3, outage=0.03, drift=0.0007),
    ],
    ids=str,
)
def test_where_nothing_changed_a_change_is_claimed_in_one_of_twenty_at_most(life: _Life) -> None:
    assert life.said()[Change.NONE] >= 0.95


@pytest.mark.parametrize(
    "life",
    [
        _Life(0.05),
        _Life(0.15),
        _Life(0.2),
        _Life(0.15, echo=0.3),
        _Life(0.13, outage=0.04),
        _Life(0.1, drift=0.001),
        _Life(0.1, drift=-0.001),
        _Life(0.1, cold=0.2),
        _Life(0.1, echo=0.3, outage=0.03, drift=0.0007),
    ],
    ids=str,
)
def test_a_fifth_less_is_found_after_twenty_runs_in_four_of_five(life: _Life) -> None:
    said = life.said(0.8)
    assert said[Change.MET] >= 0.8
    assert said[Change.WORSE] == 0


def test_a_fifth_more_is_worse() -> None:
    assert _Life(0.1).said(1.25)[Change.WORSE] >= 0.8


def test_a_drift_hides_no_change_that_is_larger_by_far() -> None:
    assert _Life(0.05, drift=-0.0033).said(0.7)[Change.MET] >= 0.8


def test_what_became_faster_all_the_time_proves_nothing() -> None:
    before, after = [float(600 - 5 * n) for n in range(50)], [float(350 - 5 * n) for n in range(20)]
    told = shifts.of(before, after)
    assert told is not None
    assert (told.change, told.drifting) == (Change.NONE, True)
    other = shifts.of(before[::-1], after)
    assert other is not None
    assert (other.change, other.drifting) == (Change.MET, False)


def test_of_few_runs_nothing_is_said() -> None:
    assert shifts.of([1.0] * 4, [1.0] * 20) is None
    assert shifts.of([1.0] * 50, [1.0] * 4) is None


def test_of_several_claims_each_needs_more() -> None:
    rng = random.Random(4)
    before, after = _Life(0.2).durations(rng, 0.8)
    one, six = shifts.of(before, after), shifts.of(before, after, claims=6)
    assert one is not None
    assert six is not None
    assert six.low < one.low < one.factor < one.high < six.high


_SECONDS = st.lists(st.floats(0, 21_600), min_size=5, max_size=30)


@given(_SECONDS, _SECONDS)
def test_whatever_it_took_the_factor_lies_within_its_interval(
    before: list[float], after: list[float]
) -> None:
    told = shifts.of(before, after)
    assert told is not None
    assert 0 < told.low <= told.factor <= told.high


@given(_SECONDS)
def test_the_same_durations_are_no_change(seconds: list[float]) -> None:
    told = shifts.of(seconds, seconds)
    assert told is not None
    assert told.change is Change.NONE
    assert told.factor == pytest.approx(1)


def test_few_runs_are_too_few_for_many_claims() -> None:
    """Chance alone parts five runs from five others in one of 126 cases, too often for ten claims at once."""
    before, after = [300.0, 301, 302, 303, 304], [200.0, 201, 202, 203, 204]
    alone = shifts.of(before, after)
    assert alone is not None
    assert alone.change is Change.MET
    assert shifts.of(before, after, claims=10) is None
    assert shifts.of([*before, *before], after, claims=10) is not None
