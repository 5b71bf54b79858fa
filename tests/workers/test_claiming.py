"""From a workflow's history to a limit, a claim, and what came of it, on a GitHub that remembers runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from demo.github.state import Issue
from tests.road import JOB, NAME, WORKFLOW, Road
from tests.workers.improvements import Improvements
from workers import marker

_CI = ".github/workflows/ci.yml"
_FASTER = """
    for found in __import__("re").finditer(rb"make test(?!-)", document.data):
        yield Splice(found.end(), found.end(), b"-fast", "`make test` → `make test-fast`")
"""
_TOP = """
    if not document.data.startswith(b"name"):
        yield Splice(0, 0, b"name: CI\\n", "it has a name")
"""
_LATELY = datetime.now(UTC).replace(hour=12) - timedelta(days=40)


def _history(road: Road, count: int, seconds: int, since: datetime = _LATELY, **more: object) -> None:
    for number in range(count):
        at = since + timedelta(hours=number)
        told = {"test": seconds + number % 7}
        road.hub.ci.ran(NAME, "ci.yml", told, at, steps={"Test": seconds - 20}, **more)  # type: ignore[arg-type]  # handed on


def _asked(road: Road) -> list[str]:
    return [e.template.rpartition("/")[2] for e in road.news() if "/actions/" in e.template]


def test_a_limit_rests_on_how_long_the_job_took(road: Road) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 60, 660)
    road.scan()
    assert b"\n    timeout-minutes: 34\n" in road.proposed(JOB, _CI)
    body = road.pull(JOB).body or ""
    assert "`test` is stopped after 34 minutes (over the last 50 runs: median 11 min, slowest 11 min)" in body
    row = "| `test` of `ci.yml` | 50 | 11 min | 11 min | 11 min | `Test`, 11 min |"
    assert row in body
    assert "claim" not in marker.metadata(body)
    assert len(_asked(road)) == 51


def test_what_ran_since_is_no_reason_to_write_an_open_one_again(road: Road) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 20, 660)
    road.scan()
    _history(road, 20, 1200, datetime.now(UTC) - timedelta(days=1))
    road.ahead += timedelta(days=3)
    road.news()
    road.scan()
    assert b"timeout-minutes: 34\n" in road.proposed(JOB, _CI)
    assert not [w for w in road.writes() if "pulls" in w or "git" in w]


def test_a_lost_ledger_comes_to_the_same_limit(road: Road, tmp_path: Path) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 20, 660)
    road.scan()
    _history(road, 20, 1200, datetime.now(UTC) + timedelta(minutes=1))
    road.forget(tmp_path / "new.db")
    road.install()
    road.ahead += timedelta(days=2)
    road.scan()
    assert b"timeout-minutes: 34\n" in road.proposed(JOB, _CI)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_where_the_history_cannot_be_read_there_is_a_number_all_the_same(road: Road, status: int) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 20, 660)
    words = b'{"message": "Resource not accessible by integration"}'
    road.hub.fail("GET", "/actions/workflows/", status, times=9, body=words)
    road.scan()
    assert b"timeout-minutes: 60\n" in road.proposed(JOB, _CI)
    assert "How long it takes" not in (road.pull(JOB).body or "")


def test_a_job_that_takes_hours_gets_no_limit(road: Road) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 20, 7300)
    road.scan()
    assert road.keys() == []


@pytest.fixture
def fast(road: Road, improvements: Improvements) -> Road:
    """A road on which one improvement makes a job's steps faster."""
    improvements.workflows("quick_test", _FASTER, category="SPEED")
    object.__setattr__(road.world, "catalogue", MappingProxyType(dict(improvements.catalogue())))
    road.add({_CI: WORKFLOW})
    return road


def _merged(road: Road, seconds: int = 300) -> Issue:
    """Open the claim with a history behind it, and merge it."""
    _history(road, 20, seconds)
    road.scan()
    pull = road.pull("quick-test")
    road.hub.merge(NAME, pull.number)
    road.follow(pull.number)
    return pull


def _later(road: Road, days: float) -> None:
    road.ahead += timedelta(days=days)
    road.scan()


def _measured(pull: Issue) -> list[str]:
    return re.findall(r"### Measured after the merge: (.*)", pull.body or "")


def test_a_claim_says_what_is_measured_before(fast: Road) -> None:
    pull = _merged(fast)
    body = pull.body or ""
    assert "| `test` of `ci.yml` | 20 | 5 min 3 s | 5 min 5 s | 5 min 6 s | `Test`, 4 min 40 s |" in body
    assert "After the merge the next 20 runs are compared with these" in body
    assert marker.metadata(body)["claim"] == [[_CI, "test"]]


def test_after_the_next_twenty_runs_the_text_says_once_what_came_of_it(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 19, 200, datetime.now(UTC) + timedelta(minutes=5))
    _later(fast, 2)
    assert _measured(pull) == []
    _history(fast, 1, 200, datetime.now(UTC) + timedelta(hours=30))
    _later(fast, 1)
    assert _measured(pull) == ["claim met"]
    body = pull.body
    fast.writes()
    for _ in range(3):
        _later(fast, 1)
    assert fast.writes() == []
    assert pull.body == body


