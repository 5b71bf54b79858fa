"""One transaction, to write or to read; what the database says of trouble is `Unavailable`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from workers.ledger.engine import READS
from workers.ledger.faults import translated


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that may write; it is committed at the end of the context."""
    with translated(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads."""
    with translated(), engine.execution_options(**{READS: True}).begin() as connection:
        yield connection
