"""Pull requests come out of the ledger in outline, all at once."""

from __future__ import annotations

from datetime import timedelta

from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from tests.workers.test_evaluating import ended
from workers.ledger import Ledger

DAY = timedelta(days=1)


def test_whether_people_changed_it_is_known_only_where_somebody_looked(book: Ledger) -> None:
    book.record(pushed(), NOW)
    ended(book, 3, "merged")
    book.change_proposal(1, 2, NOW, edit="")
    book.change_proposal(1, 3, NOW, edit="--- a\n+++ b\n")
    assert [(one.number, one.edited) for one in book.outlines.read()] == [(1, None), (2, False), (3, True)]


def test_an_outline_says_what_the_row_does(book: Ledger) -> None:
    book.record(pushed(), NOW)
    ended(book, 1)
    book.change_proposal(1, 1, NOW, closed_by="ann", because="No.", reverted_at=NOW, broke="tests")
    (one,), (row,) = book.outlines.read(), book.proposals()
    names = [name for name in type(one).__slots__ if name not in {"installation_id", "edited"}]
    assert {name: getattr(one, name) for name in names} == {name: getattr(row, name) for name in names}
    assert (one.installation_id, one.closed_at) == (7, NOW - DAY)


def test_what_is_asked_for_comes_and_nothing_else(book: Ledger) -> None:
    book.record(pushed(), NOW)
    book.record(pushed("b", 2), NOW)
    ended(book, 1)
    ended(book, 2, repository_id=2)
    assert len(book.outlines.read()) == 3
    assert [one.repository_id for one in book.outlines.read([2, 3])] == [2, 2]
    assert book.outlines.read([]) == []
    assert book.outlines.read(since=NOW - DAY) == []
    assert len(book.outlines.read(since=NOW - 2 * DAY)) == 3
    assert book.outlines.read(installation_id=8) == []


def test_a_pause_of_a_team_is_another_than_that_of_a_place_or_of_all(book: Ledger) -> None:
    counts = {"merged": 1, "decided": 20}
    for more in ({}, {"team": "acme/apples"}, {"place": 3}):
        assert book.pauses.begin(7, "raise", NOW, **counts, **more)
        assert not book.pauses.begin(7, "raise", NOW, **counts, **more)
    assert [(row.team, row.place) for row in book.pauses.read(7)] == [
        *(("", None), ("acme/apples", None), ("", 3))
    ]
    assert book.pauses.end(7, "raise", "ann", NOW)
    assert [row.ended_by for row in book.pauses.read(7)] == ["ann", "", ""]
    assert book.pauses.end(7, "raise", "bob", NOW, place=3)
    assert not book.pauses.end(7, "raise", "bob", NOW, team="acme/pears")
    assert [row.ended_by for row in book.pauses.read(7)] == ["ann", "", "bob"]


def test_with_an_installation_its_pauses_go(book: Ledger) -> None:
    book.pauses.begin(7, "raise", NOW, merged=0, decided=20)
    book.pauses.begin(8, "raise", NOW, merged=0, decided=20)
    book.remove_installation(7, NOW)
    assert [row.installation_id for row in book.pauses.read()] == [8]
