"""What a proposal saves is counted in runs that were, as a range, and only where it can be counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from codemods import registry
from tests.app.serving import serving
from tests.road import NAME, WORKFLOW, Road
from workers import claims, marker, savings
from workers.runs import JobRun, Ran, Run, StepRun
from workers.savings import Past, Saving

_PATH = ".github/workflows/ci.yml"
_DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
_MONTH = _DAY + timedelta(days=30)
_SUPERSEDED, _TWICE, _CACHE = "superseded-runs", "duplicate-triggers", "setup-python-cache"
_TOKEN = "a-token-of-forty-characters-for-the-tests"
_CI = b"""on:
  push:
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: |
          python -m pip install -r requirements.txt
          pip check
      - name: Install tools ${{ matrix.kind }}
        run: pip install tox
      - run: pytest
  docs:
    runs-on: ubuntu-latest
    steps:
      - run: pip install sphinx
"""


def _run(  # noqa: PLR0913 -- what a run can be, all with defaults
    number: int,
    after: float,
    *seconds: int,
    event: str = "pull_request",
    branch: str = "feature",
    attempt: int = 1,
    waited: int = 0,
) -> Ran:
    """Return a run that was there so many minutes after the day began, with its jobs' seconds."""
    created = _DAY + timedelta(minutes=after)
    began = created + timedelta(seconds=waited)
    jobs = tuple(JobRun(f"job {n}", passed=True, seconds=s, began=began) for n, s in enumerate(seconds))
    return Ran(Run(number, attempt, event, branch, "success", created), jobs)


def _past(runs: list[Ran], until: datetime = _MONTH, titles: tuple[str, ...] = ("test",)) -> Past:
    return Past(_PATH, _CI, titles, runs, until, "main")


def _pairs(count: int, gap: float, **more: int) -> list[Ran]:
    """Return pull requests of two runs of ten minutes, of which the second comes after a gap in minutes."""
    return [
        _run(2 * n + later, n * 60 + gap * later, 600, branch=f"b{n}", **more)
        for n in range(count)
        for later in (0, 1)
    ]


def test_what_goes_is_what_ran_when_the_next_run_of_the_pull_request_was_there() -> None:
    told = savings.of(_SUPERSEDED, _past(_pairs(10, 4)))
    assert told == Saving(_PATH, 0.3, 0.3, pytest.approx(200))
    assert savings.of(_SUPERSEDED, _past(_pairs(10, 11))) is None


def test_a_job_that_waited_for_its_machine_goes_on_for_longer() -> None:
    told = savings.of(_SUPERSEDED, _past(_pairs(10, 4, waited=120)))
    assert told is not None
    assert told.low == pytest.approx(0.4)
    late = savings.of(_SUPERSEDED, _past(_pairs(10, 4, waited=900)))
    assert late is not None
    assert late.low == pytest.approx(0.5)


def test_the_ends_are_the_older_and_the_newer_half() -> None:
    runs = [*_pairs(5, 4), *(_run(99 + n, 600 + n, 600, branch=f"c{n}") for n in range(10))]
    told = savings.of(_SUPERSEDED, _past(runs))
    assert told is not None
    assert (told.low, told.high) == (0, 0.3)


@pytest.mark.parametrize(
    "other",
    [{"event": "push"}, {"event": "schedule"}, {"attempt": 2}, {"event": "merge_group"}],
    ids=str,
)
def test_what_would_not_be_cancelled_is_not_counted(other: dict[str, str | int]) -> None:
    runs = [_run(n, n, 600, **other) for n in range(20)]  # type: ignore[arg-type]  # of one run
    assert savings.of(_SUPERSEDED, _past(runs)) is None


def test_runs_of_another_pull_request_supersede_nothing() -> None:
    assert savings.of(_SUPERSEDED, _past([_run(n, n, 600, branch=f"b{n}") for n in range(20)])) is None


def test_pushes_to_other_branches_are_those_that_run_twice() -> None:
    both = [("push", "feature"), ("pull_request", "feature"), ("push", "main"), ("schedule", "main")]
    runs = [_run(n, n * 1440, 60, 60, event=e, branch=b) for n, (e, b) in enumerate(both * 6)]
    assert savings.of(_TWICE, _past(runs)) == Saving(_PATH, 0.25, 0.25, pytest.approx(48))


