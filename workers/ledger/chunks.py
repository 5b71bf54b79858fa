"""Lists that are too long for one statement: databases bind some ten thousand values and no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, RowMapping, Select

T = TypeVar("T")
NAMED = 5000
"""Values that one statement may name where it cannot be cut."""
_SIZE = 500


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Cut values to what one statement takes on either database."""
    listed = list(values)
    return (listed[start : start + _SIZE] for start in range(0, len(listed), _SIZE))


def rows(
    connection: Connection, wanted: Select[Any], column: Column[int], ids: Collection[int] | None
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows of some ids, None: of all; they are in the query's order for so many ids at a time."""
    for some in [None] if ids is None else chunks(sorted(ids)):
        # All at once: to fetch one after the other takes half as long again.
        yield from connection.execute(wanted if some is None else wanted.where(column.in_(some))).all()


def among(
    connection: Connection, wanted: Select[Any], column: Column[int], ids: Collection[int] | None
) -> Iterator[RowMapping]:
    """Yield the same as mappings."""
    return (row._mapping for row in rows(connection, wanted, column, ids))  # noqa: SLF001 -- its public name
