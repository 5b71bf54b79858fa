"""Exposure is counted while a weakness is there, and what is still there is not over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet import NOW
from workers.evaluation import exposure
from workers.evaluation.exposure import Exposure
from workers.ledger.exposures import ExposureRow

_DAY = timedelta(days=1)


def _row(since: datetime, gone: datetime | None = None, published: date | None = None) -> ExposureRow:
    return ExposureRow(1, "GHSA-1", "django", "", "", published, since, gone)


_GONE, _OPEN = _row(NOW - 10 * _DAY, NOW - 4 * _DAY), _row(NOW - 3 * _DAY)


def test_days_are_counted_from_the_first_sight_to_the_end() -> None:
    assert exposure.summed([_GONE, _OPEN], NOW) == Exposure(1, 1, 9.0)


def test_of_a_window_only_its_own_days_count() -> None:
    assert exposure.summed([_GONE, _OPEN], NOW, NOW - 5 * _DAY).days == pytest.approx(4.0)
    assert exposure.summed([_GONE, _OPEN], NOW, NOW - _DAY).days == pytest.approx(1.0)


def test_what_is_still_there_is_censored_and_not_left_out() -> None:
    assert exposure.spans([_GONE, _OPEN], NOW) == [(6 * _DAY, True), (3 * _DAY, False)]


def test_nothing_is_no_exposure() -> None:
    assert exposure.summed([], NOW) == Exposure(0, 0, 0.0)
    assert exposure.spans([], NOW) == []


def test_how_long_it_is_public_is_another_number() -> None:
    old = _row(NOW - 3 * _DAY, NOW - _DAY, (NOW - 400 * _DAY).date())
    assert exposure.public(old, NOW) == 399
    assert exposure.public(_row(NOW, published=(NOW + _DAY).date()), NOW) == 0
    assert exposure.public(_OPEN, NOW) is None


@given(st.lists(st.tuples(st.integers(0, 99), st.none() | st.integers(0, 99))), st.integers(0, 99))
def test_two_windows_are_the_whole(said: Sequence[tuple[int, int | None]], cut: int) -> None:
    rows = [_row(NOW - max(a, b or 0) * _DAY, None if b is None else NOW - min(a, b) * _DAY) for a, b in said]
    middle = NOW - cut * _DAY
    before = [_row(r.since, min(r.gone or NOW, middle)) for r in rows if r.since < middle]
    whole = exposure.summed(rows, NOW).days
    assert whole == exposure.summed(rows, NOW, middle).days + exposure.summed(before, NOW).days >= 0
