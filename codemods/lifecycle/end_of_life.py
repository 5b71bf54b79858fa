"""Leave what gets no more fixes in time: a database, a system or a runner is not changed in an afternoon.

From the day of its last fix on, every weakness that is found in it stays. A runner that GitHub takes away is
worse yet: from that day on its jobs fail. The days are known years before, and forgotten as long.

This names what is used and ends within the option's days, or has ended: images of PostgreSQL, Redis, Node.js,
Debian and Ubuntu, the systems of Python's own images, runners of GitHub Actions, the Node.js of workflows,
and Django. Nothing is edited: data has to be moved, code has to be looked at, and when is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from codemods import lifecycles, lifespans
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Leave what gets no more fixes",
    category=Category.LIFECYCLE,
    applicability=Applicability.ADVICE,
    risk="What takes its place may behave otherwise, and data may have to be moved.",
    references=("https://endoflife.date/", "https://www.postgresql.org/support/versioning/"),
    needles=(),
    minutes=30,
    asks=("today",),
    options={"days": 90},
)

_ID = "end-of-life"


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: the calendar is here."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what ends soon or has ended, each place once."""
    soon = facts.today + timedelta(int(facts.options["days"]))
    for lived in lifespans.used(tree):
        product, cycle = lifecycles.known()[lived.table], lived.cycle
        if cycle is None or cycle.ends > soon:
            continue
        words = _words(lived.table, cycle.ends, facts.today)
        message = f"{product.name} {cycle.version} {words} ([source]({product.source}))"
        ends = cycle.ends.isoformat()
        yield Finding(_ID, lived.path, lived.line, message, target=lived.table, ends=ends)


def _words(table: str, ends: date, today: date) -> str:
    if table == "runner":
        return f"is taken away on {ends}" if today < ends else f"was taken away on {ends}"
    return lifecycles.last_fix(ends, today)
