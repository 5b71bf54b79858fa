"""What the doctor says of the database, the broker, the work, and of where versions are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.doctor import foundations, sources
from app.doctor.findings import Finding, Patient, State
from demo.index import LocalIndex
from demo.loopback import Answer, Loopback
from tests.fleet import NOW, Broker
from tests.workers.bookkeeping import claimed, pushed
from workers import ledger
from workers.ledger import HEAD, TRIES, Condition, Ledger
from workers.settings import Settings


def patient(url: str = "sqlite://", now: datetime = NOW, **more: object) -> Patient:
    return Patient(Settings(Path(), url, **more), (), {}, now)  # type: ignore[arg-type]  # handed on


def states(findings: Iterable[Finding]) -> list[str]:
    return [one.state.value for one in findings]


def wrongs(findings: Iterable[Finding], state: State = State.WRONG) -> list[tuple[str, str]]:
    return [(one.says, one.fix) for one in findings if one.state is state]


# --- the database


@pytest.mark.parametrize(
    ("name", "version", "state"),
    [
        ("sqlite", (3, 34, 1), "wrong"),
        ("sqlite", (3, 35, 0), "fine"),
        ("postgresql", (9, 6), "wrong"),
        ("postgresql", (13, 4), "note"),
        ("postgresql", (17, 2), "fine"),
        ("postgresql", (99, 1), "fine"),
    ],
)
def test_a_database_is_judged_by_its_version(name: str, version: tuple[int, ...], state: str) -> None:
    assert states(foundations.judged(Condition(name, version, HEAD, None), NOW)) == [state, "fine"]


@pytest.mark.parametrize(
    ("revision", "says", "fix"),
    [
        ("", "the database has no tables yet", "run `kotsu db upgrade`"),
        ("0001", f"the database's schema is 0001, and this Kotsu needs {HEAD}", "run `kotsu db upgrade`"),
        (
            "0999",
            f"the database's schema is 0999, which is newer than this Kotsu knows ({HEAD})",
            "run the version that made it, or a newer one",
        ),
    ],
)
def test_another_schema_is_told_with_the_command(revision: str, says: str, fix: str) -> None:
    assert wrongs(foundations.judged(Condition("sqlite", (3, 40), revision, None), NOW)) == [(says, fix)]


@pytest.mark.parametrize(("seconds", "words"), [(31, "31 s ahead of"), (-45, "45 s behind")])
def test_clocks_that_differ_are_told(seconds: int, words: str) -> None:
    found = foundations.clocks("the database", NOW, NOW + timedelta(seconds=seconds))
    assert (found.state, words in found.says, "timedatectl" in found.fix) == (State.WRONG, True, True)
    assert foundations.clocks("GitHub", NOW, NOW + timedelta(seconds=30)).state is State.FINE


def test_a_database_that_does_not_answer_is_told() -> None:
    found = wrongs(foundations.database(patient("postgresql://127.0.0.1:1/name")))
    assert len(found) == 1
    assert "KOTSU_DATABASE_URL" in found[0][1]
    assert wrongs(foundations.database(patient("mysql://host/name")))


# --- the broker


def test_a_broker_is_judged_by_what_it_says() -> None:
    assert states(foundations.carried({"redis_version": "8.0.1", "maxmemory_policy": "noeviction"})) == [
        "fine"
    ]
    assert states(foundations.carried({"redis_version": "5.0.14"})) == ["note"]
    found = foundations.carried(
        {"redis_version": "7.2.4", "valkey_version": "9.0.1", "maxmemory_policy": "allkeys-lru"}
    )
    assert [(one.says, one.fix.partition(",")[0]) for one in found] == [
        ("Valkey is 9.0.1", ""),
        (
            "the broker throws messages away when it is full (allkeys-lru)",
            "`redis-cli CONFIG SET maxmemory-policy noeviction`",
        ),
    ]


def test_a_broker_that_does_not_answer_is_told_with_the_reason() -> None:
    found = wrongs(foundations.broker(patient(broker_url="redis://127.0.0.1:1/0")))
    assert len(found) == 1
    assert "refused" in found[0][0]
    assert "KOTSU_BROKER_URL" in found[0][1]


@pytest.mark.fleet
def test_a_broker_that_wants_another_password_is_told(broker: Broker) -> None:
    broker.client.config_set("requirepass", "canary-right")
    found = wrongs(foundations.broker(patient(broker_url=broker.url.replace("//", "//:canary-wrong@"))))
    assert len(found) == 1
    assert "password" in found[0][0]
    assert "canary" not in found[0][0]


# --- the work


@pytest.fixture
def worked(sqlite_url: str) -> Ledger:
    """A ledger where a worker has just looked around."""
    book = ledger.open(sqlite_url)
    book.marks.set("reconcile", "", NOW)
    return book


def looked(book: Ledger, later: timedelta = timedelta()) -> list[Finding]:
    found = list(foundations.work(patient(book.engine.url.render_as_string(), NOW + later)))
    book.close()
    return found


def test_a_worker_that_has_nothing_to_do_is_fine(worked: Ledger) -> None:
    assert [one.says for one in looked(worked)] == [
        "a worker was at work at 09:00 UTC",
        "0 jobs wait, none beyond its time",
    ]


def test_that_no_worker_lives_is_told(worked: Ledger) -> None:
    (found,) = wrongs(looked(worked, timedelta(minutes=16)))
    assert found[0] == "no worker was at work since 2026-03-02 09:00 UTC"
    assert "`kotsu worker` and `kotsu beat`" in found[1]


def test_before_the_first_start_it_is_a_note(sqlite_url: str) -> None:
    assert states(foundations.work(patient(sqlite_url))) == ["note", "fine"]


def test_jobs_that_wait_for_long_are_told(worked: Ledger) -> None:
    worked.record(pushed(), NOW)
    (found,) = wrongs(looked(worked, timedelta(minutes=14)))
    assert found[0] == "the first job has waited for 14 minutes beyond its time"
    assert "--scale worker=4" in found[1]


def test_jobs_that_wait_shortly_are_none_of_its_business(worked: Ledger) -> None:
    worked.record(pushed(), NOW)
    assert looked(worked, timedelta(minutes=9))[-1].says == "1 jobs wait, none beyond its time"


def test_what_was_given_up_is_noted_with_its_reason(worked: Ledger) -> None:
    worked.record(pushed(), NOW)
    for _ in range(TRIES):
        worked.retry(claimed(worked), "the disk is full", NOW, timedelta())
    assert wrongs(looked(worked), State.NOTE) == [
        (f"1 jobs were given up after {TRIES} tries", "the last one: the disk is full")
    ]


def test_work_is_not_asked_for_in_another_schema(sqlite_url: str) -> None:
    ledger.downgrade(sqlite_url, "0001")
    assert states(foundations.work(patient(sqlite_url))) == ["skipped"]
    assert states(foundations.work(patient("postgresql://127.0.0.1:1/name"))) == ["skipped"]


# --- where versions and weaknesses are read


def test_an_index_that_fails_is_told_and_the_others_are_looked_at() -> None:
    with LocalIndex({}) as index, Loopback(lambda _: Answer(500)) as broken:
        urls = f"{broken.url}/simple", "http://user:canary-token@127.0.0.1:1/simple"
        found = list(sources.index(patient(index_url=index.url, extra_index_urls=urls)))
    assert states(found) == ["wrong", "wrong", "fine"]
    assert "KOTSU_INDEX_URL" in found[0].fix
    assert "canary" not in str(found)


def test_weaknesses_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with (
        Loopback(lambda _: Answer(200, b"a" * 1_000_000)) as mirror,
        Loopback(lambda _: Answer(403)) as closed,
    ):
        cases = {mirror.url: "fine", closed.url: "wrong", "": "note", "http://127.0.0.1:1/all.zip": "wrong"}
        cases |= {str(tmp_path): "fine", str(tmp_path / "none.zip"): "wrong"}
        for source, state in cases.items():
            assert states(sources.weaknesses(patient(advisories_url=source))) == [state], source
