"""Cuts long tables into pages: where in which table a visitor is stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.pages.view import Table, View, query

ROWS = 100
"""Rows of a table that are shown at once."""


def cut(view: View, path: str, table: Table) -> Table:
    """Return a table with the rows from where the address says; ``path`` is the page's own."""
    start = view.number(f"{table.name}-from", 0, 1_000_000)
    left = len(table.rows) - start - ROWS
    asked = {**view.query, f"{table.name}-from": start + ROWS}
    more = f"{path}{query(**asked)}#{table.name}" if left > 0 else ""
    return replace(table, rows=table.rows[start : start + ROWS], more=more)


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
