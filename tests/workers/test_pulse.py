"""The ledger tells how everything runs, and all that happened, on either database."""

from __future__ import annotations

from datetime import timedelta

from tests.fleet import NOW
from tests.workers.bookkeeping import LEASE, claimed, pushed
from workers.ledger import Ledger
from workers.ledger.happenings import Source
from workers.ledger.pulse import Heard, Resting, Waiting, Working
from workers.ledger.words import WordRow
from workers.messages import Kind, Priority

SOON = timedelta(minutes=1)


def test_what_waits_is_counted_by_priority_and_repository(book: Ledger) -> None:
    book.record(pushed("a", 1), NOW)
    book.record(pushed("b", 2, Priority.PERSON), NOW + SOON)
    book.enqueue(Kind.RECONCILE, "all", NOW)
    assert book.pulse.waiting() == [
        Waiting(Priority.PERSON, 2, 1, NOW + SOON),
        Waiting(Priority.MERGE, 1, 1, NOW),
        Waiting(Priority.SCHEDULE, None, 1, NOW),
    ]
    assert book.pulse.working() == []


def test_who_works_is_known_until_the_work_is_done(book: Ledger) -> None:
    book.record(pushed(), NOW)
    job = claimed(book, "host:1")
    assert book.pulse.working() == [Working(job.id, Kind.SCAN, 1, "host:1", NOW + LEASE)]
    assert book.pulse.waiting() == []
    book.finish(job, NOW)
    assert book.pulse.working() == []


def test_what_github_told_is_counted_since_a_moment(book: Ledger) -> None:
    for guid, minutes in (("a", 0), ("b", 5), ("c", 9)):
        book.record(pushed(guid), NOW + minutes * SOON)
    assert book.pulse.heard(NOW + 5 * SOON) == [Heard("push", 1, 2, NOW + 9 * SOON)]
    assert book.pulse.heard(NOW + 10 * SOON) == []


def test_who_rests_is_told_until_it_is_over(book: Ledger) -> None:
    book.quotas.rest(7, NOW + SOON, "slow down")
    book.quotas.spare(8, NOW + 2 * SOON, "little is left")
    assert book.pulse.resting(NOW) == [
        Resting(7, NOW + SOON, None, "slow down"),
        Resting(8, None, NOW + 2 * SOON, "little is left"),
    ]
    assert [one.installation_id for one in book.pulse.resting(NOW + SOON)] == [8]


def test_what_happened_comes_from_everywhere_in_one_order(book: Ledger) -> None:
    book.record(pushed(), NOW)
    book.start_scan(1, "b" * 40, NOW, 5)
    book.words.take(1, WordRow("comment:1", 4, "rebase", "ada", "done", NOW))
    book.audit.note("ada", "scan", NOW, repository_id=1, target="octo/repo-1")
    book.audit.note("eve", "sign-in", NOW + SOON)
    told = book.happenings.read(None)
    assert [one.source for one in told] == [Source.PERSON, Source.PERSON, Source.WORD, Source.LOOK]
    assert [one.who for one in told] == ["eve", "ada", "ada", None]
    assert [one.job_id for one in told] == [None, None, None, 5]
    assert [one.who for one in book.happenings.read([1])] == ["ada", "ada", None]
    assert [one.who for one in book.happenings.read([], who="eve")] == ["eve"]
    assert book.happenings.read([2]) == []
    (scan,) = book.happenings.scans(5)
    assert (scan.head_sha, scan.outcome) == ("b" * 40, "")


def test_reading_goes_on_behind_the_last_that_was_seen(book: Ledger) -> None:
    book.record(pushed(), NOW)
    for number in range(3):
        book.audit.note("ada", f"did-{number}", NOW, repository_id=1)
        book.words.take(1, WordRow(f"comment:{number}", 4, f"said-{number}", "ada", "", NOW))
    seen: list[str] = []
    before = None
    while rows := book.happenings.read([1], before=before, limit=2):
        seen += [row.what for row in rows]
        before = (rows[-1].at, rows[-1].source, rows[-1].id)
    assert seen == ["did-2", "did-1", "did-0", "said-2", "said-1", "said-0"]