def test_where_the_default_branch_is_not_known_nothing_runs_twice() -> None:
    runs = [_run(n, n, 60, event="push") for n in range(20)]
    assert savings.of(_TWICE, _past(runs)) is not None
    assert savings.of(_TWICE, Past(_PATH, _CI, (), runs, _MONTH, "")) is None


def _installing(name: str, *steps: tuple[str, int]) -> list[Ran]:
    job = JobRun(name, passed=True, seconds=300, steps=tuple(StepRun(*step) for step in steps))
    return [Ran(Run(n, 1, "push", "main", "success", _DAY), (job,)) for n in range(20)]


def test_of_a_cache_no_more_can_go_than_the_steps_that_install() -> None:
    steps = (
        ("Run python -m pip install -r requirements.txt", 60),
        ("Install tools a", 30),
        ("Run pytest", 200),
    )
    told = savings.of(_CACHE, _past(_installing("test (3.13)", *steps)))
    assert told == Saving(_PATH, 0, 0.3, pytest.approx(100))


def test_a_job_that_does_not_change_saves_nothing() -> None:
    assert savings.of(_CACHE, _past(_installing("docs", ("Run pip install sphinx", 60)))) is None


def test_of_less_than_a_week_no_month_is_told() -> None:
    told = savings.of(_SUPERSEDED, _past(_pairs(10, 4), _DAY + timedelta(days=6)))
    assert told is not None
    assert told.minutes is None
    assert "| `ci.yml` | - | - | 30 % |" in savings.section(_SUPERSEDED, [told])


def test_few_runs_and_other_improvements_tell_nothing() -> None:
    assert savings.of(_SUPERSEDED, _past(_pairs(9, 4))) is None
    assert savings.of("unbounded-job", _past(_pairs(10, 4))) is None
    assert savings.section(_SUPERSEDED, []) == ""


def test_people_read_minutes_and_the_part_of_all() -> None:
    text = savings.section(_CACHE, [Saving(_PATH, 0, 0.124, 1234.5), Saving(_PATH, 0.1, 0.101, 50)])
    assert "| `ci.yml` | 1,234 | 0 to 153 | 0 to 12 % |\n| `ci.yml` | 50 | 5 | 10 % |\n" in text
    assert text.startswith("### What it saves\n")


def test_what_is_counted_are_improvements_about_speed() -> None:
    known = registry.catalogue()
    counted = [i for i in known if savings.is_counted(i)]
    assert len(counted) == 5
    assert all(claims.is_about_speed(known[i]) for i in counted)


_TWO = WORKFLOW.replace(b"push", b"[push, pull_request]")


def _road(road: Road) -> None:
    """Let twenty pull requests have had two runs of ten minutes, the second four minutes after the first."""
    object.__setattr__(road.world, "catalogue", {_SUPERSEDED: registry.catalogue()[_SUPERSEDED]})
    road.add({_PATH: _TWO})
    for number in range(20):
        for later in (0, 1):
            at = road.hub.world.now() - timedelta(days=1 + number, minutes=-4 * later)
            road.hub.ci.ran(NAME, "ci.yml", {"test": 600}, at, event="pull_request", branch=f"b{number}")
    road.scan()


def test_the_text_says_what_goes_and_its_metadata_which_part(road: Road) -> None:
    _road(road)
    body = road.pull(_SUPERSEDED).body or ""
    assert "### What it saves\n\n| Workflow | Minutes a month | Expected to go | |\n" in body
    assert "So long jobs went on when the next run of their pull request was there." in body
    assert marker.metadata(body)["saving"] == [[_PATH, 0.306, 0.306]]
    assert "claim" not in marker.metadata(body)
    road.writes()
    road.ahead += timedelta(days=3)
    road.scan()
    assert road.writes() == []


def test_the_api_says_what_open_proposals_save(road: Road) -> None:
    _road(road)

    def asked() -> dict[str, Any]:
        with serving(road.world.settings.database_url, api_token=_TOKEN) as server:
            address = f"{server.url}/api/v1/repositories/{NAME}/minutes"
            told = server.client.get(address, headers={"Authorization": f"Bearer {_TOKEN}"}).json()
            return dict(told)

    assert asked()["saving"] == []
    road.scan()
    pull, told = road.pull(_SUPERSEDED), asked()
    assert told["workflows"][0]["minutes"] == 400
    assert told["saving"] == [{"key": _SUPERSEDED, "number": pull.number, "from": 122, "to": 122}]
    road.hub.merge(NAME, pull.number)
    road.follow(pull.number)
    assert asked()["saving"] == []
