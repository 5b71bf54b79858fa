"""`kotsu doctor` names what is wrong and the exact fix, and calls a healthy server healthy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from app.doctor import _CHECKS, _check, rounds
from app.doctor.findings import Finding, Patient, State, fine
from demo import run
from demo.github import LocalGitHub
from demo.index import LocalIndex
from tests.app.serving import serving
from tests.fleet import NOW, Broker, Postgres
from tests.workers.bookkeeping import LEASE
from workers import ledger
from workers.settings import Settings

SECRET = "canary-secret-of-the-doctor"


def kotsu_doctor(environment: Mapping[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["doctor", *arguments], env=environment)


def findings(told: Result) -> list[tuple[str, str, str, str]]:
    found = json.loads(told.stdout)["findings"]
    return [(one["check"], one["state"], one["says"], one["fix"]) for one in found]


@pytest.fixture
def environment(github: LocalGitHub, tmp_path: Path, sqlite_url: str) -> Iterator[dict[str, str]]:
    """The environment of a server that is healthy, but for what a test does to it."""
    records = tmp_path / "records"
    records.mkdir()
    (tmp_path / "data").mkdir(mode=0o700)
    github.world.webhook_secret = SECRET
    with LocalIndex({}) as index, serving(sqlite_url, secrets=(SECRET,)) as server:
        given = dict(run.environ(github, index.url, tmp_path / "data", server.port))
        key = tmp_path / "key.pem"
        key.write_text(given.pop("KOTSU_GITHUB_PRIVATE_KEY"), "utf-8")
        key.chmod(0o600)
        github.webhook_url = f"{server.url}/webhooks/github"
        github.install("acme")
        github.settle()
        book = ledger.open(sqlite_url)
        # A worker has been there, and has done all there was.
        book.marks.set("reconcile", "", github.world.now())
        while job := book.claim("w", github.world.now(), LEASE):
            book.finish(job, github.world.now())
        book.close()
        yield given | {
            "KOTSU_GITHUB_PRIVATE_KEY_FILE": str(key),
            "KOTSU_WEBHOOK_SECRET": SECRET,
            "KOTSU_DATABASE_URL": sqlite_url,
            "KOTSU_ADVISORIES_URL": str(records),
        }


def test_a_healthy_server_is_called_healthy(environment: Mapping[str, str]) -> None:
    told = kotsu_doctor(environment, "--json")
    found = findings(told)
    assert [one for one in found if one[1] != "fine"] == [
        ("broker", "skipped", "the worker runs inside of `kotsu serve` (KOTSU_BROKER_URL is not set)", "")
    ]
    assert {one[0] for one in found} == _CHECKS.keys()
    assert told.exit_code == 0
    assert "Nothing has to be fixed." in kotsu_doctor(environment, "--only", "database").output


@pytest.mark.fleet
def test_a_healthy_fleet_is_called_healthy(
    environment: Mapping[str, str], postgres: Postgres, broker: Broker
) -> None:
    fleet = {**environment, "KOTSU_DATABASE_URL": postgres.database(), "KOTSU_BROKER_URL": broker.url}
    told = kotsu_doctor(fleet, "--json", "--only", "database", "--only", "broker")
    assert [(check, state) for check, state, _, _ in findings(told)] == [
        ("database", "fine"),
        ("database", "fine"),
        ("database", "fine"),
        ("broker", "fine"),
    ]
    assert "clock is that of the database" in told.output
    assert told.exit_code == 0


def test_what_is_wrong_fails_and_is_told_with_its_fix_and_without_a_secret(
    environment: Mapping[str, str],
) -> None:
    gone = {
        **environment,
        "KOTSU_DATABASE_URL": "postgresql://user:canary-password@127.0.0.1:1/canary-password",
    }
    told = kotsu_doctor(gone, "--only", "database", "--only", "work")
    assert told.exit_code == 1
    assert "wrong   database       the database does not answer: OperationalError" in told.stdout
    assert "see that it runs, and that KOTSU_DATABASE_URL" in told.stdout
    assert "skipped work           the database has to answer first" in told.stdout
    assert "canary" not in told.output


def test_settings_that_cannot_be_meant_do_not_keep_the_others_from_being_looked_at(
    environment: Mapping[str, str],
) -> None:
    told = kotsu_doctor({**environment, "KOTSU_PORT": "many", "KOTSU_BROKER_URL": "amqp://a"}, "--json")
    states = {check: state for check, state, _, _ in findings(told)}
    assert states["settings"] == "wrong"
    assert {states[name] for name in ("database", "app", "installations", "webhook", "index")} == {"fine"}


def test_it_changes_nothing(environment: Mapping[str, str], tmp_path: Path, github: LocalGitHub) -> None:
    new = {**environment, "KOTSU_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    before, asked = sorted(tmp_path.rglob("*")), len(github.requests)
    told = kotsu_doctor(new, "--json")
    assert ("database", "wrong", "the database has no tables yet", "run `kotsu db upgrade`") in findings(told)
    assert sorted(tmp_path.rglob("*")) == before
    writes = {e.template for e in github.requests[asked:] if e.writes}
    assert writes == {"/app/installations/{installation_id}/access_tokens", "/installation/token"}


def test_a_check_that_is_not_there_is_named(environment: Mapping[str, str]) -> None:
    assert kotsu_doctor(environment, "--only", "weather").exit_code == 2


def test_each_check_is_there() -> None:
    assert all(callable(_check(name)) for name in _CHECKS)


# --- the rounds


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(Settings(tmp_path, "sqlite://"), (), {}, NOW)


def test_a_check_that_hangs_is_told_and_stops_no_other(patient: Patient) -> None:
    never = threading.Event()

    def hangs(_: Patient) -> list[Finding]:
        never.wait(30)
        return []

    def fails(_: Patient) -> list[Finding]:
        raise ValueError("of ours")

    found = rounds.made(patient, {"a": hangs, "b": lambda _: [fine("well")], "c": fails}, 0.3)
    never.set()
    assert list(found) == ["a", "b", "c"]
    assert [one.state for findings in found.values() for one in findings] == [
        State.WRONG,
        State.FINE,
        State.WRONG,
    ]
    assert "no answer within 0.3 s" in found["a"][0].says
    assert "the check itself failed: ValueError: of ours" in found["c"][0].says
