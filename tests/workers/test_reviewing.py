"""The review of one pull request on a GitHub: who is asked, reminded, asked after them, and never annoyed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.road import NAME, Road
from tests.workers.cases import MONDAY, Stand, opened
from workers import marker, reviewing
from workers.conversation import REMINDER
from workers.world import LostError

ADA, BOB, CY = "ada-example", "bob-example", "cy-example"
BOTH = b"reviewers: [ada-example, bob-example]\n"
DAY = timedelta(days=1)


def attend(found: Stand, days: float = 0) -> list[str]:
    """Let days pass, attend twice, and return what was written: the second time must write nothing."""
    found.pass_days(days)
    with found.case() as case:
        reviewing.attend(case)
    written = found.road.writes()
    if found.issue.state == "open":
        with found.case() as case:
            reviewing.attend(case)
    assert found.road.writes() == []
    return [line.removeprefix(f"/repos/{found.name}") for line in written]


def ends(lines: list[str]) -> list[str]:
    return [line.rpartition("/")[2] for line in lines]


# --- who is asked


def test_one_of_those_that_kotsu_yml_names_is_asked(road: Road) -> None:
    found = opened(road, BOTH)
    assert ends(attend(found)) == ["requested_reviewers"]
    (asked,) = found.asked
    assert asked in (ADA, BOB)
    assert (found.row.reviewers, found.row.asked_at, found.due()) == ((asked,), MONDAY, 3 * DAY)
    assert found.comments == []


def test_the_next_pull_request_is_somebody_elses_turn(road: Road) -> None:
    first, second = opened(road, BOTH), opened(road, BOTH, name="acme/other")
    attend(first)
    attend(second)
    assert {*first.asked, *second.asked} == {ADA, BOB}


def test_whoever_has_answered_has_none_waiting_and_whose_turn_it_is_counts_what_was_asked(road: Road) -> None:
    first, second = opened(road, BOTH), opened(road, BOTH, name="acme/other")
    attend(first)
    (asked,) = first.asked
    road.hub.reviewing.review(NAME, first.number, who=asked)
    attend(first)
    assert first.row.reviewed_at == MONDAY
    attention = road.world.book.attention
    assert attention.waiting(road.installation.id) == {}
    assert attention.asked_since(road.installation.id, MONDAY) == {asked: 1}
    assert attention.asked_since(road.installation.id, MONDAY + DAY) == {}
    assert attention.waiting(road.installation.id + 1) == {}
    attend(second)
    assert second.asked != [asked]


@pytest.mark.parametrize(("stage", "waits"), [("ready", 1), ("red", 0), ("held", 0), ("draft", 0)])
def test_only_what_waits_for_a_review_counts_for_whose_turn_it_is(road: Road, stage: str, waits: int) -> None:
    found = opened(road, BOTH)
    attend(found)
    found.note(stage=stage)
    counted = road.world.book.attention.waiting(road.installation.id)
    assert counted.total() == waits


def test_as_many_are_asked_as_kotsu_yml_says_and_teams_as_teams(road: Road) -> None:
    found = opened(road, b"reviewers: [ada-example, acme/web]\nreview:\n  ask: 5\n")
    found.repository.teams.add("web")
    attend(found)
    assert found.asked == [ADA, "web"]
    assert set(found.row.reviewers) == {ADA, "acme/web"}


def test_one_who_is_not_there_does_not_keep_the_others_from_being_asked(road: Road) -> None:
    found = opened(road, b"reviewers: [stranger, elsewhere/web, bob-example]\nreview:\n  ask: 3\n")
    attend(found)
    assert found.asked == [BOB]
    assert found.row.reviewers == (BOB,)
    assert found.issue.state == "open"


def test_the_turn_of_one_who_is_not_there_goes_to_the_next(road: Road) -> None:
    names = ", ".join(f"stranger-{n}" for n in range(6))
    found = opened(road, f"reviewers: [{names}, bob-example]\n".encode())
    attend(found)
    assert found.asked == [BOB]


def test_whoever_is_away_is_not_asked_until_the_day_after(road: Road) -> None:
    away = b"review:\n  away:\n    Ada-Example: 2026-06-01\n    bob-example: 2026-06-03\n"
    found = opened(road, BOTH + away)
    assert attend(found) == []
    assert found.due() == timedelta(hours=14)
    attend(found, 1)
    assert found.asked == [ADA]


def test_nobody_who_is_away_by_the_zone_of_the_people(road: Road) -> None:
    away = b"capacity:\n  time-zone: Pacific/Auckland\nreview:\n  away:\n    ada-example: 2026-06-01\n"
    found = opened(road, b"reviewers: [ada-example]\n" + away)
    # In Auckland it is still Monday at ten in the morning of UTC, and no longer at noon.
    attend(found)
    assert found.asked == []
    attend(found, 0.1)
    assert found.asked == [ADA]


def test_the_owners_of_the_files_are_asked_where_kotsu_yml_names_nobody(road: Road) -> None:
    found = opened(road, files={"CODEOWNERS": b"* @ada-example\n/shop/ @bob-example\n"})
    attend(found)
    assert found.asked == [BOB]


@pytest.mark.parametrize("owned", [b"* @ada-example\n" * 150_000, b"\xff\xfe[*!]] @@@\n"])
def test_a_codeowners_that_cannot_be_read_is_no_obstacle(road: Road, owned: bytes) -> None:
    found = opened(road, files={"CODEOWNERS": owned})
    attend(found)
    # Ada wrote the lines.
    assert found.asked == [ADA]


def test_else_whoever_wrote_the_lines_and_may_write_here(road: Road) -> None:
    found = opened(road)
    attend(found)
    assert found.asked == [ADA]


def test_nobody_is_asked_who_wrote_the_lines_and_is_gone_or_may_only_read(road: Road) -> None:
    found = opened(road, people=(BOB,))
    assert attend(found) == []
    assert (found.asked, found.row.reviewers, found.due()) == ([], (), DAY)
    road.hub.reviewing.collaborators(NAME, ADA, permission="read")
    assert attend(found, 1) == []
    assert (found.asked, found.due()) == ([], 2 * DAY)


def test_a_draft_is_shown_to_nobody(road: Road) -> None:
    found = opened(road, BOTH)
    road.hub.draft(NAME, found.number)
    assert attend(found) == []
    assert found.row.asked_at is None


def test_where_a_person_has_asked_or_answered_nobody_else_is_asked(road: Road) -> None:
    found = opened(road, BOTH)
    road.hub.reviewing.ask(NAME, found.number, CY)
    assert attend(found, 30) == []
    assert (found.asked, found.row.reviewers, found.due()) == ([CY], (CY,), None)
    road.hub.reviewing.review(NAME, found.number, "commented", who=CY)
    assert attend(found, 30) == []


def test_whoever_takes_it_off_their_list_is_not_asked_again(road: Road) -> None:
    found = opened(road, BOTH)
    attend(found)
    (first,) = found.asked
    road.hub.reviewing.unask(NAME, found.number, first)
    attend(found)
    (second,) = found.asked
    assert {first, second} == {ADA, BOB}
    assert found.row.reviewers == (second,)
    road.hub.reviewing.unask(NAME, found.number, second, who=CY)
    assert attend(found) == []
    assert found.asked == []


# --- what follows


def test_one_reminder_another_reviewer_and_then_it_is_given_back(road: Road) -> None:
    found = opened(road, BOTH + b"review:\n  remind-after: 2\n")
    attend(found)
    (first,) = found.asked
    assert attend(found, 1) == []
    assert ends(attend(found, 1)) == ["comments"]
    (reminder,) = found.comments
    assert reminder.startswith(f"@{first} ")
    assert reminder.count("@") == 1
    assert REMINDER in reminder
    assert (found.row.nudges, found.due()) == (1, 4 * DAY)
    # On Friday another is asked; Saturday and Sunday are no working days.
    assert ends(attend(found, 2)) == ["requested_reviewers"]
    assert set(found.asked) == {ADA, BOB}
    assert found.due() == 8 * DAY
    assert attend(found, 3) == []
    written = attend(found, 1)
    assert [line.partition(" ")[0] for line in written] == ["POST", "PATCH"]
    assert found.road.branches() == set()
    assert found.issue.state == "closed"
    assert road.branches() == set()
    assert len(found.comments) == 2
    assert "2026-07-07" in found.comments[1]
    assert "@" not in found.comments[1]
    assert (found.row.word, found.row.until) == ("expired", MONDAY + 36 * DAY)
    about = marker.metadata(found.issue.body or "")
    assert (about["word"], about["until"]) == ("expired", "2026-07-07T10:00:00+00:00")
    assert about["key"] == found.row.key


def test_where_there_is_nobody_else_it_is_given_back_at_the_same_time(road: Road) -> None:
    found = opened(road, b"reviewers: [bob-example]\nreview:\n  remind-after: 2\n")
    attend(found)
    attend(found, 2)
    assert attend(found, 2) == []
    assert (found.asked, found.due()) == ([BOB], 8 * DAY)
    attend(found, 4)
    assert found.issue.state == "closed"


def test_a_person_who_says_something_keeps_it_open(road: Road) -> None:
    found = opened(road, b"reviewers: [ada-example]\nreview:\n  remind-after: 2\n")
    attend(found)
    attend(found, 2)
    road.hub.comment(NAME, found.number, "Give me a week.", who=BOB)
    assert attend(found, 60) == []
    assert found.issue.state == "open"


def test_changes_that_are_requested_are_nobodys_to_be_reminded_of(road: Road) -> None:
    found = opened(road, BOTH)
    attend(found)
    road.hub.reviewing.review(NAME, found.number, "changes_requested", who=CY)
    assert attend(found, 60) == []
    assert found.comments == []


def test_whoever_is_on_holiday_is_not_reminded_but_another_asked(road: Road) -> None:
    away = b"review:\n  remind-after: 2\n  away:\n    ada-example: 2026-07-01\n    bob-example: 2026-07-01\n"
    found = opened(road, b"reviewers: [ada-example, bob-example, cy-example]\n" + away, people=(ADA, BOB, CY))
    attend(found)
    assert found.asked == [CY]
    attend(found, 2)
    assert found.comments[0].startswith(f"@{CY} ")
    other = opened(road, b"reviewers: [ada-example]\n" + away, name="acme/other")
    other.pull.reviewers.append(road.hub.world.account(ADA))
    assert attend(other, 20) == []
    assert other.row.due == MONDAY.replace(month=7, day=2, hour=0)


def test_a_lost_ledger_neither_asks_nor_reminds_again(road: Road, tmp_path: Path) -> None:
    found = opened(road, BOTH)
    attend(found)
    attend(found, 3)
    road.forget(tmp_path / "new.db")
    road.scan()
    road.news()
    assert attend(found) == []
    assert (found.row.nudges, list(found.row.reviewers), found.row.asked_at) == (1, found.asked, MONDAY)
    assert found.due() == 8 * DAY


def test_a_job_that_dies_while_it_gives_back_is_done_again_without_a_second_comment(road: Road) -> None:
    found = opened(road, b"reviewers: [ada-example]\nreview:\n  remind-after: 1\n")
    attend(found)
    attend(found, 1)
    found.pass_days(10)
    road.hub.fail("PATCH", r"/pulls/\d+$", 502)
    with found.case() as case, pytest.raises(Exception, match="502"):
        reviewing.attend(case)
    assert (found.issue.state, found.row.word) == ("open", "")
    attend(found)
    assert found.issue.state == "closed"
    assert len(found.comments) == 2


def test_another_workers_job_asks_nobody(road: Road) -> None:
    found = opened(road, BOTH)
    with found.case() as case:
        road.world.book.finish(case.job, road.world.clock())
        with pytest.raises(LostError):
            reviewing.attend(case)
    assert found.asked == []


@pytest.mark.parametrize("path", ["timeline", "requested_reviewers"])
def test_a_permission_that_was_taken_back_is_no_obstacle(road: Road, path: str) -> None:
    found = opened(road, BOTH)
    words = b'{"message":"Resource not accessible by integration"}'
    road.hub.fail("*", path, 403, body=words, times=99)
    with found.case() as case:
        reviewing.attend(case)
    assert (found.asked, found.issue.state, found.due()) == ([], "open", DAY)
    road.hub.recover()
    attend(found, 1)
    assert len(found.asked) == 1


def test_a_bot_that_is_asked_reviews_nothing_for_us(road: Road) -> None:
    found = opened(road, BOTH)
    robot = road.hub.world.account("robot[bot]", "Bot")
    road.hub.reviewing.ask(NAME, found.number, robot.login)
    attend(found)
    assert len(found.asked) == 2
    assert found.row.reviewers in ((ADA,), (BOB,))
