"""The ledger's memory on both databases: proposals, what was withheld, scans and blob results."""

from __future__ import annotations

from datetime import timedelta

from tests.fleet import NOW
from tests.workers.bookkeeping import SOON, claimed, of, pushed
from workers import budgets, effective, ledger, machine_time
from workers.evaluation import learning
from workers.ledger import Ledger, Standing, WithheldRow
from workers.messages import Event

# --- proposals, withheld, scans


def saved(book: Ledger, number: int = 5, key: str = "k", **changes: object) -> ledger.ProposalRow:
    row = {
        "key": key,
        "improvement": "i",
        "title": "t",
        "branch": f"kotsu/{key}",
        "number": number,
        "url": "u",
    }
    row |= {"head_sha": "a" * 40, "digest": "d", "minutes": 3, "now": NOW} | changes
    return book.save_proposal(1, **row)  # type: ignore[arg-type]


def test_a_proposal_is_updated_while_it_is_open_and_new_after_it_was_closed(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    first = saved(book)
    updated = saved(book, title="better", now=NOW + SOON)
    assert (updated.id, updated.title, updated.opened_at) == (first.id, "better", NOW)
    assert book.close_proposal(1, 5, "closed", NOW + SOON)
    second = saved(book, number=6, now=NOW + 2 * SOON)
    assert [(row.number, row.state) for row in book.proposals(1)] == [(6, "open"), (5, "closed")]
    assert second.id != first.id


def test_a_proposal_remembers_what_it_answers(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    assert saved(book, answers=("CVE-1", "GHSA-2")).answers == ("CVE-1", "GHSA-2")
    assert saved(book, number=6, key="other").answers == ()
    assert {row.number: row.answers for row in book.proposals(1)} == {5: ("CVE-1", "GHSA-2"), 6: ()}


def test_a_pull_request_of_others_is_none_of_ours(book: Ledger) -> None:
    assert not book.close_proposal(1, 99, "merged", NOW)


def test_a_reopened_pull_request_is_open_again(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    saved(book)
    book.close_proposal(1, 5, "closed", NOW)
    assert book.reopen_proposal(1, 5, NOW)
    assert [(row.state, row.closed_at) for row in book.proposals(state="open")] == [("open", None)]


def test_what_was_withheld_is_what_the_last_scan_withheld(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    rows = [WithheldRow(key, "i", "t", "advice", "A sentence.") for key in ("b", "a")]
    book.replace_withheld(1, rows)
    assert book.withheld(1) == rows
    book.replace_withheld(1, [])
    assert book.withheld(1) == []


def test_a_scan_is_written_down(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    scan = book.start_scan(1, "a" * 40, NOW)
    book.finish_scan(scan, "done", {"files": 3}, NOW + SOON)
    (row,) = book.scans(1)
    assert (row.outcome, row.counts, row.finished) == ("done", {"files": 3}, NOW + SOON)


def test_an_uninstalled_app_forgets_everything_but_the_installation(book: Ledger) -> None:
    book.record(pushed(), NOW)
    saved(book)
    book.replace_withheld(1, [WithheldRow("k", "i", "t", "advice", "A sentence.")])
    book.start_scan(1, "a" * 40, NOW)
    book.remove_installation(7, NOW)
    row = book.installation(7)
    assert row is not None
    assert row.state == Standing.REMOVED
    assert book.repositories() == []
    assert book.proposals() == []
    assert book.due(NOW) == []


ABOUT = [effective.key, budgets.key, machine_time.key, machine_time.wish, machine_time.parts]


def test_with_a_repository_goes_what_is_remembered_of_it_and_its_pauses(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    kept = {key(2): "theirs" for key in ABOUT} | {learning.key(7): "all"}
    ours = {key(1): "ours" for key in ABOUT}
    book.remember(kept | ours, NOW)
    for place in (1, 2, None):
        book.pauses.begin(7, "raise", NOW, merged=0, decided=20, place=place)
    book.remove_repositories([1], NOW)
    assert book.recall([*kept, *ours]) == kept
    assert [row.place for row in book.pauses.read()] == [2, None]


def test_with_an_installation_goes_what_is_remembered_of_it(book: Ledger) -> None:
    book.record(pushed(), NOW)
    kept = {learning.key(8): "theirs", budgets.key(2): "theirs"}
    ours = {learning.key(7): "all"} | {key(1): "ours" for key in ABOUT}
    book.remember(kept | ours, NOW)
    book.remove_installation(7, NOW)
    assert book.recall([*kept, *ours]) == kept


MANY = 33_000
"""More values than SQLite binds in one statement; drivers of PostgreSQL stop at twice as many."""


def test_as_many_repositories_as_an_organisation_has_are_forgotten_at_once(book: Ledger) -> None:
    for number in (1, 2, MANY + 1):
        book.upsert_repository(of(number), NOW)
    book.remove_repositories([1, *range(3, MANY + 2)], NOW)
    assert [row.id for row in book.repositories()] == [2]


def test_as_many_repositories_as_an_organisation_has_are_marked_as_removed(book: Ledger) -> None:
    book.record(pushed(), NOW)
    book.upsert_repository(of(2), NOW)
    book.record(Event("b", "installation_repositories", installation_id=7, removed=(1, *range(3, MANY))), NOW)
    assert [row.state for row in book.repositories()] == [Standing.REMOVED, Standing.ACTIVE]


# --- memory


def test_results_are_remembered_by_their_key(book: Ledger) -> None:
    items = {f"key-{number}": f"result {number}" for number in range(1200)}
    book.remember(items, NOW)
    assert book.recall([*items, "other"]) == items
    book.remember({"key-1": "newer"}, NOW)
    assert book.recall(["key-1"]) == {"key-1": "newer"}


def test_memory_is_bounded_and_forgets_what_was_used_longest_ago(book: Ledger) -> None:
    book.remember({"old": "1", "used": "2"}, NOW)
    book.remember({"new": "3"}, NOW + timedelta(days=3))
    book.recall(["used"], NOW + timedelta(days=3))
    book.prune(NOW + timedelta(days=3), remembered=2)
    assert book.recall(["old", "used", "new"]) == {"used": "2", "new": "3"}


def test_old_deliveries_and_finished_jobs_go(book: Ledger) -> None:
    book.record(pushed(), NOW)
    book.finish(claimed(book), NOW)
    book.prune(NOW + timedelta(days=31))
    assert book.tally(NOW).jobs == {}
    assert book.record(pushed(), NOW + timedelta(days=31)).new
