"""What the doctor, and each process at its start, says of this machine: settings, keys, files, git."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app import serving
from app.doctor import machine
from app.doctor.findings import Finding, Patient, State
from tests.fleet import NOW
from workers import git_version, logs, private_key
from workers import settings as settings_of
from workers.settings import Settings


def patient(folder: Path, **more: str) -> Patient:
    environment = {"KOTSU_DATA_DIR": str(folder), **more}
    given, mistakes = settings_of.told(environment)
    return Patient(given, mistakes, environment, NOW)


def said(findings: Iterable[Finding], *states: State) -> list[tuple[str, str]]:
    return [(one.says, one.fix) for one in findings if one.state in (states or (State.WRONG,))]


# --- settings


def test_all_settings_that_cannot_be_meant_are_named_at_once(tmp_path: Path) -> None:
    sick = patient(tmp_path, KOTSU_PORT="many", KOTSU_GITHUB_APP_ID="kotsu", KOTSU_BROKER_URL="redis://a")
    assert [fix.split()[0] for _, fix in said(machine.settings(sick))] == [
        "KOTSU_GITHUB_APP_ID",
        "KOTSU_PORT",
    ]
    with pytest.raises(settings_of.SettingsError, match=r"(?s)KOTSU_GITHUB_APP_ID.*KOTSU_PORT"):
        settings_of.read(sick.environment)


def test_what_is_missing_is_named_where_one_process_needs_all(tmp_path: Path) -> None:
    found = said(machine.settings(patient(tmp_path, KOTSU_GITHUB_APP_ID="7")))
    assert [fix.split()[1] for _, fix in found] == [
        "KOTSU_GITHUB_PRIVATE_KEY_FILE",
        "KOTSU_WEBHOOK_SECRET",
    ]


def test_in_a_fleet_a_process_has_only_the_secrets_that_it_needs(tmp_path: Path) -> None:
    member = patient(tmp_path, KOTSU_BROKER_URL="redis://a", KOTSU_WEBHOOK_SECRET="a" * 32)
    assert said(machine.settings(member)) == []
    assert len(said(machine.settings(member), State.SKIPPED)) == 2


def test_a_variable_that_is_misspelt_is_told(tmp_path: Path) -> None:
    sick = patient(tmp_path, KOTSU_WEBHOOK_SECRETS="a", KOTSU_WEATHER="b")
    assert said(machine.settings(sick), State.NOTE) == [
        ("nothing reads KOTSU_WEATHER", "leave it out"),
        ("nothing reads KOTSU_WEBHOOK_SECRETS", "KOTSU_WEBHOOK_SECRET may be meant"),
    ]


# --- keys and secrets


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"", *, pkcs8: bool = True
) -> str:
    form = serialization.PrivateFormat.PKCS8 if pkcs8 else serialization.PrivateFormat.TraditionalOpenSSL
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, locked).decode()


@pytest.fixture(scope="module")
def key(key_pair: tuple[str, str]) -> rsa.RSAPrivateKey:
    found = serialization.load_pem_private_key(key_pair[0].encode(), None)
    assert isinstance(found, rsa.RSAPrivateKey)
    return found


def test_a_key_in_either_form_with_or_without_its_last_line_end_is_taken(
    key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    for text in (pem(key), pem(key, pkcs8=False), pem(key).strip(), pem(key).replace("\n", "\\n")):
        given = patient(tmp_path, KOTSU_GITHUB_PRIVATE_KEY=text)
        assert said(machine.secrets(given), State.FINE) == [("the private key can sign", "")]


def test_a_key_that_cannot_sign_is_told_with_the_reason(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    small = rsa.generate_private_key(65_537, 1024)
    for text, reason in (
        (pem(key)[:900], "it is damaged or cut off"),
        (pem(key, b"a password"), "it is encrypted"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "GitHub's keys are RSA of 2048 bits"),
        (pem(small), "GitHub's keys are RSA of 2048 bits"),
    ):
        assert reason in private_key.unusable(text)
        found = said(machine.secrets(patient(tmp_path, KOTSU_GITHUB_PRIVATE_KEY=text)))
        assert [says for says, _ in found] == ["the private key cannot be used"]
        assert "take the .pem file" in found[0][1]


def test_a_webhook_secret_that_can_be_guessed_is_told_without_showing_it(tmp_path: Path) -> None:
    found = said(machine.secrets(patient(tmp_path, KOTSU_WEBHOOK_SECRET="hunter2")))
    assert len(found) == 1
    assert "openssl rand -hex 32" in found[0][1]
    assert "hunter2" not in str(found)


def test_a_rotation_that_was_not_ended_is_told(tmp_path: Path) -> None:
    two = patient(tmp_path, KOTSU_WEBHOOK_SECRET=f"{'a' * 32},{'b' * 32}")
    assert [says for says, _ in said(machine.secrets(two), State.NOTE)] == ["two webhook secrets are taken"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
def test_a_key_that_others_can_read_is_told_with_the_command(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.touch()
    file.chmod(mode)
    found = said(machine.exposed({"KOTSU_GITHUB_PRIVATE_KEY_FILE": str(file)}))
    assert found == [(f"{file} can be read by others (mode {mode:04o})", f"chmod 600 {file}")]


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_that_its_owner_alone_can_read_is_fine(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.touch()
    file.chmod(mode)
    assert said(machine.exposed({"KOTSU_GITHUB_PRIVATE_KEY_FILE": str(file)})) == []


def test_a_secret_of_another_user_is_told_with_the_command(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(0o600)
    if os.geteuid() == 0:
        os.chown(file, 4321, -1)
    theirs = file.stat().st_uid
    found = said(machine.exposed({"KOTSU_WEBHOOK_SECRET_FILE": str(file)}, theirs + 1))
    assert found == [(f"{file} belongs to another user ({theirs})", f"chown {theirs + 1} {file}")]


# --- the data folder


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = said(machine.data(patient(tmp_path / "file" / "below")))
    assert len(found) == 1
    assert "cannot be written (Not a directory)" in found[0][0]
    assert "set KOTSU_DATA_DIR to another folder" in found[0][1]


def test_a_data_folder_that_others_can_look_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert said(machine.data(patient(tmp_path)), State.NOTE)[-1][1] == f"chmod 700 {tmp_path}"
    tmp_path.chmod(0o700)
    assert said(machine.data(patient(tmp_path)), State.NOTE, State.WRONG) == []


@pytest.mark.parametrize(("free", "state"), [(0.2, State.WRONG), (3, State.NOTE), (50, State.FINE)])
def test_room_is_judged(free: float, state: State) -> None:
    assert machine.room(Path("/data"), free).state is state


# --- git


@pytest.mark.parametrize(
    ("version", "fits", "patched"),
    [
        ((1, 8, 3), False, False),
        ((2, 34, 1), False, False),
        ((2, 38, 5), True, False),
        ((2, 39, 3), True, False),
        ((2, 39, 4), True, True),
        ((2, 39, 5), True, True),
        ((2, 43, 0), True, False),
        ((2, 43, 4), True, True),
        ((2, 45, 0), True, False),
        ((2, 45, 1), True, True),
        ((2, 46, 0), True, True),
        ((3, 0, 0), True, True),
    ],
)
def test_a_git_is_judged_by_its_version(version: git_version.Version, *, fits: bool, patched: bool) -> None:
    assert (not git_version.unusable(version), not git_version.unpatched(version)) == (fits, patched)


def git_that_says(folder: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\necho '{words}'\n", "utf-8")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("git version 2.30.2", "git 2.30.2 is too old: install 2.38.0 or newer"),
        ("git version 1", "install an ordinary one"),
        ("hello", "install an ordinary one"),
    ],
)
def test_a_git_that_cannot_be_used_is_told_by_the_doctor_and_at_the_start(
    tmp_path: Path, key: rsa.RSAPrivateKey, words: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_that_says(tmp_path / "bin", words, monkeypatch)
    assert fix in said(machine.versions(patient(tmp_path)))[0][1]
    with pytest.raises(click.ClickException) as caught:
        serving._check(Settings(tmp_path, "sqlite://", private_key=pem(key)))
    assert fix in str(caught.value)


def test_where_there_is_no_git_nothing_starts(
    tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert said(machine.versions(patient(tmp_path)))[0][0] == "there is no git"
    with pytest.raises(click.ClickException, match="git is not installed: install it"):
        serving._check(Settings(tmp_path, "sqlite://", private_key=pem(key)))


def test_a_git_without_fixes_and_a_key_for_all_are_warnings_at_the_start(
    tmp_path: Path,
    key: rsa.RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    git_that_says(tmp_path / "bin", "git version 2.43.0 (of somebody)", monkeypatch)
    file = tmp_path / "key.pem"
    file.touch(0o600)
    file.chmod(0o644)
    monkeypatch.setenv("KOTSU_GITHUB_PRIVATE_KEY_FILE", str(file))
    given = replace(Settings(tmp_path, "sqlite://"), private_key=pem(key))
    logs.set_up(sys.stdout, json=False)
    serving._check(given)
    told = capsys.readouterr().out
    assert "CVE-2024-32002" in told
    assert f"chmod 600 {file}" in told
    assert said(machine.versions(patient(tmp_path)), State.NOTE)[0][0] == "git may lack fixes"
