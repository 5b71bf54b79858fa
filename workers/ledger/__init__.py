"""The ledger: the only door to the database, which is the truth about deliveries, jobs and proposals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from sqlalchemy import Engine

from workers.ledger import backup, schema
from workers.ledger.backup import Backup, BackupError
from workers.ledger.clock import Clock, clock
from workers.ledger.condition import Condition, of
from workers.ledger.engine import connect
from workers.ledger.faults import Unavailable, Unfit, translated
from workers.ledger.jobs import TRIES
from workers.ledger.rows import (
    InstallationRow,
    Job,
    JobState,
    ProposalRow,
    Recorded,
    RepositoryRow,
    ScanRow,
    Standing,
    Tally,
    WithheldRow,
)
from workers.ledger.schema import HEAD, unfit
from workers.ledger.store import Ledger
from workers.ledger.words import WordRow

__all__ = [
    "HEAD",
    "TRIES",
    "Backup",
    "BackupError",
    "Clock",
    "Condition",
    "InstallationRow",
    "Job",
    "JobState",
    "Ledger",
    "ProposalRow",
    "Recorded",
    "RepositoryRow",
    "ScanRow",
    "Standing",
    "Tally",
    "Unavailable",
    "Unfit",
    "WithheldRow",
    "WordRow",
    "clock",
    "condition",
    "current",
    "downgrade",
    "migrate",
    "open",
    "restore",
    "revision",
    "save",
    "unfit",
]


def open(url: str, patience: float = 30.0) -> Ledger:  # noqa: A001 -- `ledger.open` is how it is called
    """Open the ledger; `Unavailable` is raised after about ``patience`` seconds of waiting for a lock.

    The receiver waits shortly (1.5 s), workers wait long. Nothing is read yet: see `current` and `migrate`.
    """
    return Ledger(connect(url, patience))


def migrate(url: str) -> str:
    """Bring the schema to the newest revision and return the one that it had, ``""`` for an empty database.

    `Unavailable` when the database cannot be used, `Unfit` when it is newer than this code.
    """
    with _patiently(url) as engine:
        return schema.migrate(engine)


def downgrade(url: str, target: str) -> str:
    """Take the schema down to an older revision and return the one that it had; raise as `migrate` does."""
    with _patiently(url) as engine:
        return schema.downgrade(engine, target)


def save(url: str, out: IO[bytes], now: datetime) -> Backup:
    """Write a backup of the whole ledger; `Unfit` where the schema is not this code's, else `Unavailable`."""
    with _patiently(url) as engine:
        return backup.write(engine, out, now)


def restore(url: str, source: IO[bytes]) -> Backup:
    """Write a backup into an empty, migrated database, all of it or nothing.

    Raise as `save` does, and `BackupError` for a file that cannot be restored.
    """
    with _patiently(url) as engine:
        return backup.restore(engine, source)


def revision(url: str) -> str:
    """Return the schema's revision, ``""`` for an empty database; `Unavailable` when it cannot say."""
    return condition(url).revision


def condition(url: str) -> Condition:
    """Return what the database says of itself; `Unavailable` when it does not answer."""
    ledger = open(url, patience=1.5)
    try:
        return of(ledger.engine)
    finally:
        ledger.close()


def current(url: str) -> bool:
    """Tell whether the schema is the one this code was written for; `Unavailable` when it cannot say."""
    return revision(url) == HEAD


@contextmanager
def _patiently(url: str) -> Iterator[Engine]:
    """Open the database for what happens seldom and may wait for others."""
    engine = connect(url, 60.0)
    try:
        with translated():
            yield engine
    finally:
        engine.dispose()
