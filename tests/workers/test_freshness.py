"""Libyears are those of the sources, and a week is what was known at its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.evaluation import freshness
from workers.evaluation.freshness import Behind
from workers.ledger.freshness import FreshnessRow

_MONDAY = date(2026, 3, 2)
_DAY = timedelta(days=1)


def _row(repository: int, day: date, days: int, known: int = 1) -> FreshnessRow:
    return FreshnessRow(repository, day, known + 1, known, days, 1 if days else 0, 0, 0)


def test_rails_is_a_year_behind() -> None:
    assert freshness.libyears((date(2017, 6, 26) - date(2016, 6, 30)).days) == pytest.approx(0.99, abs=0.005)


def test_one_year_and_three_years_are_four() -> None:
    rows = [FreshnessRow(1, _MONDAY, 3, 2, 366 + 1095, 1, 1, 0)]
    assert freshness.summed(rows).libyears == pytest.approx(4.0, abs=0.005)


def test_what_renovate_makes_of_its_example() -> None:
    dependencies = [(date(2019, 7, 1), date(2020, 7, 1)), (date(2019, 7, 1), date(2020, 1, 1))]
    days = sum((newest - used).days for used, newest in dependencies)
    assert freshness.libyears(days) == pytest.approx(1.50273, abs=0.005)


def test_the_last_row_of_a_repository_holds() -> None:
    rows = [_row(1, _MONDAY, 700), _row(2, _MONDAY, 0), _row(1, _MONDAY + _DAY, 300, 2)]
    assert freshness.summed(rows) == Behind(2, 5, 3, 300, 1, 0, 0)
    assert freshness.summed(rows).current == 2


def test_of_nothing_there_is_no_mean() -> None:
    assert freshness.summed([]) == Behind()
    assert freshness.summed([_row(1, _MONDAY, 0, 0)]).mean is None


def test_a_week_is_as_it_ended_and_goes_on_without_a_word() -> None:
    rows = [_row(1, _MONDAY, 700), _row(1, _MONDAY + 6 * _DAY, 500), _row(2, _MONDAY + 15 * _DAY, 100)]
    weeks = freshness.weekly(rows, {1: 7, 2: 7}, _MONDAY + 16 * _DAY)[7]
    assert [(week.monday, week.behind.days) for week in weeks] == [
        (_MONDAY, 500),
        (_MONDAY + 7 * _DAY, 500),
        (_MONDAY + 14 * _DAY, 600),
    ]


def test_each_organisation_has_its_own_and_begins_with_its_first_row() -> None:
    rows = [_row(1, _MONDAY, 700), _row(2, _MONDAY + 7 * _DAY, 100)]
    made = freshness.weekly(rows, {1: 7, 2: 8}, _MONDAY + 7 * _DAY)
    assert [week.behind.days for week in made[7]] == [700, 700]
    assert [week.behind.days for week in made[8]] == [100]


def test_what_may_not_be_seen_and_what_is_to_come_is_not_counted() -> None:
    rows = [_row(2, _MONDAY, 700), _row(1, _MONDAY + 7 * _DAY, 700)]
    assert freshness.weekly(rows, {1: 7}, _MONDAY + 6 * _DAY) == {}
    assert freshness.weekly([], {1: 7}, _MONDAY) == {}


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 40), st.integers(0, 900)), min_size=1))
def test_the_last_week_is_the_sum_of_all_that_is_known(said: Sequence[tuple[int, int, int]]) -> None:
    rows = [_row(one, _MONDAY + day * _DAY, days) for one, day, days in sorted(said, key=lambda s: s[1])]
    weeks = freshness.weekly(rows, dict.fromkeys(range(1, 5), 7), _MONDAY + 40 * _DAY)[7]
    assert weeks[-1].behind == freshness.summed(rows)
    assert {b.monday - a.monday for a, b in pairwise(weeks)} <= {7 * _DAY}
