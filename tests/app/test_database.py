"""`kotsu db` does what it says, or says in one sentence what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app import database, serving
from tests.fleet import NOW, Postgres
from tests.workers.bookkeeping import pushed
from workers import ledger
from workers.ledger import HEAD
from workers.settings import Settings


def kotsu_db(url: str, *arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(database.db, arguments, input=given, env={"KOTSU_DATABASE_URL": url})


@pytest.fixture
def filled_url(sqlite_url: str) -> str:
    book = ledger.open(sqlite_url)
    book.record(pushed(), NOW)
    book.close()
    return sqlite_url


def test_an_empty_database_gets_its_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert kotsu_db(url, "current").exit_code == 1
    assert f"The schema is {HEAD}; the database was empty." in kotsu_db(url, "upgrade").stderr
    assert f"The schema is {HEAD}, as it was." in kotsu_db(url, "upgrade").stderr
    assert kotsu_db(url, "current").exit_code == 0


def test_an_older_schema_names_the_command_that_brings_it_up(sqlite_url: str) -> None:
    assert f"The schema is 0001; it was {HEAD}." in kotsu_db(sqlite_url, "downgrade", "0001").stderr
    told = kotsu_db(sqlite_url, "current")
    assert told.exit_code == 1
    assert f"schema is 0001, and this Kotsu needs {HEAD}: run `kotsu db upgrade`." in told.stderr
    assert kotsu_db(sqlite_url, "upgrade").exit_code == 0


def test_what_was_backed_up_is_restored_and_nobody_else_can_read_it(
    filled_url: str, tmp_path: Path, sqlite_template: Path
) -> None:
    file, other = tmp_path / "kotsu.backup", tmp_path / "other.db"
    told = kotsu_db(filled_url, "backup", str(file))
    assert (told.exit_code, told.stderr) == (0, f"4 rows of 4 tables are in {file}.\n")
    assert file.stat().st_mode & 0o777 == 0o600
    shutil.copy(sqlite_template, other)
    told = kotsu_db(f"sqlite:///{other}", "restore", str(file))
    assert told.exit_code == 0, told.output
    assert told.stderr.startswith("4 rows of 4 tables of 20")
    book = ledger.open(f"sqlite:///{other}")
    assert len(book.due(NOW)) == 1
    book.close()


@pytest.mark.fleet
def test_a_team_moves_from_sqlite_to_postgresql_through_a_pipe(filled_url: str, postgres: Postgres) -> None:
    url = postgres.database()
    backup = kotsu_db(filled_url, "backup", "-").stdout_bytes
    assert kotsu_db(url, "restore", "-", given=backup).exit_code == 0
    assert kotsu_db(url, "backup", "-").stdout_bytes != b""


def test_a_backup_takes_the_place_of_no_other_file(filled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "kotsu.backup"
    file.write_text("precious", "utf-8")
    told = kotsu_db(filled_url, "backup", str(file))
    assert (told.exit_code, file.read_text("utf-8")) == (2, "precious")
    assert "is there already" in told.stderr


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    told = kotsu_db(f"sqlite:///{tmp_path / 'new.db'}", "backup", str(tmp_path / "kotsu.backup"))
    assert told.exit_code == 1
    assert told.stderr == "Error: The database has no tables yet: run `kotsu db upgrade`.\n"
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_a_folder_that_is_not_there_is_named(filled_url: str, tmp_path: Path) -> None:
    told = kotsu_db(filled_url, "backup", str(tmp_path / "none" / "kotsu.backup"))
    assert (told.exit_code, "No such file or directory." in told.stderr) == (1, True)


def test_a_damaged_backup_is_told_and_changes_nothing(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "kotsu.backup"
    file.write_text("damaged", "utf-8")
    told = kotsu_db(sqlite_url, "restore", str(file))
    assert told.exit_code == 1
    assert told.stderr == "Error: Nothing was restored: the file is damaged or cut off, or no backup.\n"


def test_nothing_is_restored_over_what_is_there(filled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "kotsu.backup"
    kotsu_db(filled_url, "backup", str(file))
    told = kotsu_db(filled_url, "restore", str(file))
    assert told.exit_code == 1
    assert "The database is not empty (table delivery)" in told.stderr


@pytest.mark.parametrize("command", [["upgrade"], ["current"], ["backup", "-"], ["downgrade", "0001"]])
def test_a_database_that_is_not_there_is_told_without_its_password(command: list[str]) -> None:
    told = kotsu_db("postgresql://user:canary-password@127.0.0.1:1/name", *command)
    assert told.exit_code == 1
    assert "The database cannot be used: OperationalError" in told.stderr
    assert "canary" not in told.output


def test_a_setting_that_cannot_be_meant_is_named() -> None:
    told = CliRunner().invoke(database.db, ["current"], env={"KOTSU_PORT": "many"})
    assert (told.exit_code, "KOTSU_PORT must be" in told.stderr) == (2, True)


def test_whoever_is_alone_brings_the_schema_up_and_a_member_of_a_fleet_does_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    serving._prepare(Settings(tmp_path, url, broker_url="redis://127.0.0.1:9/0"))
    assert ledger.current(url)
    ledger.downgrade(url, "0001")
    with pytest.raises(click.ClickException, match="run `kotsu db upgrade`"):
        serving._prepare(Settings(tmp_path, url, broker_url="redis://127.0.0.1:9/0"))
    assert ledger.revision(url) == "0001"
    serving._prepare(Settings(tmp_path, url))
    assert ledger.current(url)


def test_a_worker_does_not_start_on_a_database_without_tables_and_makes_none(
    tmp_path: Path, key_pair: tuple[str, str]
) -> None:
    given = {
        "KOTSU_DATA_DIR": str(tmp_path),
        "KOTSU_BROKER_URL": "redis://127.0.0.1:1/0",
        "KOTSU_GITHUB_APP_ID": "1",
        "KOTSU_GITHUB_PRIVATE_KEY": key_pair[0],
    }
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main(['worker'])"],
        env={**os.environ, **given},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        1,
        ["Error: The database has no tables yet: run `kotsu db upgrade`."],
    )
    assert list(tmp_path.iterdir()) == []


def test_a_worker_waits_for_a_database_and_refuses_another_schema(tmp_path: Path, sqlite_url: str) -> None:
    database.must_be_current(sqlite_url)
    database.must_be_current("postgresql://127.0.0.1:1/name")
    with pytest.raises(click.ClickException, match="no tables yet: run `kotsu db upgrade`"):
        database.must_be_current(f"sqlite:///{tmp_path / 'new.db'}")
