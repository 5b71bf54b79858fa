"""The formulas of the evaluation give what their sources print."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet import NOW
from tests.workers.outlines import DAY, closed, merged, outline
from workers.answered import Word
from workers.evaluation import acceptance, survival
from workers.evaluation.acceptance import wilson
from workers.evaluation.fates import Fate
from workers.evaluation.funnel import funnel
from workers.evaluation.toil import toil
from workers.model import Stage

DRUG = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def spans(text: str) -> list[tuple[timedelta, bool]]:
    return [(timedelta(days=int(word.rstrip("+"))), not word.endswith("+")) for word in text.split()]


# --- the share and its interval


@pytest.mark.parametrize(
    ("merged_", "decided", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_a_published_table(
    merged_: int, decided: int, low: float, high: float
) -> None:
    assert wilson(merged_, decided) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_is_its_own_mirror_and_narrows(yes: int, more: int) -> None:
    decided = yes + more
    low, high = wilson(yes, decided)
    assert 0 <= low <= yes / decided <= high <= 1
    assert wilson(more, decided) == pytest.approx((1 - high, 1 - low))
    assert wilson(2 * yes, 2 * decided)[1] - wilson(2 * yes, 2 * decided)[0] <= high - low


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert acceptance.of(0, 0).share == 0


def test_acceptance_counts_what_was_decided_alone() -> None:
    some = [*merged(2), *merged(broke="tests"), *closed(), outline(), *closed(word=Word.DONE)]
    ((improvement, found),) = acceptance.by(some, lambda one: one.improvement, NOW).items()
    assert (improvement, found.merged, found.decided, found.share) == ("aware-utcnow", 2, 4, 0.5)


# --- survival


def test_the_curve_is_that_of_the_leukaemia_trial() -> None:
    # E. J. Freireich et al., Blood 21 (1963); the figures are in D. R. Cox and D. Oakes, Analysis of Survival
    # Data (1984), and in most books since.
    drug = survival.curve(spans(DRUG))
    assert [(step.days, step.at_risk, step.ended) for step in drug] == [
        *((6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1))
    ]
    shares = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [step.share for step in drug] == pytest.approx(shares, abs=5e-4)
    assert survival.median(drug) == 23
    assert survival.median(survival.curve(spans(PLACEBO))) == 8


def test_a_median_is_unknown_while_more_than_half_goes_on() -> None:
    assert survival.median(survival.curve(spans("3 9+ 9+"))) is None
    assert survival.curve([]) == []
    assert survival.curve(spans("4+ 5+")) == []


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_where_all_ended_the_curve_is_the_share_that_lasted_longer(days: list[int]) -> None:
    for step in survival.curve((timedelta(days=day), True) for day in days):
        assert step.share == pytest.approx(sum(day > step.days for day in days) / len(days))


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=80))
def test_a_curve_falls_and_never_below_nothing(watched: list[tuple[int, bool]]) -> None:
    steps = survival.curve((timedelta(days=day), ended) for day, ended in watched)
    shares = [1.0, *(step.share for step in steps)]
    assert all(before > after >= 0 for before, after in pairwise(shares))
    assert sum(step.ended for step in steps) == sum(ended for _, ended in watched)


def test_what_was_closed_is_never_merged_however_soon_that_was() -> None:
    opened = NOW - 30 * DAY
    some = [*merged(opened=opened, closed_at=opened + 10 * DAY)]
    some += [one for _ in range(9) for one in closed(opened=opened, closed_at=opened + DAY)]
    steps = survival.curve(survival.until_merged(some, NOW))
    assert [round(1 - step.share, 3) for step in steps] == [0.1]
    assert survival.median(steps) is None


def test_what_is_open_or_was_closed_took_longer_than_that_to_be_merged() -> None:
    some = [*merged(opened=NOW - 5 * DAY), *closed(opened=NOW - 3 * DAY), outline(opened=NOW - 9 * DAY)]
    branch = outline(number=-1)
    assert list(survival.until_merged([*some, branch], NOW)) == [
        *((4 * DAY, True), (3 * DAY, False), (9 * DAY, False))
    ]


def test_a_merge_lasts_until_its_revert_or_for_the_days_that_were_watched() -> None:
    old = {"opened": NOW - 60 * DAY, "closed_at": NOW - 50 * DAY}
    some = [
        *merged(**old),
        *merged(**old, reverted_at=NOW - 45 * DAY),
        *merged(**old, reverted_at=NOW - DAY),
        *merged(),
        *closed(),
    ]
    assert list(survival.until_reverted(some, NOW)) == [
        *((30 * DAY, False), (5 * DAY, True), (30 * DAY, False), (DAY, False))
    ]


# --- the funnel, and the hours


def test_whatever_is_merged_came_all_the_way_and_what_ended_did_so_somewhere() -> None:
    some = [
        *merged(2),
        *closed(stage=Stage.READY),
        *closed(stage=Stage.RED, word=Word.RED),
        *closed(stage=Stage.READY, word=Word.EXPIRED),
        outline(stage=Stage.DRAFT),
        outline(stage=Stage.READY, reviewed_at=NOW),
        outline(stage=Stage.BRANCH, number=-1),
    ]
    found = funnel(some, NOW, waiting=4)
    assert (found.found, found.opened, found.green, found.reviewed, found.merged) == (12, 7, 5, 4, 2)
    assert found.ended == {
        ("opened", Fate.IGNORED): 1,
        ("green", Fate.IGNORED): 1,
        ("reviewed", Fate.CLOSED): 1,
    }


def test_the_hours_are_those_of_what_was_merged_less_the_reviews() -> None:
    one = {"minutes": 60, "cost": 6}
    assert toil(merged(10, **one), NOW) == (9.0, 9.0)
    low, high = toil([*merged(10, **one), *merged(10, **one, edited=True), *closed(10, **one)], NOW)
    assert (low, high) == (7.0, 18.0)


def test_what_nobody_looked_at_costs_nobody_an_hour() -> None:
    assert toil([outline(), *closed(word=Word.EXPIRED), *closed(word=Word.DONE)], NOW) == (0, 0)


def test_reviews_that_took_longer_than_the_work_are_no_gain() -> None:
    assert toil(merged(minutes=1, cost=31), NOW) == (-0.5, -0.5)
