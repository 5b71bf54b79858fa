"""What became of our pull requests: GitHub is asked, and a closed one is an answer."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from demo.github.state import Issue
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import follow_up, marker
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


def copied(road: Road, issue: Issue, count: int, key: str = "") -> list[int]:
    """Add pull requests that look like one, each with a key of its own where it is ours; their numbers."""
    issues = road.hub.find(NAME).issues
    first = max(issues) + 1
    for number in range(first, first + count):
        made = copy.deepcopy(issue)
        made.number, made.id = number, 900_000 + number
        if key and made.pull:
            made.body = marker.with_metadata(issue.body or "", key=f"{key}/p{number}")
            made.pull.head = f"kotsu/{key}/p{number}"
        issues[number] = made
    return list(range(first, first + count))


def test_a_closed_pull_request_is_an_answer_though_hundred_of_others_are_newer(
    road: Road, tmp_path: Path
) -> None:
    road.add()
    road.scan()
    ours = road.pull(UTCNOW)
    road.hub.close(NAME, ours.number)
    road.hub.delete_branch(NAME, f"kotsu/{UTCNOW}")
    theirs = copy.deepcopy(ours)
    theirs.author, theirs.body = road.hub.world.account("ada-example"), "Mine."
    copied(road, theirs, 100)
    road.forget(tmp_path / "new.db")
    road.scan()
    assert road.withheld()[UTCNOW][0] == "declined"
    assert sorted(key for key, _ in road.states().values()) == [UTCNOW, JOB, SHELF]


def test_a_lost_ledger_finds_hundreds_of_answers_a_page_at_a_time(road: Road, tmp_path: Path) -> None:
    road.add({"README.md": b"# Shop\n", "requirements.txt": b"shelf==1.0\n"})
    road.scan()
    issue = road.pull(SHELF)
    road.hub.close(NAME, issue.number)
    numbers = copied(road, issue, 230, "upgrade-dependency")
    merged = road.hub.find(NAME).issues[numbers[0]].pull
    assert merged is not None
    merged.merged_at = issue.closed_at
    road.forget(tmp_path / "new.db")
    road.news()
    road.scan()
    asked = [e.template for e in road.news() if e.method == "GET"]
    assert asked.count("/repos/{owner}/{repo}/issues") == 3
    # How the first few of them ended is looked at.
    assert asked.count("/repos/{owner}/{repo}/pulls/{pull_number}") == 5
    states = road.states()
    assert states.keys() == {issue.number, *numbers}
    assert states[numbers[0]] == (f"upgrade-dependency/p{numbers[0]}", "merged")
    assert {state for number, (_, state) in states.items() if number != numbers[0]} == {"closed"}
    road.scan()
    asked = [e.template for e in road.news() if e.method == "GET"]
    assert asked.count("/repos/{owner}/{repo}/issues") == 1


def test_where_issues_are_not_for_us_the_newest_pull_requests_tell(road: Road, tmp_path: Path) -> None:
    road.add()
    road.scan()
    road.hub.close(NAME, road.pull(UTCNOW).number)
    road.forget(tmp_path / "new.db")
    no = b'{"message":"Resource not accessible by integration"}'
    road.hub.fail("GET", r"/issues\?", 403, times=9, body=no)
    road.scan()
    road.hub.recover()
    assert road.withheld()[UTCNOW][0] == "declined"
