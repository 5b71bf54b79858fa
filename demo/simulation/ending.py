"""A dependency that comes to its end is replaced by what follows it.

Of the simulation alone: the name says on which day it gets its last fix, ``ending-20260413``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from codemods.model import About, Applicability, Category, Facts, Finding, Tree
from demo.simulation import lines

ABOUT = About(
    title="Leave what comes to its end",
    category=Category.LIFECYCLE,
    applicability=Applicability.SAFE,
    risk="None.",
    references=("https://endoflife.date/",),
    needles=(),
    minutes=5,
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the kind's shape
    """Return nothing: the name says all."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 -- the kind's shape
    """Find what ends some day, whether that has come or not."""
    for line in lines.dated(tree, "ending"):
        yield replace(lines.raised(line, "ending", f"Leave {line.name}"), ends=line.day.isoformat())
