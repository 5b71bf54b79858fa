"""What is asked of workflow runs: few pages, jobs as they ran last, and nothing of what never ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.road import NAME, Road
from workers.github import GoneError, Repo
from workers.runs import JobRun, StepRun

_DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def repo(road: Road) -> Iterator[Repo]:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as opened:
        yield opened


def _ran(road: Road, count: int, **more: object) -> None:
    for number in range(count):
        at = _DAY + timedelta(minutes=number)
        road.hub.ci.ran(NAME, "ci.yml", {"test": 60 + number}, at, **more)  # type: ignore[arg-type]  # handed on


def test_the_newest_runs_are_those_that_ran_to_their_ends(road: Road, repo: Repo) -> None:
    _ran(road, 4)
    _ran(road, 1, conclusion="cancelled")
    _ran(road, 1, conclusion=None)
    found = repo.checks.history.newest("ci.yml", f"<={(_DAY + timedelta(minutes=2)).isoformat()}", 50)
    assert [(run.created - _DAY).seconds for run in found] == [120, 60, 0]
    assert {(run.event, run.branch, run.attempt) for run in found} == {("push", "main", 1)}


def test_no_more_pages_are_read_than_are_wanted(road: Road, repo: Repo) -> None:
    _ran(road, 120)
    road.news()
    assert len(repo.checks.history.newest("ci.yml", ">=2026-01-01T00:00:00Z", 50)) == 50
    assert [e.query["page"] for e in road.news()] == ["1"]


def test_the_oldest_runs_come_from_the_last_pages(road: Road, repo: Repo) -> None:
    _ran(road, 320)
    road.news()
    found = repo.checks.history.oldest("ci.yml", f"{_DAY.isoformat()}..2026-12-01T00:00:00Z")
    assert [e.query["page"] for e in road.news()] == ["1", "3", "4"]
    assert [(run.created - _DAY).seconds // 60 for run in found] == list(range(120))


def test_a_job_takes_the_time_that_it_ran_and_not_the_time_that_it_waited(road: Road, repo: Repo) -> None:
    road.hub.ci.ran(NAME, "ci.yml", {"test": 70}, _DAY, steps={"Set up": 1, "Install": 20, "Test": 49})
    (run,) = repo.checks.history.oldest("ci.yml", ">=2026-01-01T00:00:00Z")
    steps = (StepRun("Test", 49), StepRun("Install", 20))
    began = _DAY + timedelta(seconds=7)
    told = JobRun("test", passed=True, seconds=70, labels=("ubuntu-latest",), steps=steps, began=began)
    assert repo.checks.history.jobs(run.id) == (told,)


def test_the_jobs_of_a_large_matrix_come_in_pages(road: Road, repo: Repo) -> None:
    run = road.hub.ci.ran(NAME, "ci.yml", {f"test ({n})": 60 for n in range(256)}, _DAY)
    few = road.hub.ci.ran(NAME, "ci.yml", {"test": 60}, _DAY)
    road.news()
    assert len({job.name for job in repo.checks.history.jobs(run.id)}) == 256
    assert [e.query["page"] for e in road.news()] == ["1", "2", "3"]
    assert len(repo.checks.history.jobs(few.id)) == 1
    assert [e.query["page"] for e in road.news()] == ["1"]


def test_all_runs_are_counted(road: Road, repo: Repo) -> None:
    _ran(road, 2, conclusion="cancelled")
    _ran(road, 101)
    _ran(road, 1, conclusion=None)
    found = f"<={(_DAY + timedelta(minutes=98)).isoformat()}"
    count, newest = repo.checks.history.recent("ci.yml", found)
    assert (count, len(newest)) == (101, 100)
    assert {run.conclusion for run in newest} == {"success", "cancelled"}


def test_a_workflow_that_is_not_there_has_no_runs(repo: Repo) -> None:
    with pytest.raises(GoneError):
        repo.checks.history.newest("other.yml", ">=2026-01-01T00:00:00Z", 50)
