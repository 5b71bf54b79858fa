"""Whether the default branch broke with one of ours: its checks are looked at once they have ended."""

from __future__ import annotations

from datetime import timedelta

from demo.github.ci import FOREVER, Job, fails, fails_on, flaky, passes
from tests.road import NAME, Road
from tests.workers.cases import Stand, opened


def merged(road: Road, *jobs: Job, later: Job | None = None, config: bytes = b"") -> Stand:
    """Merge one where these jobs run on the default branch, and ``later`` from the merge on; scan."""
    found = opened(road, config)
    road.hub.ci.script(NAME, *jobs)
    road.hub.settle()
    if later:
        road.hub.ci.script(NAME, later, base=False)
    road.hub.merge(NAME, 1)
    road.hub.settle()
    road.scan()
    return found


def kinds(found: Stand) -> list[str]:
    """Return what happened to it."""
    return [e.kind for e in found.road.world.book.history.read(found.repository.id, 1)]


def asked(road: Road) -> list[str]:
    """Return what was asked about commits and pull requests since."""
    words = ("/commits/", "/pulls/", "/compare/", "/contents/")
    return [e.template.rpartition("/")[2] for e in road.news() if any(word in e.path for word in words)]


def test_what_breaks_with_the_merge_broke(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=fails))
    assert found.due() == timedelta(minutes=10)
    assert found.row.broke == ""
    road.days(0.5 / 24)
    assert (found.row.broke, found.due()) == ("tests", timedelta(hours=1))
    road.days(2)
    assert (found.row.broke, found.row.due) == ("tests", None)
    assert kinds(found)[-1] == "broke"


def test_a_check_that_passes_when_it_is_run_again_broke_nothing(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=flaky))
    road.days(0.5 / 24)
    assert found.row.broke == "tests"
    road.hub.ci.rerun(NAME, found.row.merged_sha)
    road.hub.settle()
    road.days(0.5 / 24)
    assert (found.row.broke, found.row.due) == ("", None)
    assert kinds(found)[-2:] == ["broke", "mended"]


def test_what_broke_stays_so_where_nobody_may_look_again(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=fails))
    road.days(0.5 / 24)
    road.hub.fail("GET", "/check-runs", 403, body=b'{"message":"Resource not accessible by integration"}')
    road.days(1 / 24)
    assert found.row.broke == "tests"


def test_what_passes_broke_nothing_and_costs_two_questions(road: Road) -> None:
    found = merged(road, Job(says=passes))
    road.news()
    road.days(0.5 / 24)
    assert asked(road) == ["check-runs", "statuses"]
    assert (found.row.broke, found.row.due) == ("", None)


def test_what_was_broken_before_did_not_break_with_it(road: Road) -> None:
    found = merged(road, Job(says=fails))
    road.days(0.5 / 24)
    assert (found.row.broke, found.row.due) == ("", None)


def test_what_failed_and_passed_before_says_nothing(road: Road) -> None:
    found = opened(road)
    base = found.repository.branch("main") or ""
    road.hub.ci.script(NAME, Job(says=flaky))
    road.hub.settle()
    road.ahead += timedelta(minutes=1)
    road.hub.ci.rerun(NAME, base)
    road.hub.settle()
    road.hub.ci.script(NAME, Job(says=fails), base=False)
    road.hub.merge(NAME, 1)
    road.hub.settle()
    road.scan()
    road.days(0.5 / 24)
    assert (found.row.broke, found.row.due) == ("", None)


def test_what_kotsu_yml_ignores_broke_nothing(road: Road) -> None:
    config = b"checks:\n  ignore: [nightly*]\n"
    found = merged(road, Job("nightly", passes), later=Job("nightly", fails), config=config)
    road.days(0.5 / 24)
    assert (found.row.broke, found.row.due) == ("", None)


def test_what_still_runs_is_looked_at_more_and_more_seldom_and_given_up_after_a_day(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=lambda _, __: FOREVER))
    moments = []
    while (due := found.due()) is not None:
        moments.append(due / timedelta(minutes=1))
        road.ahead = due
        road.days(0)
    assert moments == [10, 20, 40, 80, 160, 320, 640, 1280, 1440]
    assert found.row.broke == ""


def test_checks_that_may_not_be_read_broke_nothing(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=fails))
    road.hub.fail("GET", "/check-runs", 403, body=b'{"message":"Resource not accessible by integration"}')
    road.days(0.5 / 24)
    assert (found.row.broke, found.row.due) == ("", None)


def test_a_server_that_fails_is_asked_again(road: Road) -> None:
    found = merged(road, Job(says=passes), later=Job(says=fails))
    road.hub.fail("GET", "/check-runs", 502, times=9)
    road.days(0.5 / 24)
    assert found.due() == timedelta(hours=1)
    road.hub.recover()
    road.days(0.5 / 24)
    assert found.row.broke == "tests"


def test_what_went_into_another_branch_is_not_watched(road: Road) -> None:
    found = opened(road)
    road.hub.ci.script(NAME, Job(says=fails_on(b"utcnow")))
    road.hub.merge(NAME, 1)
    found.pull.base = "next"
    road.scan()
    assert (found.row.closed_by, found.row.due) == ("ada-example", None)
