"""What grows with time is thinned and goes, and what somebody still asks for stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from codemods.debts import Standing
from tests.fleet import NOW
from tests.workers.bookkeeping import claimed, of, pushed
from workers.ledger import JobState, Ledger
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.history import replayed
from workers.messages import Kind

DAY = timedelta(days=1)
YEAR = 365 * DAY
MONDAY = NOW.date()


def fresh(book: Ledger, day: date) -> Sequence[date]:
    book.freshness.note(FreshnessRow(1, day, 2, 1, 30, 1, 0, 0))
    return [row.day for row in book.freshness.read([1])]


def owed(book: Ledger, day: date) -> Sequence[date]:
    book.debts.note(1, day, {Standing.DUE: 1})
    return list(book.debts.of(1))[::-1]


Note = Callable[[Ledger, date], Sequence[date]]
DAILY = pytest.mark.parametrize("note", [fresh, owed])


@pytest.fixture
def here(book: Ledger) -> Ledger:
    for number in (1, 2):
        book.upsert_repository(of(number), NOW)
    return book


# --- what is seen day by day


@DAILY
def test_days_are_kept_for_a_quarter_and_then_the_last_of_each_week(here: Ledger, note: Note) -> None:
    days = [MONDAY + number * DAY for number in range(14)]
    for day in days:
        note(here, day)
    assert note(here, MONDAY + 91 * DAY)[:14] == days
    # The Monday and the Tuesday are too old by now, and the one that was later tells of both.
    assert note(here, MONDAY + 92 * DAY)[:13] == days[1:]
    # The Sunday alone is left of the first week; of the second one its first two days are too old.
    assert note(here, MONDAY + 99 * DAY)[:7] == [days[6], *days[8:]]


@DAILY
def test_the_only_day_of_a_week_is_its_last(here: Ledger, note: Note) -> None:
    note(here, MONDAY)
    note(here, MONDAY + 7 * DAY)
    assert note(here, MONDAY + 200 * DAY) == [MONDAY, MONDAY + 7 * DAY, MONDAY + 200 * DAY]


@DAILY
def test_after_two_years_it_is_forgotten(here: Ledger, note: Note) -> None:
    note(here, MONDAY)
    assert note(here, MONDAY + 730 * DAY)[0] == MONDAY
    assert note(here, MONDAY + 731 * DAY)[0] == MONDAY + 730 * DAY


def test_the_days_of_another_repository_are_its_own(here: Ledger) -> None:
    here.freshness.note(FreshnessRow(2, MONDAY, 2, 1, 30, 1, 0, 0))
    fresh(here, MONDAY + 800 * DAY)
    assert [row.day for row in here.freshness.read([2])] == [MONDAY]


def test_a_weakness_that_ended_is_known_for_two_years_and_one_that_is_there_for_ever(here: Ledger) -> None:
    old, there = (ExposureRow(1, name, "django", "high", "", None, NOW) for name in ("CVE-1", "CVE-2"))
    here.exposures.note(1, [old, there], NOW)
    here.exposures.note(1, [there], NOW + DAY)
    here.exposures.note(1, [there], NOW + 731 * DAY)
    assert [row.advisory for row in here.exposures.read()] == ["CVE-1", "CVE-2"]
    here.exposures.note(2, [], NOW + 732 * DAY)
    assert len(here.exposures.read()) == 2
    here.exposures.note(1, [there], NOW + 732 * DAY)
    assert [row.advisory for row in here.exposures.read()] == ["CVE-2"]


# --- what happened to pull requests


def opened(book: Ledger, number: int) -> None:
    about = {"key": f"k{number}", "improvement": "k", "title": "t", "branch": "b", "url": "u", "digest": "d"}
    book.save_proposal(1, number=number, head_sha="a" * 40, minutes=2, now=NOW, answers=("A", "B"), **about)  # type: ignore[arg-type]


def kinds(book: Ledger, number: int) -> Sequence[str]:
    return [one.kind for one in book.history.read(1, number)]


def test_of_a_pull_request_that_ended_a_year_ago_it_is_kept_how_it_ended(here: Ledger) -> None:
    opened(here, 5)
    here.change_proposal(1, 5, NOW + DAY, stage="red", failure={"name": "tests"})
    here.close_proposal(1, 5, "merged", NOW + 2 * DAY, merged_sha="c" * 40, closed_by="ann")
    here.change_proposal(1, 5, NOW + 3 * DAY, edit="+ more\n")
    whole = here.history.read()
    here.prune(NOW + 3 * DAY + YEAR)
    assert here.history.read() == whole
    here.prune(NOW + 3 * DAY + YEAR + DAY)
    (left,) = here.history.read()
    assert (left.id, left.kind, left.at, left.number) == (whole[-1].id, "merged", NOW + 2 * DAY, 5)
    assert replayed([left]) == here.history.state()
    # Who has read half of it comes to the same.
    assert replayed([*whole[:2], *here.history.behind(whole[1].id, [1], 10)]) == here.history.state()


def test_what_is_told_once_is_left_alone_until_it_changes(here: Ledger) -> None:
    opened(here, 5)
    here.close_proposal(1, 5, "closed", NOW + DAY)
    here.prune(NOW + 2 * YEAR)
    before = here.history.read()
    here.prune(NOW + 2 * YEAR + DAY)
    assert here.history.read() == before
    here.reopen_proposal(1, 5, NOW + 2 * YEAR + DAY)
    here.prune(NOW + 4 * YEAR)
    assert kinds(here, 5) == ["closed", "open"]
    assert replayed(here.history.read()) == here.history.state()


def test_what_is_open_or_has_changed_lately_keeps_its_history(here: Ledger) -> None:
    for number in (5, 6, 7):
        opened(here, number)
    here.change_proposal(1, 5, NOW + DAY, stage="red")
    here.close_proposal(1, 6, "closed", NOW + 10 * DAY)
    here.close_proposal(1, 7, "merged", NOW + DAY)
    here.change_proposal(1, 7, NOW + 20 * DAY, reverted_at=NOW + 20 * DAY)
    here.prune(NOW + 5 * DAY + YEAR)
    assert [kinds(here, number) for number in (5, 6, 7)] == [
        ["opened", "red"],
        ["opened", "closed"],
        ["opened", "merged", "reverted"],
    ]


# --- what was done


def test_a_look_that_never_ended_goes_as_any_other(here: Ledger) -> None:
    here.start_scan(1, "a" * 40, NOW)
    done = here.start_scan(1, "b" * 40, NOW + DAY)
    here.finish_scan(done, "done", {}, NOW + DAY)
    here.prune(NOW + 30 * DAY)
    assert len(here.scans(1)) == 2
    here.prune(NOW + 31 * DAY)
    assert [row.head_sha for row in here.scans(1)] == ["b" * 40]


def test_a_job_that_was_given_up_is_kept_for_a_year(here: Ledger) -> None:
    here.record(pushed(), NOW)
    here.fail(claimed(here), "no use", NOW)
    here.enqueue(Kind.SCAN, "waits", NOW)
    here.prune(NOW + YEAR)
    assert len(here.jobs(JobState.POISONED)) == 1
    here.prune(NOW + YEAR + DAY)
    assert here.jobs(JobState.POISONED) == []
    assert len(here.jobs(JobState.QUEUED)) == 1


def test_of_pauses_that_ended_the_last_is_kept_and_the_others_for_a_year(here: Ledger) -> None:
    for number, place in enumerate([None, None, 1, 1]):
        since = NOW + number * DAY
        here.pauses.begin(7, "raise", since, merged=number, decided=20, place=place)
        here.pauses.end(7, "raise", "ann", since + timedelta(hours=1), place=place)
    here.prune(NOW + YEAR)
    assert [row.merged for row in here.pauses.read()] == [0, 1, 2, 3]
    here.prune(NOW + YEAR + DAY)
    assert [row.merged for row in here.pauses.read()] == [1, 2, 3]
    here.prune(NOW + 9 * YEAR)
    assert [row.merged for row in here.pauses.read()] == [1, 3]


def test_a_pause_that_holds_is_kept_and_so_is_the_one_before_it_for_a_year(here: Ledger) -> None:
    here.pauses.begin(7, "raise", NOW, merged=0, decided=20)
    here.pauses.end(7, "raise", "ann", NOW + DAY)
    here.pauses.begin(7, "raise", NOW + 2 * DAY, merged=1, decided=20)
    here.prune(NOW + DAY + YEAR)
    assert [row.merged for row in here.pauses.read()] == [0, 1]
    here.prune(NOW + 9 * YEAR)
    assert [row.merged for row in here.pauses.read()] == [1]


def test_what_people_did_is_never_forgotten(here: Ledger) -> None:
    here.audit.note("ann", "pause", NOW)
    here.prune(NOW + 9 * YEAR)
    assert len(here.audit.read(None)) == 1
