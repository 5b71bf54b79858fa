"""What became of our pull requests: GitHub is asked, and a closed one is an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import follow_up
from workers.model import State

_ONE = {**FILES, CONFIG: b"limits:\n  open: 1\n  first: 9\n  per-day: 9\n"}


def test_a_merged_pull_request_makes_room_for_the_next(road: Road) -> None:
    road.add(_ONE)
    road.scan()
    (first,) = road.keys()
    assert {reason for reason, _ in road.withheld().values()} == {"open-limit"}
    number = road.pull(first).number
    road.hub.merge(NAME, number)
    road.follow(number)
    (second,) = road.keys()
    assert second != first
    assert road.states()[number] == (first, "merged")


def test_a_closed_pull_request_is_an_answer(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    road.hub.push(NAME, {"shop/more.py": CLOCK})
    road.scan()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_closed_pull_request_is_an_answer_though_nobody_told_us(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.close(NAME, road.pull(UTCNOW).number)
    road.scan()
    assert sorted(road.keys()) == [JOB, SHELF]
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_closed_pull_request_is_an_answer_though_the_ledger_is_lost(road: Road, tmp_path: Path) -> None:
    road.add()
    road.scan()
    road.hub.close(NAME, road.pull(UTCNOW).number)
    road.hub.delete_branch(NAME, f"kotsu/{UTCNOW}")
    road.forget(tmp_path / "new.db")
    road.scan()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_closed_pull_request_is_an_answer_though_its_body_was_emptied(road: Road, tmp_path: Path) -> None:
    road.add()
    road.scan()
    pull = road.pull(UTCNOW)
    pull.body = None
    road.hub.close(NAME, pull.number)
    road.forget(tmp_path / "new.db")
    road.scan()
    assert sorted(road.keys()) == [JOB, SHELF]
    assert road.withheld()[UTCNOW][0] == "left-alone"


def test_an_upgrade_that_was_closed_is_not_offered_again_for_a_newer_release(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.close(NAME, road.pull(SHELF).number)
    road.index.release("shelf", "3.0")
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB]


def test_a_reopened_pull_request_is_open_again(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    issue = road.hub.find(NAME).issues[number]
    issue.state, issue.closed_at = "open", None
    road.follow(number)
    assert road.states()[number] == (UTCNOW, "open")
    road.hub.close(NAME, number)
    road.scan()
    issue.state, issue.closed_at = "open", None
    road.scan()
    assert road.states()[number] == (UTCNOW, "open")


def test_a_deleted_branch_closes_and_is_an_answer(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.delete_branch(NAME, f"kotsu/{UTCNOW}")
    road.scan()
    assert sorted(road.keys()) == [JOB, SHELF]
    assert road.branches() == {JOB, SHELF}


def test_the_event_is_not_believed(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(UTCNOW).number
    road.follow(number)
    assert road.states()[number] == (UTCNOW, "open")


def test_a_pull_request_of_somebody_else_is_none_of_ours(road: Road) -> None:
    repository = road.add()
    road.hub.push(NAME, {"x": b"x"}, branch="kotsu/their-own")
    with road.world.app.open(road.installation.id, repository.id) as repo:
        assert follow_up.learn(road.world.book, repo, 77, road.world.clock()) is None
        assert repo.create_pull("kotsu/their-own", "main", "Mine", "No metadata.") is not None
    road.scan()
    assert "their-own" not in {key for key, _ in road.states().values()}


@pytest.mark.parametrize("state", ["merged", "closed"])
def test_an_old_pull_request_does_not_hide_the_open_one_of_its_key(road: Road, state: str) -> None:
    road.add()
    road.scan()
    first = road.pull(UTCNOW).number
    road.hub.merge(NAME, first)
    road.hub.push(NAME, {"shop/more.py": CLOCK})
    road.scan()
    second = road.pull(UTCNOW).number
    issue = road.hub.find(NAME).issues[first]
    if state == "closed" and issue.pull:
        issue.pull.merged_at = None
    repository_id = road.hub.find(NAME).id
    book = road.world.book
    book.close_proposal(repository_id, second, State.CLOSED, road.world.clock())
    road.scan()
    assert road.states()[second] == (UTCNOW, "open")
    assert road.states()[first][1] in ("merged", "closed")
