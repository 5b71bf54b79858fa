"""A dependency with a published weakness is replaced by its next release.

Of the simulation alone: the name says on which day the weakness is published, ``leaky-20260413``, so that
nobody has to be asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods.model import About, Applicability, Category, Facts, Finding, Tree
from demo.simulation import lines

ABOUT = About(
    title="Fix leaky dependencies",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="The next release may behave in another way.",
    references=("https://osv.dev/",),
    needles=(),
    minutes=15,
    asks=("today",),
    urgent=True,
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the kind's shape
    """Return nothing: the name says all."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Find the weaknesses that are published by now."""
    for line in lines.dated(tree, "leaky"):
        if line.day <= facts.today:
            yield lines.raised(line, "leaky", f"Fix {line.name}")
