"""What a claim comes to: rows of a matrix, events and other branches are told apart, and time is given."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp

import pytest

from workers import claims, marker
from workers.claims import Outcome
from workers.runs import JobRun, Ran, Run
from workers.timings import Place

_PATH = ".github/workflows/ci.yml"
_TEST = Place(_PATH, "test")
_DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
_SOON, _LATE = timedelta(days=3), timedelta(days=30)


def _ran(number: int, jobs: Mapping[str, int], *, event: str = "push", branch: str = "main") -> Ran:
    run = Run(number, 1, event, branch, "success", _DAY + timedelta(hours=number))
    told = (JobRun(name, passed=seconds > 0, seconds=abs(seconds)) for name, seconds in jobs.items())
    return Ran(run, tuple(told))


def _each(count: int, seconds: int, **more: str) -> list[Ran]:
    return [_ran(n, {"test": seconds + n % 7}, **more) for n in range(count)]


def _judged(before: Sequence[Ran], after: Sequence[Ran], waited: timedelta = _SOON) -> Outcome | None:
    return claims.judged([_TEST], {_PATH: before}, {_PATH: after}, waited)


def test_a_claim_is_met_where_the_next_twenty_runs_are_faster() -> None:
    outcome = _judged(_each(50, 300), _each(20, 200))
    assert outcome is not None
    assert outcome.word == "claim met"
    assert "| `test` of `ci.yml` | 5 min 3 s (50 runs) | 3 min 23 s (20 runs) | -33 % (" in outcome.text
    assert outcome.text.startswith("### Measured after the merge: claim met\n")


def test_slower_is_worse_and_the_same_is_no_change() -> None:
    slower, same = _judged(_each(50, 300), _each(20, 400)), _judged(_each(50, 300), _each(20, 301))
    assert slower is not None
    assert same is not None
    assert (slower.word, same.word) == ("worse", "no significant change")


def test_before_twenty_runs_nothing_is_said_but_after_a_month_what_there_is() -> None:
    before, after = _each(50, 300), _each(19, 200)
    assert _judged(before, after) is None
    outcome = _judged(before, after, _LATE)
    assert outcome is not None
    assert outcome.word == "claim met"
    assert "In 30 days there were no more runs than these." in outcome.text
    assert "(19 runs)" in outcome.text


def test_of_too_few_runs_nothing_can_be_told() -> None:
    outcome = _judged(_each(50, 300), _each(3, 200), _LATE)
    assert outcome is not None
    assert outcome.word == "unknown"
    assert "too few runs to tell" in outcome.text
    nothing = _judged(_each(50, 300), [], _LATE)
    assert nothing is not None
    assert "| 5 min 3 s (50 runs) | - | - |" in nothing.text


def test_later_runs_than_the_first_twenty_say_nothing() -> None:
    outcome = _judged(_each(50, 300), [*_each(20, 300), *_each(30, 100)])
    assert outcome is not None
    assert outcome.word == "no significant change"


def test_a_row_that_is_gone_makes_nothing_faster() -> None:
    slow = [_ran(n, {"test (old)": 900 + n % 7, "test (new)": 100 + n % 5}) for n in range(50)]
    quick = [_ran(n, {"test (new)": 100 + n % 5, "test (newest)": 5}) for n in range(20)]
    outcome = _judged(slow, quick)
    assert outcome is not None
    assert outcome.word == "no significant change"


def test_events_that_take_longer_are_compared_with_their_like() -> None:
    before = [*_each(40, 600), *_each(10, 100, event="pull_request")]
    outcome = _judged(before, _each(20, 100, event="pull_request"))
    assert outcome is not None
    assert outcome.word == "no significant change"


@pytest.mark.parametrize("rare", [3, 5, 8])
def test_what_ran_a_few_times_before_the_merge_is_no_measure_for_many(rare: int) -> None:
    chance, words = random.Random(8), Counter[str]()
    events = ["push"] * (50 - rare) + ["pull_request"] * rare
    for _ in range(100):
        before, after = (
            [_ran(n, {"test": round(300 * exp(chance.gauss(0, 0.15)))}, event=event) for n, event in some]
            for some in (enumerate(events), enumerate(["pull_request"] * 20))
        )
        outcome = _judged(before, after, _LATE)
        words[outcome.word if outcome else ""] += 1
    assert words["claim met"] + words["worse"] <= 5


def test_what_failed_says_nothing() -> None:
    after = [_ran(n, {"test": -(10 + n)}) for n in range(20)]
    assert _judged(_each(50, 300), after) is None


def test_a_job_that_was_renamed_is_waited_for_and_then_unknown() -> None:
    after = [_ran(n, {"tests": 100}) for n in range(20)]
    assert _judged(_each(50, 300), after) is None
    outcome = _judged(_each(50, 300), after, _LATE)
    assert outcome is not None
    assert outcome.word == "unknown"


@pytest.mark.parametrize(
    ("event", "branch", "tells"),
    [
        ("push", "main", True),
        ("schedule", "main", True),
        ("pull_request", "feature", True),
        ("merge_group", "gh-readonly-queue/main/pr-1", True),
        ("push", "feature", False),
        ("pull_request", "kotsu/setup-python-cache", False),
        ("push", "kotsu/setup-python-cache", False),
    ],
)
def test_runs_that_may_have_another_workflow_do_not_tell(event: str, branch: str, *, tells: bool) -> None:
    assert claims.telling("main")(_ran(1, {}, event=event, branch=branch).run) is tells


def test_a_claim_is_made_only_of_what_ran_often_enough() -> None:
    other = Place(_PATH, "docs")
    assert claims.made([_TEST, other], {_PATH: _each(10, 300)}) == (_TEST,)
    assert claims.made([_TEST], {_PATH: _each(9, 300)}) == ()


@pytest.mark.parametrize("title", ["${{ matrix.name }}", "t" * 201])
def test_nothing_is_claimed_of_a_job_that_cannot_be_told_from_others(title: str) -> None:
    runs = [_ran(n, {"t" * 201: 300, "docs": 20}) for n in range(20)]
    assert claims.made([Place(_PATH, title)], {_PATH: runs}) == ()


def test_a_body_says_its_claim_until_it_says_what_came_of_it() -> None:
    body = marker.with_metadata("Why.\n", key="x", claim=claims.said([_TEST]))
    assert claims.read(marker.metadata(body)) == (_TEST,)
    outcome = _judged(_each(50, 300), _each(20, 200))
    assert outcome is not None
    after = claims.written(body, outcome)
    assert claims.read(marker.metadata(after)) == ()
    assert marker.metadata(after)["measured"] == "claim met"
    assert after.endswith("at the same time.\n\nWhy.\n")


@pytest.mark.parametrize("claim", [None, 7, "x", [7], [["a"]], [["a", "b", "c"]]])
def test_what_is_no_claim_is_none(claim: object) -> None:
    assert claims.read({"claim": claim}) == ()
