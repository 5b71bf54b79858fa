"""A backup holds every row, goes into either database, and a damaged one changes nothing."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, String, Text, insert, select

from tests.fleet import NOW, Postgres
from tests.road import Road
from tests.workers.bookkeeping import LEASE, claimed, pushed
from workers import ledger
from workers.ledger import BackupError, Ledger, Unfit
from workers.ledger.columns import Moment, Names
from workers.ledger.sessions import SessionRow
from workers.ledger.tables import debt, job, metadata
from workers.messages import Kind


def rows(book: Ledger) -> dict[str, list[Any]]:
    with book.engine.connect() as connection:
        return {
            table.name: list(map(tuple, connection.execute(select(table).order_by(*table.primary_key))))
            for table in metadata.sorted_tables
        }


def saved(url: str) -> bytes:
    out = io.BytesIO()
    ledger.save(url, out, NOW)
    return out.getvalue()


def restored(url: str, backup: bytes) -> dict[str, list[Any]]:
    ledger.restore(url, io.BytesIO(backup))
    book = ledger.open(url)
    try:
        return rows(book)
    finally:
        book.close()


def edited(backup: bytes, edit: Callable[[list[Any]], object]) -> bytes:
    lines = [json.loads(line) for line in gzip.decompress(backup).splitlines()]
    edit(lines)
    return gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def fill(book: Ledger) -> Ledger:
    """Write a row with each kind of column."""
    book.record(pushed(), NOW)
    book.save_proposal(
        1,
        key="upgrade-dependency/flask",
        improvement="upgrade-dependency",
        title="Upgrade flask — \u2018now\u2019",
        branch="kotsu/upgrade-dependency/flask",
        number=7,
        url="https://github.example/octo/repo-1/pull/7",
        head_sha="a" * 40,
        digest="b" * 64,
        minutes=5,
        now=NOW,
    )
    book.change_proposal(1, 7, NOW, failure={"name": "tests", "lines": ["a\u2028b", None]}, asked_at=NOW)
    book.marks.set("reconcile", "12", NOW)
    with book._write() as connection:
        counted = {"due": 1, "orphaned": 2, "not_yet": 3, "unconditional": 4}
        connection.execute(insert(debt).values(repository_id=1, day=NOW.date(), **counted))
    return book


def first(lines: list[Any]) -> int:
    """Return where the first row stands."""
    return next(number for number, line in enumerate(lines) if isinstance(line, list))


@pytest.fixture
def filled(book: Ledger) -> Ledger:
    return fill(book)


@pytest.fixture
def backup(sqlite_url: str) -> bytes:
    """A backup of a ledger on SQLite."""
    book = fill(ledger.open(sqlite_url))
    book.close()
    return saved(sqlite_url)


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[Ledger]:
    """Another ledger, on SQLite and without a row."""
    path = tmp_path / "other.db"
    path.write_bytes(sqlite_template.read_bytes())
    book = ledger.open(f"sqlite:///{path}")
    yield book
    book.close()


def url_of(book: Ledger) -> str:
    return book.engine.url.render_as_string(hide_password=False)


def test_every_kind_of_column_is_known_to_the_backup() -> None:
    known = (Text, String, Integer, Boolean, JSON, Date, Moment, Names)
    assert [
        str(c) for table in metadata.sorted_tables for c in table.c if not isinstance(c.type, known)
    ] == []


@pytest.mark.fleet
def test_a_backup_of_either_database_goes_into_both(
    filled: Ledger, empty: Ledger, postgres: Postgres
) -> None:
    backup, before = saved(url_of(filled)), rows(filled)
    for url in (url_of(empty), postgres.database()):
        assert restored(url, backup) == before
        again = ledger.open(url)
        assert saved(url) == backup
        # Work goes on behind the highest number.
        newer = again.enqueue(Kind.SCAN, "scan:2", NOW)
        assert newer == 1 + max(row[0] for row in before["job"])
        assert claimed(again).id in {newer, before["job"][0][0]}
        again.close()


def test_what_a_whole_run_left_comes_back(road: Road, empty: Ledger) -> None:
    road.add()
    road.install()
    url = url_of(road.world.book)
    before = rows(road.world.book)
    assert {name for name, found in before.items() if found} >= {"job", "proposal", "repository", "scan"}
    assert restored(url_of(empty), saved(url)) == before
    road.forget(Path(str(empty.engine.url.database)))
    road.scan()
    assert rows(road.world.book)["proposal"] == before["proposal"]


def test_a_backup_is_of_one_moment_and_nobody_waits_for_it(filled: Ledger) -> None:
    class Meanwhile(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 1000:  # behind the beginning, when the first rows were read
                numbers.append(filled.enqueue(Kind.SCAN, f"scan:{len(numbers) + 10}", NOW))
            return super().write(data)

    numbers: list[int] = []
    filled.remember({"a": random.Random(7).randbytes(400_000).hex()}, NOW)
    before, out = len(rows(filled)["job"]), Meanwhile()
    ledger.save(url_of(filled), out, NOW)
    assert numbers
    told = gzip.decompress(out.getvalue()).splitlines()
    assert json.loads(told[-1])["end"]["job"] == before
    assert list(map(json.loads, told)).index({"table": "job", "columns": [c.name for c in job.c]}) > 2


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_changes_nothing(backup: bytes, empty: Ledger, part: float) -> None:
    with pytest.raises(BackupError, match=r"cut off|no backup"):
        ledger.restore(url_of(empty), io.BytesIO(backup[: int(len(backup) * part)]))
    assert not any(rows(empty).values())


def test_a_file_with_any_other_bit_changes_nothing(backup: bytes, empty: Ledger) -> None:
    chance = random.Random(7)
    for place in chance.sample(range(10, len(backup)), 40):
        damaged = bytearray(backup)
        damaged[place] ^= 1 << chance.randrange(8)
        with pytest.raises(BackupError):
            ledger.restore(url_of(empty), io.BytesIO(damaged))
        assert not any(rows(empty).values())


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            lambda lines: lines[0].update(format="kotsu-backup-9"),
            "no backup of Kotsu, or one of a newer version",
        ),
        (
            lambda lines: lines[0].update(schema="0003", by="0.0.9"),
            r"with the version that made it \(0\.0\.9\)",
        ),
        (lambda lines: lines.__delitem__(first(lines)), "not all rows are there"),
        (lambda lines: lines.__delitem__(-1), "not all rows are there"),
        (lambda lines: lines.append([1]), "not all rows are there"),
        (lambda lines: lines[first(lines)].append(1), "damaged: ValueError"),
        (lambda lines: lines[1].update(table="nothing"), "damaged: KeyError"),
        (lambda lines: lines.insert(1, 5), "damaged: TypeError"),
        (lambda lines: lines.insert(first(lines), lines[first(lines)]), "does not take a row"),
    ],
)
def test_what_is_not_as_it_was_written_changes_nothing(
    backup: bytes, empty: Ledger, edit: Callable[[list[Any]], object], words: str
) -> None:
    with pytest.raises(BackupError, match=words):
        ledger.restore(url_of(empty), io.BytesIO(edited(backup, edit)))
    assert not any(rows(empty).values())


def test_text_is_no_backup(sqlite_url: str) -> None:
    with pytest.raises(BackupError, match="no backup"):
        ledger.restore(sqlite_url, io.BytesIO(b"This is no backup."))


def test_nothing_is_restored_over_what_is_there(filled: Ledger) -> None:
    before = rows(filled)
    with pytest.raises(Unfit, match=r"not empty \(table .*\): a backup goes into a new one"):
        ledger.restore(url_of(filled), io.BytesIO(saved(url_of(filled))))
    assert rows(filled) == before


def test_a_database_without_tables_is_neither_saved_nor_filled(backup: bytes, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(Unfit, match="kotsu db upgrade"):
        saved(url)
    with pytest.raises(Unfit, match="kotsu db upgrade"):
        ledger.restore(url, io.BytesIO(backup))


def test_what_ran_when_the_backup_was_made_runs_again(sqlite_url: str, empty: Ledger) -> None:
    book = fill(ledger.open(sqlite_url))
    ran = claimed(book)
    book.close()
    restored(url_of(empty), saved(sqlite_url))
    assert claimed(empty, now=NOW + LEASE + timedelta(seconds=1)).id == ran.id


def test_nobody_comes_in_with_a_backup(book: Ledger, database_url: str, tmp_path: Path) -> None:
    fill(book)
    book.sessions.open(SessionRow("0" * 64, 7, "octocat", "sealed", NOW, NOW + timedelta(hours=8)))
    backup = saved(database_url)
    assert b"octocat" not in gzip.decompress(backup)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    ledger.migrate(url)
    assert restored(url, backup)["session"] == []


@pytest.mark.usefixtures("book")
def test_a_backup_that_was_made_to_let_somebody_in_is_refused(database_url: str, tmp_path: Path) -> None:
    columns = ["id", "user_id", "login", "token", "created", "until"]
    made = edited(
        saved(database_url),
        lambda lines: lines.insert(1, {"table": "session", "columns": columns}),
    )
    url = f"sqlite:///{tmp_path / 'new.db'}"
    ledger.migrate(url)
    with pytest.raises(BackupError):
        ledger.restore(url, io.BytesIO(made))
