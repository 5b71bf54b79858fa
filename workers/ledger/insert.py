"""An insert that does nothing where the row is there already, on either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Insert, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(
    connection: Connection, table: Table, unique: Sequence[str], where: TextClause | None = None
) -> Insert:
    """Return the statement, to be executed with rows; ``where`` names the partial unique index."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(table)
    return statement.on_conflict_do_nothing(index_elements=unique, index_where=where)


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    unique: Sequence[str],
    change: Sequence[str],
) -> Insert:
    """Return the statement that inserts rows, or changes the named columns of those that are there."""
    return merge(connection, table, unique, change).values(list(rows))


def merge(connection: Connection, table: Table, unique: Sequence[str], change: Sequence[str]) -> Insert:
    """Return the same, to be executed with rows, of which there may be many: it is compiled once."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(table)
    return statement.on_conflict_do_update(
        index_elements=unique, set_={name: statement.excluded[name] for name in change}
    )
