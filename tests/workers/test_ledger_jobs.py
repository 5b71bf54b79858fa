"""Jobs on both databases: claimed by one, tried five times, fenced off when they are late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fleet import NOW
from tests.workers.bookkeeping import LEASE, SOON, at_once, claimed
from workers.ledger import TRIES, Job, JobState, Ledger
from workers.messages import Kind, Priority, follow_up_key, scan_key

# --- claiming


def test_the_most_urgent_job_comes_first(book: Ledger) -> None:
    slow = book.enqueue(Kind.SCAN, "scan:1", NOW, priority=Priority.SCHEDULE)
    urgent = book.enqueue(Kind.SCAN, "scan:2", NOW, priority=Priority.PERSON)
    assert book.due(NOW) == [urgent, slow]
    assert claimed(book).id == urgent


def test_a_job_is_claimed_only_when_it_is_due(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW, delay=timedelta(minutes=1))
    assert book.claim("w", NOW, LEASE) is None
    assert book.claim("w", NOW + timedelta(minutes=1), LEASE) is not None


def test_jobs_of_one_repository_never_run_together(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW, repository_id=1)
    follow = book.enqueue(Kind.FOLLOW_UP, follow_up_key(1, 5), NOW, repository_id=1)
    scan = claimed(book)
    assert book.claim("other", NOW, LEASE) is None
    assert book.due(NOW) == []
    book.finish(scan, NOW)
    assert claimed(book).id == follow


def test_many_workers_at_once_claim_each_job_once(book: Ledger) -> None:
    ids = {book.enqueue(Kind.SCAN, scan_key(number), NOW, repository_id=number) for number in range(10)}
    # A claim may come back with nothing when another worker was first; then the worker asks again.
    won: list[Job] = []
    for _ in range(10):
        won += [job for job in at_once(8, lambda number: book.claim(f"w{number}", NOW, LEASE)) if job]
        if len(won) == len(ids):
            break
    assert sorted(job.id for job in won) == sorted(ids)


def test_two_jobs_of_one_repository_claimed_at_once_give_one(book: Ledger) -> None:
    for round_ in range(10):
        for number in range(4):
            book.enqueue(Kind.FOLLOW_UP, follow_up_key(round_, number), NOW, repository_id=round_)
        won = [job for job in at_once(4, lambda number: book.claim(f"w{number}", NOW, LEASE)) if job]
        assert len(won) == 1
        book.remove_repositories([round_], NOW)
        book.finish(won[0], NOW)


# --- leases


def test_an_expired_lease_is_claimed_again_and_the_old_worker_is_fenced_off(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW, repository_id=1)
    old = claimed(book, "old")
    assert book.claim("new", NOW + LEASE, LEASE) is None
    late = NOW + LEASE + SOON
    assert book.due(late) == [old.id]
    new = claimed(book, "new", late)
    assert new.fence == old.fence + 1
    assert (book.holds(old), book.holds(new)) == (False, True)
    assert not book.renew(old, late, LEASE)
    assert not book.finish(old, late)
    assert book.retry(old, "late", late, SOON) is None
    assert book.fail(old, "late", late) is None
    assert not book.postpone(old, "late", late)
    assert book.finish(new, late)


def test_a_renewed_lease_is_not_taken(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    job = claimed(book)
    assert book.renew(job, NOW + LEASE, LEASE)
    assert book.claim("other", NOW + LEASE + SOON, LEASE) is None
    assert book.holds(job)


def test_a_restart_takes_over_what_it_was_running(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW, repository_id=1)
    book.enqueue(Kind.SCAN, "scan:2", NOW, repository_id=2)
    mine, other = claimed(book, "host-a/1"), claimed(book, "host-b/1")
    assert book.release("host-a/", NOW) == 1
    assert (book.holds(mine), book.holds(other)) == (False, True)
    assert claimed(book, "host-a/2").id == mine.id
    assert book.release("", NOW) == 2


# --- trying again


def test_a_failed_try_waits_and_the_fifth_parks_the_job(book: Ledger) -> None:
    job_id = book.enqueue(Kind.SCAN, "scan:1", NOW)
    now = NOW
    for _ in range(TRIES - 1):
        assert book.retry(claimed(book, now=now), "It broke.", now, timedelta(minutes=1)) is JobState.QUEUED
        assert book.due(now) == []
        now += timedelta(minutes=1)
    assert book.retry(claimed(book, now=now), "It broke.", now, timedelta(minutes=1)) is JobState.POISONED
    parked = book.jobs(JobState.POISONED)
    assert [(job.id, job.last_error, job.tries) for job in parked] == [(job_id, "It broke.", TRIES)]
    assert book.due(now + timedelta(days=1)) == []


@pytest.mark.parametrize("restart", [True, False])
def test_a_job_that_kills_its_worker_five_times_is_parked(book: Ledger, *, restart: bool) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    now = NOW
    for _ in range(TRIES):
        claimed(book, now=now)
        if restart:
            book.release("", now)
        now += LEASE + SOON
    assert book.claim("w", now, LEASE) is None
    (parked,) = book.jobs(JobState.POISONED)
    assert "without a word" in (parked.last_error or "")
    assert (parked.deaths, parked.tries) == (TRIES, 0)


def test_workers_that_die_over_a_job_are_no_failed_tries_of_it(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    now = NOW
    for _ in range(TRIES - 1):
        for _ in range(TRIES - 1):
            claimed(book, now=now)
            now += LEASE + SOON
        state = book.retry(claimed(book, now=now), "403", now, timedelta())
        assert state is JobState.QUEUED
    assert book.retry(claimed(book, now=now), "403", now, timedelta()) is JobState.POISONED


def test_a_parked_job_does_not_block_a_new_one_of_its_key(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    book.fail(claimed(book), "It broke.", NOW)
    fresh = book.enqueue(Kind.SCAN, "scan:1", NOW)
    assert book.due(NOW) == [fresh]


def test_waiting_for_the_world_is_no_failed_try(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    for hour in range(3 * TRIES):
        moment = NOW + timedelta(hours=hour)
        assert book.postpone(claimed(book, now=moment), "Rate limit.", moment + timedelta(hours=1))
    assert book.tally(NOW).jobs == {"queued": 1}
