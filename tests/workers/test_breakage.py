"""Whether the default branch broke with a commit: its checks beside those of the commit before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workers import breakage
from workers.checks import End, Run

MERGED = datetime(2026, 6, 1, tzinfo=UTC)
NOW = MERGED + timedelta(minutes=30)


def run(end: End, name: str = "tests", began: int = 1, ended: int | None = 5) -> Run:
    over = MERGED + timedelta(minutes=ended) if ended and end not in (End.QUEUED, End.RUNNING) else None
    return Run(name, end, MERGED + timedelta(minutes=began), over, order=began)


def failing(*runs: Run, now: datetime = NOW, late: bool = False) -> list[str] | None:
    return breakage.failing(runs, MERGED, now, late=late)


FAILED, PASSED = run(End.FAILED), run(End.PASSED)


def test_what_fails_after_all_has_ended_fails() -> None:
    assert failing(FAILED, run(End.PASSED, "docs")) == ["tests"]
    assert failing(PASSED, run(End.SKIPPED, "docs"), run(End.VOID, "lint")) == []


@pytest.mark.parametrize("end", [End.QUEUED, End.RUNNING])
def test_nothing_is_said_while_something_runs_but_for_a_day(end: End) -> None:
    assert failing(FAILED, run(end, "slow")) is None
    assert failing(FAILED, run(end, "slow"), late=True) == ["tests"]


def test_what_has_just_ended_may_let_another_begin() -> None:
    assert failing(run(End.PASSED, ended=26)) is None
    assert failing(run(End.PASSED, ended=25)) == []


def test_a_first_check_has_an_hour_to_begin() -> None:
    assert failing() is None
    assert failing(now=MERGED + timedelta(hours=1)) == []
    assert failing(late=True) == []


def test_what_failed_and_then_passed_on_the_same_commit_fails_not() -> None:
    assert failing(FAILED, run(End.PASSED, began=6, ended=9)) == []


BEFORE = {
    "passed": ([PASSED], "tests"),
    "failed": ([FAILED], ""),
    "flaky": ([FAILED, run(End.PASSED, began=6, ended=9)], ""),
    "did not run": ([], ""),
    "was skipped": ([run(End.SKIPPED)], ""),
    "was cancelled": ([run(End.VOID)], ""),
    "runs": ([run(End.RUNNING)], None),
}


@pytest.mark.parametrize(("before", "said"), BEFORE.values(), ids=BEFORE)
def test_only_what_passed_before_broke(before: list[Run], said: str | None) -> None:
    assert breakage.broken(["tests"], before, late=False) == said
    assert breakage.broken(["tests"], before, late=True) == (said or "")


def test_of_several_the_first_by_name_is_told() -> None:
    before = [PASSED, run(End.PASSED, "docs"), run(End.FAILED, "audit")]
    assert breakage.broken(["tests", "docs", "audit"], before, late=False) == "docs"
