"""`kotsu serve` starts, or says what to change; and it ends in good order."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives import serialization

from app import serving
from demo import run
from demo.github import LocalGitHub
from tests.fleet import eventually
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW
from workers import ledger
from workers.settings import Settings


def _settings(folder: Path) -> Settings:
    return Settings(folder, f"sqlite:///{folder / 'kotsu.db'}", port=0)


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = rf"127\.0\.0\.1:{port} cannot be used \(Address already in use\): set KOTSU_HOST"
        with pytest.raises(click.UsageError, match=words):
            serving._bound(replace(_settings(tmp_path), port=port))


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match=r"192\.0\.2\.1:0 cannot be used"):
        serving._bound(replace(_settings(tmp_path), host="192.0.2.1"))


def test_the_data_folder_has_one_owner(tmp_path: Path) -> None:
    with (
        serving._alone(tmp_path),
        pytest.raises(click.UsageError, match="Another `kotsu serve` uses"),
        serving._alone(tmp_path),
    ):
        pass
    with serving._alone(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(click.UsageError, match=r"cannot be written .*set KOTSU_DATA_DIR"),
        serving._alone(tmp_path / "file" / "below"),
    ):
        pass


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///{}/none.db/x.db", "The database cannot be used"),
        ("sqlite:///{}/none.db", "The database cannot be used: DatabaseError: file is not a database"),
        ("mysql://host/name", "Kotsu runs on sqlite or postgresql"),
        ("nonsense", "KOTSU_DATABASE_URL is no address"),
        ("postgresql://user:canary-password@127.0.0.1:1/name", "Connection refused"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_words(tmp_path: Path, url: str, words: str) -> None:
    (tmp_path / "none.db").write_text("This is not a database, but a text of some length.", "utf-8")
    given = replace(_settings(tmp_path), database_url=url.format(tmp_path))
    with pytest.raises(click.ClickException) as caught:
        serving._prepare(given)
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_key_that_cannot_sign_is_refused_at_the_start(tmp_path: Path, key_pair: tuple[str, str]) -> None:
    given = _settings(tmp_path)
    serving._check(replace(given, private_key=key_pair[0]))
    for broken in (key_pair[0][:900], key_pair[1], "-----BEGIN RSA PRIVATE KEY-----\n"):
        with pytest.raises(click.UsageError, match="damaged or cut off"):
            serving._check(replace(given, private_key=broken))
    key = serialization.load_pem_private_key(key_pair[0].encode(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a password"),
    )
    with pytest.raises(click.UsageError, match="it is encrypted"):
        serving._check(replace(given, private_key=locked.decode()))


def test_asked_to_end_in_the_middle_of_a_job_it_ends_soon_and_takes_it_up_later(
    github: LocalGitHub, tmp_path: Path
) -> None:
    github.world.webhook_secret = run.SECRET
    github.repository(NAME, {"clock.py": CLOCK, CONFIG: PLENTY})
    with run.running(github, "http://127.0.0.1:9/simple", tmp_path) as server:
        github.delay("POST", "/git/commits$", 1.0)
        fault = github._api.faults.waiting[-1]
        github.install("acme")
        assert eventually(lambda: not fault.times, 120)
        server.process.terminate()
        assert server.process.wait(10) == 0
    assert "Traceback" not in server.log.read_text("utf-8")
    with run.running(github, "http://127.0.0.1:9/simple", tmp_path) as server:
        run.wait(server, github)
    book = ledger.open(server.database_url)
    assert {row.key for row in book.proposals(github.find(NAME).id)} == {UTCNOW}
    book.close()
    assert len(github.pulls(NAME)) == 1
