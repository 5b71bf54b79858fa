"""Connections: SQLite as a durable single file, PostgreSQL with short waits."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError

SQLITE = sqlite3.sqlite_version_info
"""The version of SQLite, which needs no server to be asked."""
READS = "kotsu_reads"
"""The execution option of a connection that will only read."""


def connect(url: str, patience: float) -> Engine:
    """Open the database; a lock or a lost server is reported after about ``patience`` seconds."""
    try:
        target = _with_driver(make_url(url))
    except ArgumentError:
        raise ValueError("KOTSU_DATABASE_URL is no address such as postgresql://user@host/name.") from None
    if target.get_backend_name() == "sqlite":
        return _sqlite(target, patience)
    return _postgresql(target, patience)


def is_missing(engine: Engine) -> bool:
    """Say whether a database is a file that is not there yet; to connect would make it."""
    file = engine.url.database or ""
    return engine.name == "sqlite" and not file.startswith("file:") and not Path(file).exists()


def _with_driver(url: URL) -> URL:
    """Let people write ``postgres://`` and ``postgresql://`` as everywhere else."""
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError(f"KOTSU_DATABASE_URL names {url.drivername}; Kotsu runs on sqlite or postgresql.")
    return url


def _sqlite(url: URL, patience: float) -> Engine:
    if url.database and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # A thread keeps its connection: opening one costs more than most statements.
    engine = create_engine(
        url, connect_args={"timeout": patience}, pool_size=8, max_overflow=32, pool_timeout=patience
    )
    event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, patience))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, patience: float) -> None:
    """Set the pragmas, and leave BEGIN to us: the driver would begin too late and too weakly."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _to_wal(cursor, time.monotonic() + patience)
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _to_wal(cursor: DBAPICursor, deadline: float) -> None:
    """Change a new file to WAL; SQLite never waits for another process that is at it, and says busy."""
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Take the writer's lock at once: a reader that turns into a writer could not wait for it."""
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql(url: URL, patience: float) -> Engine:
    milliseconds = int(patience * 1000)
    waits = f"-c lock_timeout={milliseconds} -c idle_in_transaction_session_timeout=60000"
    quick = {
        "connect_timeout": max(2, int(patience)),
        "tcp_user_timeout": 2 * milliseconds,
        "keepalives_idle": 10,
        "options": waits,
        "application_name": "kotsu",
    }
    arguments = {name: value for name, value in quick.items() if name not in url.query}
    return create_engine(
        url, connect_args=arguments, pool_pre_ping=True, pool_size=8, max_overflow=16, pool_timeout=patience
    )
