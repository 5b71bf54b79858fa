"""What tables are made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, MetaData, Text, text

from workers.ledger.columns import Moment, Number

metadata = MetaData()


def moment(name: str, *, nullable: bool = False, index: bool = False) -> Column[datetime]:
    """Return a column of moments."""
    return Column(name, Moment, nullable=nullable, index=index or None)


def words(name: str) -> Column[str]:
    """Return a column of text that may be empty."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def partial(name: str, *columns: str, where: str) -> Index:
    """Return an index of some rows alone."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def of_repository() -> Column[int]:
    """Return the column of what goes with its repository."""
    return Column("repository_id", Number, ForeignKey("repository.id", ondelete="CASCADE"), nullable=False)
