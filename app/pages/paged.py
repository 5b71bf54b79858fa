"""Cuts long tables into pages: where in which table a visitor is stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.pages.view import Cell, Table, View, query

T = TypeVar("T")


def cut(view: View, path: str, table: Table) -> Table:
    """Return a table with the rows from where the address says; ``path`` is the page's own."""
    return listed(view, path, table, table.rows, lambda row: row)


def listed(
    view: View, path: str, table: Table, found: Sequence[T], cells: Callable[[T], Mapping[str, Cell]]
) -> Table:
    """Return the same of what was ``found``; only what is shown is made into ``cells``."""
    start = view.number(f"{table.name}-from", 0, 1_000_000)
    left = len(found) - start - view.rows
    asked = {**view.query, f"{table.name}-from": start + view.rows}
    more = f"{path}{query(**asked)}#{table.name}" if left > 0 else ""
    return replace(table, rows=[cells(one) for one in found[start : start + view.rows]], more=more)


def named(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names in words, and how many more there are."""
    listed = sorted(names, key=str.lower)
    left = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {left} more" if left > 0 else "")


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def tallied(counts: Mapping[str, int]) -> str | None:
    """Return what was counted in words, by names in the plural; None where there is nothing."""
    some = (counted(count, name.removesuffix("s"), name) for name, count in counts.items() if count)
    return ", ".join(some) or None
