"""The schema goes up and down step by step on both databases, and a step that breaks off changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from workers import ledger
from workers.ledger import HEAD, Ledger, Unavailable, Unfit, schema

FOLDER = Path(schema.__file__).parent / "migrations"
REVISIONS = sorted(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


def shape(book: Ledger) -> dict[str, Any]:
    """Return the columns and indexes of each table."""
    with book.engine.connect() as connection:
        found = inspect(connection)
        return {
            name: (
                {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)},
                sorted(str(i["name"]) for i in found.get_indexes(name)),
            )
            for name in found.get_table_names()
            if name != "alembic_version"
        }


def step(book: Ledger, to: str) -> None:
    with book.engine.begin() as connection:
        config = schema._config(connection)
        (command.upgrade if to > schema.revision(connection) else command.downgrade)(config, to)


def test_each_step_down_takes_away_what_the_step_up_brought(book: Ledger) -> None:
    whole, shapes = shape(book), {}
    with book.engine.begin() as connection:
        command.downgrade(schema._config(connection), "base")
    assert shape(book) == {}
    for revision in REVISIONS:
        step(book, revision)
        shapes[revision] = shape(book)
    assert shapes[HEAD] == whole
    for revision in reversed(REVISIONS[:-1]):
        step(book, revision)
        assert shape(book) == shapes[revision]


def test_what_an_older_version_knows_too_survives_the_way_down_and_up(book: Ledger) -> None:
    book.record(pushed(), NOW)
    url = book.engine.url.render_as_string(hide_password=False)
    before = book.repositories(), book.due(NOW)
    assert ledger.downgrade(url, "0001") == HEAD
    assert "0001, and this Kotsu needs" in ledger.unfit(ledger.revision(url))
    assert ledger.migrate(url) == "0001"
    assert (book.repositories(), book.due(NOW)) == before


@pytest.mark.parametrize("target", [HEAD, "9999", "0000", "base", "-1", ""])
def test_the_way_down_leads_to_an_older_schema_only(sqlite_url: str, target: str) -> None:
    with pytest.raises(Unfit, match=f"the schema is {HEAD}: it can be taken down to an older one only"):
        ledger.downgrade(sqlite_url, target)
    assert ledger.current(sqlite_url)


def test_a_schema_of_a_newer_version_is_left_alone(book: Ledger) -> None:
    with book.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    url = book.engine.url.render_as_string(hide_password=False)
    for change in (ledger.migrate, lambda url: ledger.downgrade(url, "0001")):
        with pytest.raises(
            Unfit, match=f"0999, which is newer than this Kotsu knows .{HEAD}.: run the version"
        ):
            change(url)
    assert ledger.revision(url) == "0999"


def test_a_migration_that_breaks_off_changes_nothing_and_is_done_again(book: Ledger) -> None:
    url = book.engine.url.render_as_string(hide_password=False)
    ledger.downgrade(url, "0003")
    before = shape(book)
    with book.engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (name TEXT)"))  # in the way of the last step of 0004
    with pytest.raises(Exception, match="already exists"):
        ledger.migrate(url)
    with book.engine.begin() as connection:
        connection.execute(text("DROP TABLE mark"))
    assert (ledger.revision(url), shape(book)) == ("0003", before)
    ledger.migrate(url)
    assert ledger.current(url)


def test_a_database_that_cannot_be_asked_is_unavailable(tmp_path: object) -> None:
    with pytest.raises(Unavailable):
        ledger.revision(f"sqlite:///{tmp_path}")
