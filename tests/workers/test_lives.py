"""A past that is written at once: it is what one call after the other would have left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.fleet import NOW
from tests.workers.bookkeeping import of
from workers.ledger import Ledger, ProposalRow
from workers.ledger.history import replayed

HOUR = timedelta(hours=1)
ROW = ProposalRow(
    id=0,
    repository_id=1,
    key="aware-utcnow",
    improvement="aware-utcnow",
    title="Aware",
    branch="kotsu/aware-utcnow",
    number=5,
    url="https://x/5",
    state="open",
    head_sha="a" * 40,
    digest="d",
    minutes=4,
    opened_at=NOW,
    closed_at=None,
    reviewers=("ada",),
    cost=3,
    team="acme/shop",
)
READY = {"stage": "red", "failure": {"check": "tests"}}
MERGED = {"state": "merged", "closed_at": NOW + 5 * HOUR, "closed_by": "ada", "merged_sha": "b" * 40}


def test_a_life_that_is_written_at_once_is_the_one_of_one_call_after_the_other(book: Ledger) -> None:
    for number in (1, 2):
        book.upsert_repository(of(number), NOW)
    book.lives.write([life(replace(ROW, repository_id=2), (HOUR, READY), (5 * HOUR, MERGED))])
    one_by_one(book)
    at_once, slowly = (told(book, number) for number in (2, 1))
    assert at_once == slowly
    assert [kind for kind, _, _ in at_once] == ["opened", "red", "merged"]
    first, second = (
        {name: value for name, value in vars_of(row).items() if name not in ("id", "repository_id")}
        for row in book.proposals()
    )
    assert first == second


def test_what_is_written_at_once_replays_to_the_same_state_and_in_the_order_of_time(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    later = replace(ROW, number=6, key="other", opened_at=NOW + HOUR)
    lives = [life(later, (4 * HOUR, READY)), life(ROW, (2 * HOUR, READY), (5 * HOUR, MERGED)), []]
    book.lives.write(lives)
    events = book.history.read()
    assert [(one.number, one.at) for one in events] == [
        (5, NOW), (6, NOW + HOUR), (5, NOW + 2 * HOUR), (6, NOW + 4 * HOUR), (5, NOW + 5 * HOUR),
    ]  # fmt: skip
    assert replayed(events) == book.history.state()


def test_a_change_that_changes_nothing_is_no_event(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    book.lives.write([life(ROW, (HOUR, {}), (2 * HOUR, {"due": NOW + HOUR}))])
    assert [one.kind for one in book.history.read()] == ["opened"]


def test_nothing_at_all_can_be_written(book: Ledger) -> None:
    book.lives.write([])
    assert book.proposals() == []


def life(row: ProposalRow, *changes: tuple[timedelta, dict[str, Any]]) -> list[tuple[datetime, ProposalRow]]:
    told = [(row.opened_at, row)]
    for after, values in changes:
        row = replace(row, **values)
        told.append((NOW + after, row))
    return told


def one_by_one(book: Ledger) -> None:
    names = ("key", "improvement", "title", "branch", "number", "url", "head_sha", "digest", "minutes")
    more = {"reviewers": ROW.reviewers, "cost": ROW.cost, "team": ROW.team}
    book.save_proposal(1, **{name: getattr(ROW, name) for name in names}, **more, now=NOW)
    book.change_proposal(1, ROW.number, NOW + HOUR, **READY)
    said = {name: value for name, value in MERGED.items() if name not in ("state", "closed_at")}
    book.close_proposal(1, ROW.number, "merged", NOW + 5 * HOUR, **said)


def told(book: Ledger, repository_id: int) -> list[tuple[str, datetime, dict[str, Any]]]:
    return [
        (one.kind, one.at, {name: value for name, value in one.changed.items() if name != "repository_id"})
        for one in book.history.read(repository_id)
    ]


def vars_of(row: ProposalRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ProposalRow.__slots__}
