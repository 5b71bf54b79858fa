"""What CI costs is learned where somebody asked for it, once a week, and said as GitHub would bill it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.app.serving import serving
from tests.road import NAME, WORKFLOW, Road
from workers import machine_time
from workers.runs import JobRun, Ran, Run

_TOKEN = "a-token-of-forty-characters-for-the-tests"
_CI, _NIGHTLY = ".github/workflows/ci.yml", ".github/workflows/nightly.yml"
_NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def _ran(*jobs: JobRun) -> Ran:
    return Ran(Run(1, 1, "push", "main", "success", _NOW), jobs)


def _job(seconds: int, label: str = "ubuntu-latest", **more: bool) -> JobRun:
    return JobRun("test", passed=True, seconds=seconds, labels=(label,), **more)


def test_each_job_is_rounded_up_to_whole_minutes() -> None:
    sample = [_ran(_job(61), _job(59)), _ran(_job(1))]
    spent = machine_time.of(_CI, 100, sample)
    assert (spent.runs, spent.minutes, spent.own, spent.usd) == (100, 200, 0, 1.2)


def test_what_never_ran_and_one_s_own_machines_cost_nothing() -> None:
    sample = [_ran(_job(0, skipped=True), _job(600, "gpu", hosted=False))]
    spent = machine_time.of(_CI, 10, sample)
    assert (spent.minutes, spent.own, spent.usd) == (0, 100, 0)


def test_a_machine_of_a_made_up_label_has_no_price() -> None:
    spent = machine_time.of(_CI, 10, [_ran(_job(60), _job(60, "our-large-one"))])
    assert (spent.minutes, spent.usd) == (20, None)


def test_without_runs_nothing_was_spent() -> None:
    spent = machine_time.of(_CI, 0, [])
    assert (spent.minutes, spent.usd, spent.sampled) == (0, 0, 0)


@pytest.mark.parametrize(
    ("label", "usd"),
    [
        ("ubuntu-latest", 0.006),
        ("ubuntu-24.04-arm", 0.005),
        ("ubuntu-slim", 0.002),
        ("Windows-2025", 0.01),
        ("macos-15", 0.062),
        ("macos-15-xlarge", 0.102),
        ("macos-latest-large", 0.077),
        ("self-hosted", None),
    ],
)
def test_a_label_has_a_price(label: str, usd: float | None) -> None:
    assert machine_time.rate(_job(1, label)) == usd


def _asked(road: Road) -> list[dict[str, object]]:
    with serving(road.world.settings.database_url, api_token=_TOKEN) as server:
        address = f"{server.url}/api/v1/repositories/{NAME}/minutes"
        assert server.client.get(address).status_code == 401
        answer = server.client.get(address, headers={"Authorization": f"Bearer {_TOKEN}"})
        told = answer.json()
        # The one commit is of 2024.
        assert not told["week"] or told["idle-days"] > 365
        assert answer.status_code == (200 if told["week"] else 202)
        return list(told["workflows"])


def _road(road: Road) -> None:
    object.__setattr__(road.world, "catalogue", {})
    road.add({_CI: WORKFLOW, _NIGHTLY: WORKFLOW})
    road.scan()
    road.news()
    for hours in range(30):
        at = road.hub.world.now() - timedelta(hours=hours + 1)
        road.hub.ci.ran(NAME, "ci.yml", {"test": 90, "lint": 20}, at)
        end = "cancelled" if hours else "success"
        road.hub.ci.ran(NAME, "nightly.yml", {"all": 3000}, at, conclusion=end, event="schedule")
    road.hub.ci.ran(NAME, "ci.yml", {"test": 90}, road.hub.world.now() - timedelta(days=31))


def _questions(road: Road) -> int:
    return len([e for e in road.news() if "/actions/" in e.template])


def test_nobody_asks_github_for_what_nobody_wants_to_know(road: Road) -> None:
    _road(road)
    road.scan()
    assert _questions(road) == 0


def test_what_somebody_asked_for_is_learned_by_the_next_scan(road: Road) -> None:
    _road(road)
    assert _asked(road) == []
    road.scan()
    assert _asked(road) == [
        {
            "path": _CI,
            "runs": 30,
            "scheduled": 0,
            "minutes": 90,
            "own-minutes": 0,
            "usd": 0.54,
            "sampled": 10,
        },
        {
            "path": _NIGHTLY,
            "runs": 1,
            "scheduled": 1,
            "minutes": 50,
            "own-minutes": 0,
            "usd": 0.3,
            "sampled": 1,
        },
    ]


def test_it_is_learned_once_a_week_while_somebody_asks(road: Road) -> None:
    _road(road)
    _asked(road)
    road.scan()
    assert _questions(road) == 2 + 10 + 1
    road.scan()
    assert _questions(road) == 0
    road.ahead += timedelta(days=7)
    road.scan()
    assert _questions(road) == 2
    road.ahead += timedelta(days=60)
    road.world.book.prune(road.world.clock())
    road.scan()
    assert _questions(road) == 0


def test_a_workflow_that_cannot_be_read_is_left_out(road: Road) -> None:
    _road(road)
    _asked(road)
    road.hub.fail("GET", "/workflows/ci.yml/runs", 403, body=b'{"message": "Not accessible"}')
    road.scan()
    assert [row["path"] for row in _asked(road)] == [_NIGHTLY]
