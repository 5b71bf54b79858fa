"""The ledger: the only door to the database, which is the truth about deliveries, jobs and proposals."""

from __future__ import annotations

from workers.ledger import schema
from workers.ledger.engine import connect
from workers.ledger.faults import Unavailable, translated
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
from workers.ledger.schema import HEAD
from workers.ledger.store import Ledger
from workers.ledger.words import WordRow

__all__ = [
    "HEAD",
    "TRIES",
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
    "WithheldRow",
    "WordRow",
    "current",
    "migrate",
    "open",
]


def open(url: str, patience: float = 30.0) -> Ledger:  # noqa: A001 -- `ledger.open` is how it is called
    """Open the ledger; `Unavailable` is raised after about ``patience`` seconds of waiting for a lock.

    The receiver waits shortly (1.5 s), workers wait long. Nothing is read yet: see `current` and `migrate`.
    """
    return Ledger(connect(url, patience))


def migrate(url: str) -> None:
    """Bring the schema to the newest revision; `Unavailable` when the database cannot be used."""
    engine = connect(url, 60.0)
    try:
        with translated():
            schema.migrate(engine)
    finally:
        engine.dispose()


def current(url: str) -> bool:
    """Tell whether the schema is the one this code was written for; `Unavailable` when it cannot say."""
    ledger = open(url, patience=1.5)
    try:
        return ledger.revision() == HEAD
    finally:
        ledger.close()
