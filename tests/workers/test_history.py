"""Each change of a pull request is written down, and its row can be made anew from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command

from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from workers import ledger
from workers.ledger import Ledger, proposals, schema
from workers.ledger.chunks import NAMED
from workers.ledger.history import replayed
from workers.ledger.transactions import writing

SOON = timedelta(minutes=5)


def opened(
    book: Ledger, number: int = 5, *, repository_id: int = 1, key: str = "aware-utcnow", **more: object
) -> None:
    book.save_proposal(
        repository_id,
        key=key,
        improvement="aware-utcnow",
        title="Know the zone",
        branch="kotsu/aware-utcnow",
        number=number,
        url=f"https://github.example/acme/shop/pull/{number}",
        head_sha="a" * 40,
        digest="d",
        minutes=2,
        now=NOW,
        answers=("GHSA-1", "GHSA-2"),
        **more,
    )


def lived(book: Ledger) -> None:
    """Let a pull request be a branch, be opened, turn red, be changed by people, and be merged."""
    book.record(pushed(), NOW)
    opened(book, number=-7, stage="branch")
    opened(book, stage="draft")
    book.change_proposal(1, 5, NOW + SOON, stage="red", failure={"name": "tests", "lines": "é\u2028"})
    book.change_proposal(1, 5, NOW + 2 * SOON, stage="ready", failure=None, reviewers=("ann", "bob"))
    book.change_proposal(1, 5, NOW + 3 * SOON, reviewed_at=NOW + 3 * SOON)
    book.close_proposal(1, 5, "merged", NOW + 4 * SOON, merged_sha="c" * 40, closed_by="ann")
    book.change_proposal(1, 5, NOW + 5 * SOON, edit="")


def test_a_pull_request_is_what_its_history_comes_to(book: Ledger) -> None:
    lived(book)
    events = book.history.read(1)
    assert [one.kind for one in events] == [
        *("opened", "draft", "red", "ready", "reviewed", "merged", "looked at")
    ]
    assert replayed(events) == book.history.state()


def test_what_changes_nothing_and_what_is_only_planned_is_no_event(book: Ledger) -> None:
    lived(book)
    before = book.history.read()
    book.change_proposal(1, 5, NOW + 6 * SOON, due=NOW + 7 * SOON, based_at=NOW, edit="")
    assert book.history.read() == before
    assert not book.change_proposal(1, 99, NOW, stage="red")
    assert book.history.read() == before


def test_who_closes_and_opens_again_is_in_the_history(book: Ledger) -> None:
    book.record(pushed(), NOW)
    opened(book)
    book.close_proposal(1, 5, "closed", NOW + SOON, now=NOW + 2 * SOON, word="never")
    book.reopen_proposal(1, 5, NOW + 3 * SOON)
    kinds = [(one.kind, one.at) for one in book.history.read()]
    assert kinds == [("opened", NOW), ("closed", NOW + 2 * SOON), ("open", NOW + 3 * SOON)]
    assert replayed(book.history.read()) == book.history.state()


def test_pages_of_the_history_are_read_from_its_end(book: Ledger) -> None:
    lived(book)
    last = book.history.read(limit=2)
    assert [one.kind for one in last] == ["merged", "looked at"]
    assert [one.kind for one in book.history.read(before=last[0].id, limit=2)] == ["ready", "reviewed"]
    assert [one.kind for one in book.history.read(kinds=["red"])] == ["red"]
    assert [one.kind for one in book.history.read(since=NOW + 5 * SOON)] == ["looked at"]


def test_a_ledger_of_an_older_version_begins_its_histories_with_what_it_knows(book: Ledger) -> None:
    lived(book)
    with book.engine.begin() as connection:
        command.downgrade(schema._config(connection), "0007")
    with book.engine.begin() as connection:
        command.upgrade(schema._config(connection), schema.HEAD)
    assert [one.kind for one in book.history.read()] == ["opened"]
    assert replayed(book.history.read()) == book.history.state()
    book.change_proposal(1, 5, NOW + 6 * SOON, reverted_at=NOW + 6 * SOON)
    assert replayed(book.history.read()) == book.history.state()


def test_who_reads_on_misses_nothing_that_is_committed_late(book: Ledger) -> None:
    """On PostgreSQL an id is given before the commit: a later one must not be seen before it."""
    book.record_all([pushed(), pushed("b", 2)], NOW)
    opened(book)
    opened(book, number=6, key="other")
    hasty = ledger.open(book.engine.url.render_as_string(hide_password=False), patience=0.2)
    (last,) = book.history.read(limit=1)
    with writing(book.engine) as slow:
        assert proposals.change_proposal(slow, 1, 5, {"stage": "red"}, NOW + SOON)
        with pytest.raises(ledger.Unavailable):
            hasty.change_proposal(1, 6, NOW + SOON, stage="red")
        assert not hasty.history.behind(last.id, [1], 10)
    assert hasty.change_proposal(1, 6, NOW + 2 * SOON, stage="red")
    hasty.close()
    first, second = book.history.behind(last.id, [1], 10)
    assert (first.number, second.number) == (5, 6)
    assert first.id < second.id
    assert book.history.behind(first.id, [1], 10) == [second]


@pytest.mark.parametrize("many", [0, NAMED])
def test_who_asks_for_some_repositories_hears_of_no_other(book: Ledger, many: int) -> None:
    book.record_all([pushed(), pushed("b", 2)], NOW)
    opened(book)
    opened(book, 6, repository_id=2)
    others = range(10, 10 + many)
    assert [one.number for one in book.history.behind(0, {2, *others}, 10)] == [6]
    assert book.history.behind(0, {*others}, 10) == []
    assert [one.number for one in book.history.behind(0, {1, 2, *others}, 1)] == [5]
