"""What the database's own errors mean to the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Unavailable(Exception):  # noqa: N818 -- it reads as what it says: the ledger is unavailable
    """The database cannot be reached, is locked, full or read-only: try again later."""


class Unfit(Unavailable):
    """The schema is not the one that is needed; the text says which command to run."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `Unavailable` for what the world does to a database; a wrong statement stays a bug."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(_first_line(error)) from error
    except DBAPIError as error:
        # SQLite has this very class for a file that is damaged, or no database.
        if not error.connection_invalidated and type(error) is not DatabaseError:
            raise
        raise Unavailable(_first_line(error)) from error


@contextmanager
def losing_a_race_is_nothing() -> Iterator[None]:
    """Swallow a broken unique index: another worker was first."""
    try:
        yield
    except IntegrityError:
        return


def _first_line(error: SQLAlchemyError) -> str:
    """Name the error without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {cause}".splitlines()[0][:300]
