"""The ledger on both databases: recorded once, together with its job, or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.fleet import NOW
from tests.workers.bookkeeping import LEASE, SOON, at_once, claimed, of, pushed
from workers import ledger
from workers.ledger import HEAD, JobState, Ledger, Standing, Unavailable, tables
from workers.messages import Event, Kind, Priority, Repository, remove_key

# --- the schema


def test_the_migrations_end_where_the_tables_are(book: Ledger) -> None:
    with book.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_constant_is_the_newest_revision() -> None:
    folder = Path(ledger.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [HEAD]


def test_an_empty_database_is_not_current_until_it_is_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'ledger.db'}"
    assert not ledger.current(url)
    ledger.migrate(url)
    assert ledger.current(url)


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    at_once(4, lambda _: ledger.migrate(url))
    assert ledger.current(url)


@pytest.mark.fleet
def test_an_address_as_providers_write_it_is_understood(postgres: object) -> None:
    url = postgres.database()  # type: ignore[attr-defined]
    assert ledger.current(url.replace("postgresql://", "postgres://"))


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        ledger.open("mysql://localhost/kotsu")


# --- deliveries


def test_a_delivery_is_recorded_together_with_its_job(book: Ledger) -> None:
    recorded = book.record(pushed(), NOW)
    assert recorded.new
    job = book.job(recorded.job_id or 0)
    assert job is not None
    assert (job.key, job.kind, job.repository_id, job.state) == ("scan:1", Kind.SCAN, 1, JobState.QUEUED)
    assert book.repository(1) is not None
    assert book.installation(7) is not None


def test_a_delivery_that_cannot_be_recorded_spoils_none_of_those_beside_it(book: Ledger) -> None:
    bad = replace(pushed("bad"), detail={"odd": object()})
    found = book.record_all([pushed("one"), bad, pushed("two"), pushed("one")], NOW)
    assert [None if isinstance(one, Exception) else one.new for one in found] == [True, None, True, False]
    assert sum(book.tally(NOW).jobs.values()) == 1
    assert book.record(pushed("bad"), NOW).new


def test_an_event_that_asks_nothing_is_recorded_without_a_job(book: Ledger) -> None:
    assert book.record(Event("a", "ping"), NOW) == ledger.Recorded(new=True, job_id=None)
    assert book.record(Event("a", "ping"), NOW) == ledger.Recorded(new=False, job_id=None)


@pytest.mark.parametrize("count", [2, 40])
def test_the_same_delivery_many_times_at_once_is_one_job(book: Ledger, count: int) -> None:
    recorded = at_once(count, lambda _: book.record(pushed(), NOW))
    assert Counter(one.new for one in recorded) == {True: 1, False: count - 1}
    assert len({one.job_id for one in recorded}) == 1
    assert book.tally(NOW).jobs == {"queued": 1}


def test_many_deliveries_of_one_repository_at_once_fold_into_one_job(book: Ledger) -> None:
    recorded = at_once(20, lambda number: book.record(pushed(f"guid-{number}"), NOW))
    assert all(one.new for one in recorded)
    assert book.tally(NOW).jobs == {"queued": 1}


def test_a_repeated_delivery_finds_the_finished_job(book: Ledger) -> None:
    first = book.record(pushed(), NOW)
    book.finish(claimed(book), NOW)
    assert book.record(pushed(), NOW) == ledger.Recorded(new=False, job_id=first.job_id)
    assert book.tally(NOW).jobs == {"done": 1}


def test_a_redelivery_after_the_job_was_parked_is_served_anew(book: Ledger) -> None:
    first = book.record(pushed(), NOW)
    book.fail(claimed(book), "It broke.", NOW)
    again = book.record(pushed(), NOW)
    assert again.new
    assert again.job_id not in (None, first.job_id)
    assert book.tally(NOW).jobs == {"poisoned": 1, "queued": 1}


def test_a_redelivery_of_what_failed_in_the_middle_is_served(
    book: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, int]:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patch:
        patch.setattr("workers.ledger.jobs.enqueue", broken)
        with pytest.raises(RuntimeError):
            book.record(pushed(), NOW)
    assert book.record(pushed(), NOW).new


def test_an_event_never_moves_a_repository_to_another_installation(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    stolen = Repository(1, "evil", "renamed", "main", 8)
    book.record(Event("b", "push", kind=Kind.SCAN, key="scan:1", installation_id=8, repository=stolen), NOW)
    row = book.repository(1)
    assert row is not None
    assert (row.installation_id, row.full_name) == (7, "octo/repo-1")


def test_an_event_tells_the_new_name(book: Ledger) -> None:
    book.upsert_repository(of(), NOW)
    renamed = Repository(1, "octo", "better", "trunk", 7)
    book.record(
        Event("b", "repository", kind=Kind.SCAN, key="scan:1", installation_id=7, repository=renamed), NOW
    )
    row = book.repository(1)
    assert row is not None
    assert (row.full_name, row.default_branch) == ("octo/better", "trunk")


def test_a_repository_that_was_made_anew_is_found_by_its_name(book: Ledger) -> None:
    gone, anew = Repository(1, "octo", "shop", "main", 7), Repository(2, "octo", "shop", "main", 7)
    book.upsert_repository(gone, NOW)
    book.set_state(1, Standing.REMOVED, "", NOW)
    row = book.named("octo", "shop")
    assert row is not None
    assert (row.id, row.state) == (1, Standing.REMOVED)
    book.upsert_repository(anew, NOW)
    row = book.named("octo", "shop")
    assert row is not None
    assert (row.id, row.state) == (2, Standing.ACTIVE)


@pytest.mark.parametrize(("owner", "name"), [("oc\0to", "repo-1"), ("octo", "repo-1\0")])
def test_a_name_that_nothing_can_have_finds_nothing(book: Ledger, owner: str, name: str) -> None:
    book.upsert_repository(of(), NOW)
    assert book.named(owner, name) is None


def test_a_suspension_is_known_at_once(book: Ledger) -> None:
    book.record(Event("a", "installation", installation_id=7, account="octo", state="suspended"), NOW)
    book.record(pushed("b"), NOW)
    row = book.installation(7)
    assert row is not None
    assert (row.account, row.state) == ("octo", Standing.SUSPENDED)


def test_repositories_removed_in_two_deliveries_are_all_remembered(book: Ledger) -> None:
    for guid, number in (("a", 1), ("b", 2)):
        book.upsert_repository(of(number), NOW)
        gone = {"repositories": [number]}
        key = remove_key(7, repositories=True)
        event = Event(guid, "x", kind=Kind.REMOVE, key=key, installation_id=7, detail=gone, removed=(number,))
        book.record(event, NOW)
    assert claimed(book).detail["repositories"] == [1, 2]
    assert {row.state for row in book.repositories(7)} == {Standing.REMOVED}


# --- folding


def test_a_newer_event_folds_into_the_waiting_job_and_hurries_it(book: Ledger) -> None:
    later = NOW + timedelta(hours=1)
    first = book.enqueue(Kind.SCAN, "scan:1", NOW, detail={"head": "old"}, delay=timedelta(hours=1))
    assert book.due(NOW) == []
    second = book.enqueue(Kind.SCAN, "scan:1", NOW, priority=Priority.PERSON, detail={"head": "new"})
    assert first == second
    job = claimed(book, now=later)
    assert (job.priority, job.detail, job.due) == (Priority.PERSON, {"head": "new"}, NOW)


def test_an_event_during_the_run_makes_it_run_again(book: Ledger) -> None:
    job_id = book.enqueue(Kind.SCAN, "scan:1", NOW)
    job = claimed(book)
    assert book.enqueue(Kind.SCAN, "scan:1", NOW) == job_id
    assert book.claim("other", NOW, LEASE) is None
    assert book.finish(job, NOW)
    again = claimed(book)
    assert (again.id, again.tries, again.again) == (job_id, 0, False)
    assert book.finish(again, NOW)
    assert book.tally(NOW).jobs == {"done": 1}


def test_a_push_does_not_override_the_patience_of_a_job_that_waits_for_a_limit(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    book.postpone(claimed(book), "GitHub asks us to wait.", NOW + timedelta(hours=1))
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    assert book.due(NOW + timedelta(minutes=59)) == []
    assert claimed(book, now=NOW + timedelta(hours=1)).tries == 0


# --- the world


def test_the_age_of_the_first_waiting_job_is_told(book: Ledger) -> None:
    assert book.tally(NOW).oldest == timedelta()
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    assert book.tally(NOW + timedelta(minutes=3)).oldest == timedelta(minutes=3)


def test_a_naive_moment_is_a_bug(book: Ledger) -> None:
    with pytest.raises(Exception, match="time zone"):
        book.enqueue(Kind.SCAN, "scan:1", NOW.replace(tzinfo=None))


def test_moments_come_back_in_utc(book: Ledger) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW)
    assert claimed(book).created == NOW
    assert claimed(book, now=NOW + LEASE + SOON).created.tzinfo is UTC


def test_a_locked_database_is_unavailable_soon(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger.migrate(url)
    impatient, other = ledger.open(url, patience=0.2), ledger.open(url)
    with other._write():
        for write in (lambda: impatient.record(pushed(), NOW), lambda: impatient.record_all([pushed()], NOW)):
            with pytest.raises(Unavailable, match="locked"):
                write()
    assert impatient.record(pushed(), NOW).new
    impatient.close()
    other.close()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    gone = ledger.open("postgresql://127.0.0.1:9/kotsu", patience=0.5)
    with pytest.raises(Unavailable):
        gone.due(NOW)
    gone.close()


@pytest.mark.fleet
def test_a_connection_that_was_cut_is_unavailable_once(postgres: object) -> None:
    book = ledger.open(postgres.database())  # type: ignore[attr-defined]
    with pytest.raises(Unavailable), book._write() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert book.record(pushed(), NOW).new
    book.close()
