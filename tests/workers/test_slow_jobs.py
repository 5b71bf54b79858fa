"""What is told because jobs are slow is told once, and GitHub is asked where something would be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from codemods import registry
from tests.road import NAME, WORKFLOW, Road

_ID = "serial-tests"
_CI, _OTHER = ".github/workflows/ci.yml", ".github/workflows/weekly.yml"
_TESTS = WORKFLOW.replace(b"make test", b"pytest")
_NEEDS = {"requirements.txt": b"pytest==9.0.0\n"}
_LATELY = datetime.now(UTC).replace(hour=12) - timedelta(days=40)


@pytest.fixture(autouse=True)
def _only(road: Road) -> None:
    object.__setattr__(road.world, "catalogue", {_ID: registry.catalogue()[_ID]})


def _history(road: Road, seconds: int, *files: str) -> None:
    for file in files or ("ci.yml",):
        for number in range(20):
            road.hub.ci.ran(NAME, file, {"test": seconds}, _LATELY + timedelta(hours=number))


def _told(road: Road) -> list[str]:
    return [row.sentence for row in road.world.book.withheld(road.hub.find(NAME).id)]


def _asked(road: Road) -> int:
    return len([e for e in road.news() if "/actions/" in e.template])


def test_slow_tests_are_told_once_in_a_repository(road: Road) -> None:
    road.add({_CI: _TESTS, _OTHER: _TESTS, **_NEEDS})
    _history(road, 900, "ci.yml", "weekly.yml")
    road.scan()
    (sentence,) = _told(road)
    assert sentence.startswith(f"`{_CI}:6`: `Run pytest` in `test` takes 15 min (median), on one core: with")
    assert road.keys() == []


def test_quick_tests_are_not(road: Road) -> None:
    road.add({_CI: _TESTS, **_NEEDS})
    _history(road, 60)
    road.scan()
    assert _told(road) == []


def test_what_is_not_told_however_slow_it_is_is_not_asked_for(road: Road) -> None:
    road.add({_CI: WORKFLOW, _OTHER: _TESTS, "requirements.txt": b"pytest==9.0.0\npytest-xdist==3.8.0\n"})
    _history(road, 900, "ci.yml", "weekly.yml")
    road.news()
    road.scan()
    assert _told(road) == []
    assert _asked(road) == 0


def test_github_is_asked_once_a_week(road: Road) -> None:
    road.add({_CI: _TESTS, **_NEEDS})
    _history(road, 900)
    # A Tuesday of next week, so that the days after it are of the same.
    road.ahead = timedelta(days=8 - datetime.now(UTC).weekday())
    road.scan()
    assert _asked(road) == 1 + 20
    for _ in range(4):
        road.ahead += timedelta(days=1)
        road.scan()
        assert _asked(road) == 0
        assert len(_told(road)) == 1
    road.ahead += timedelta(days=7)
    road.scan()
    assert _asked(road) == 1


def test_a_file_that_kotsu_yml_leaves_out_is_not_looked_at(road: Road) -> None:
    road.add({_CI: _TESTS, **_NEEDS, ".github/kotsu.yml": b"ignore: [.github/workflows/ci.yml]\n"})
    _history(road, 900)
    road.scan()
    assert _told(road) == []
    assert _asked(road) == 0