def test_a_claim_is_looked_at_once_a_day(fast: Road) -> None:
    _merged(fast)
    _history(fast, 5, 200, datetime.now(UTC) + timedelta(minutes=5))
    _later(fast, 1)
    fast.news()
    fast.scan()
    assert _asked(fast) == []


def test_runs_on_other_branches_do_not_tell(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 25, 200, datetime.now(UTC) + timedelta(minutes=5), branch="feature")
    _later(fast, 2)
    assert _measured(pull) == []


def test_after_a_month_it_is_judged_by_what_there_is(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 8, 450, datetime.now(UTC) + timedelta(minutes=5))
    _later(fast, 29)
    assert _measured(pull) == []
    _later(fast, 1.5)
    assert _measured(pull) == ["worse"]
    assert "(8 runs)" in (pull.body or "")


def test_a_lost_ledger_judges_no_claim_twice(fast: Road, tmp_path: Path) -> None:
    pull = _merged(fast)
    _history(fast, 20, 200, datetime.now(UTC) + timedelta(minutes=5))
    _later(fast, 2)
    assert _measured(pull) == ["claim met"]
    fast.forget(tmp_path / "new.db")
    fast.install()
    _later(fast, 1)
    assert _measured(pull) == ["claim met"]


def test_a_ledger_that_is_lost_before_the_judgement_loses_no_claim(fast: Road, tmp_path: Path) -> None:
    pull = _merged(fast)
    _history(fast, 20, 300, datetime.now(UTC) + timedelta(minutes=5))
    fast.forget(tmp_path / "new.db")
    fast.install()
    _later(fast, 2)
    assert _measured(pull) == ["no significant change"]


def test_a_claim_that_github_does_not_take_is_tried_the_next_day(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 20, 200, datetime.now(UTC) + timedelta(minutes=5))
    fast.hub.fail("PATCH", f"/pulls/{pull.number}", 422, body=b'{"message": "Validation Failed"}')
    _later(fast, 2)
    assert _measured(pull) == []
    _later(fast, 1)
    assert _measured(pull) == ["claim met"]


def test_without_a_history_nothing_is_claimed(fast: Road) -> None:
    _history(fast, 9, 300)
    fast.scan()
    body = fast.pull("quick-test").body or ""
    assert "claim" not in marker.metadata(body)
    assert "How long it takes" not in body


def test_what_changes_no_step_of_a_job_claims_nothing_and_asks_nothing(
    road: Road, improvements: Improvements
) -> None:
    improvements.workflows("a_name", _TOP, category="SPEED")
    object.__setattr__(road.world, "catalogue", MappingProxyType(dict(improvements.catalogue())))
    road.add({_CI: WORKFLOW})
    _history(road, 50, 300)
    road.scan()
    assert "claim" not in marker.metadata(road.pull("a-name").body or "")
    assert _asked(road) == []


def test_an_answer_that_was_lost_writes_no_second_judgement(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 20, 200, datetime.now(UTC) + timedelta(minutes=5))
    fast.hub.fail("PATCH", f"/pulls/{pull.number}", 500, after_effect=True)
    _later(fast, 2)
    fast.writes()
    _later(fast, 1)
    _later(fast, 1)
    assert _measured(pull) == ["claim met"]
    assert fast.writes() == []


def test_what_was_edited_meanwhile_stays(fast: Road) -> None:
    pull = _merged(fast)
    _history(fast, 20, 200, datetime.now(UTC) + timedelta(minutes=5))
    words = (pull.body or "") + "\nA remark of somebody.\n"
    fast.hub.meanwhile("GET", "/actions/runs/", lambda: fast.hub.people.edit(NAME, pull.number, words))
    _later(fast, 2)
    assert _measured(pull) == ["claim met"]
    assert "A remark of somebody." in (pull.body or "")


def test_where_github_asks_us_to_wait_the_scan_goes_on_where_it_was(road: Road) -> None:
    road.add({_CI: WORKFLOW})
    _history(road, 20, 660)
    road.hub.secondary_limit(60, method="GET", path="/actions/runs/.*/jobs")
    road.scan()
    assert road.keys() == []
    road.wait(120)
    assert b"timeout-minutes: 34\n" in road.proposed(JOB, _CI)


def test_workflows_with_and_without_a_history_come_together(road: Road) -> None:
    other = ".github/workflows/nightly-build.yml"
    road.add({_CI: WORKFLOW, other: WORKFLOW.replace(b"test", b"build")})
    _history(road, 20, 660)
    road.scan()
    assert road.keys() == [JOB]
    assert b"timeout-minutes: 34\n" in road.proposed(JOB, _CI)
    assert b"timeout-minutes: 60\n" in road.proposed(JOB, other)


def test_of_many_workflows_the_history_of_a_few_is_asked_for(road: Road) -> None:
    road.add({f".github/workflows/w{n}.yml": WORKFLOW for n in range(9)})
    road.scan()
    assert _asked(road) == ["runs"] * 6
