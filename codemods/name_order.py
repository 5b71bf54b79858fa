"""Keeps the names of an import in the order that its author keeps, as far as there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from codemods import scopes


def orders_of(lists: Sequence[Sequence[str]]) -> list[Callable[[str], object]]:
    """Return the orders that all of some lists of names keep."""
    orders: tuple[Callable[[str], object], ...] = (_by_type, str.lower)
    return [o for o in orders if all(list(some) == sorted(some, key=o) for some in lists)]  # type: ignore[arg-type]


def ranked(order: Callable[[str], object], updated: cst.CSTNode) -> cst.CSTNode:
    """Return an import with its names in order; what parts them stays where it is."""
    aliases = list(cst.ensure_type(updated, cst.ImportFrom).names)  # type: ignore[arg-type]
    ranked = sorted(aliases, key=lambda a: order(scopes.dotted(a.name)))  # type: ignore[arg-type, return-value]
    moved = [a.with_changes(comma=b.comma) for a, b in zip(ranked, aliases, strict=True)]
    return updated.with_changes(names=moved)


def _by_type(name: str) -> tuple[int, str]:
    """Order as isort does by default: CONSTANTS, Classes, functions."""
    constant = name.isupper() and len(name) > 1
    return (0 if constant else 1 if name[:1].isupper() else 2), name
