"""What is read across all repositories comes in one answer, and only what counts is in it."""

from __future__ import annotations

from datetime import date, timedelta

from tests.fleet import NOW
from tests.workers.bookkeeping import of
from workers.ledger import Ledger, WithheldRow
from workers.ledger.freshness import FreshnessRow
from workers.reasons import LASTING, Reason

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def kept(key: str, reason: Reason, hours: int | None = None) -> WithheldRow:
    since = None if hours is None else NOW - hours * HOUR
    return WithheldRow(key, "i", key, reason.id, "words", (), since, since, 3, 40, "acme/web")


def two(book: Ledger) -> None:
    for number in (1, 2):
        book.upsert_repository(of(number), NOW)


def test_only_what_waits_for_room_waits_and_the_longest_comes_first(book: Ledger) -> None:
    two(book)
    book.replace_withheld(1, [kept("new", Reason.TEAM_BUDGET, 1), kept("never", Reason.ADVICE)])
    book.replace_withheld(2, [kept("old", Reason.OPEN_LIMIT, 9)])
    waiting = book.surveys.waiting()
    assert [(row.repository_id, row.key, row.cost, row.value, row.team) for row in waiting] == [
        (2, "old", 3, 40, "acme/web"),
        (1, "new", 3, 40, "acme/web"),
    ]


def test_what_is_withheld_is_counted_by_its_reason(book: Ledger) -> None:
    two(book)
    book.replace_withheld(1, [kept("a", Reason.ADVICE), kept("b", Reason.ADVICE), kept("c", Reason.CAMPAIGN)])
    assert book.surveys.withheld() == {1: {"advice": 2, "campaign": 1}}
    assert book.surveys.kept(LASTING) == [(1, "c", "campaign")]


def test_a_look_that_has_not_ended_is_not_the_last_one(book: Ledger) -> None:
    two(book)
    for hours, outcome in ((3, "done"), (2, "broken configuration"), (1, "")):
        scan = book.start_scan(1, "a" * 40, NOW - hours * HOUR)
        if outcome:
            book.finish_scan(scan, outcome, {}, NOW)
    looks = book.surveys.looks()
    assert list(looks) == [1]
    assert (looks[1].started, looks[1].outcome) == (NOW - 2 * HOUR, "broken configuration")


def test_only_what_was_merged_after_a_moment_counts(book: Ledger) -> None:
    two(book)
    for number, (state, hours) in enumerate([("merged", 1), ("merged", 3), ("closed", 1), ("open", 1)], 1):
        book.save_proposal(
            1,
            key=f"k/{number}",
            improvement="k",
            title="t",
            branch=f"kotsu/{number}",
            number=number,
            url="",
            head_sha="a" * 40,
            digest="",
            minutes=1,
            now=NOW - WEEK,
        )
        if state != "open":
            book.close_proposal(1, number, state, NOW - hours * HOUR)
    assert book.surveys.merged(NOW - 2 * HOUR) == {1: 1}


def test_of_many_days_the_last_before_each_wanted_one_is_read(book: Ledger) -> None:
    two(book)
    first = date(2026, 3, 2)
    days = [first + timedelta(days=number) for number in range(20)]
    book.freshness.note(*(FreshnessRow(1, day, 9, 8, 10, 1, 2, 3) for day in days if day != days[7]))
    book.freshness.note(FreshnessRow(2, first, 9, 8, 10, 1, 2, 3))
    rows = book.freshness.last([days[0], days[7], days[14]])
    assert [(row.repository_id, row.day) for row in rows] == [
        (1, days[0]),
        (2, days[0]),
        (1, days[6]),
        (1, days[14]),
    ]
