"""Keep no promise for a Python that gets no fixes any more: raise the lowest one before that day.

A version of Python is fixed for five years. After that its weaknesses stay, libraries stop installing on it,
and hosts of CI and of functions take it away on days of their own. Whoever still promises to run on it cannot
use what newer ones have either.

The lowest Python is written in many places, and a change of some of them is a contradiction: an image that
can no longer install the project, a formatter that writes what the oldest Python cannot read. This raises it
everywhere at once, to the lowest one that gets fixes for a while yet: what packaging declares, classifiers,
the targets of tools, environments and matrices of tests, images and runtimes that are below. Where a single
place cannot follow, nothing is changed, and you read which it is. No line of code is rewritten; that comes
afterwards, for what only the old Python needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.version import Version

from codemods import lifecycles, pythons, raising
from codemods.boundaries import PYTHON
from codemods.model import About, Applicability, Category, Facts, Finding, Refresh, Tree, Upgrade
from codemods.pythons import Minor
from codemods.version_places import everywhere
from codemods.version_places.model import Place, Role

ABOUT = About(
    title="Raise the lowest Python before its end",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk=(
        "Who still has the old Python gets no further releases of yours, "
        "and what ran on it runs on another one: let the tests decide."
    ),
    references=(
        "https://devguide.python.org/versions/",
        "https://packaging.python.org/en/latest/guides/dropping-older-python-versions/",
    ),
    needles=(),
    minutes=5,
    asks=("today", "tools"),
    options={"days": 90},
)

_ID = "python-floor"


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: the calendar is here."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return every place that is below the floor, or the one that is in the way."""
    places = everywhere.read(tree)
    step = raising.due(places, facts.today, int(facts.options["days"]))
    if step is None:
        return
    lowest, floor = step
    raised = raising.raised(tree, places, floor, facts.tools)
    ends = raising.ends(lowest)
    day, last = ends.isoformat(), lifecycles.last_fix(ends, facts.today)
    # What is given up is what it is about: with the years another one takes its place, and it stays the same.
    target, title = (
        pythons.text(lowest),
        f"Raise the lowest Python from {pythons.text(lowest)} to {pythons.text(floor)}",
    )
    if raised.obstacles:
        place, why = raised.obstacles[0]
        more = f" ({len(raised.obstacles) - 1} more)" if len(raised.obstacles) > 1 else ""
        message = f"Python {target} {last}; {place.what} cannot follow: {why}{more}"
        yield Finding(_ID, place.path, everywhere.line(tree, place), message, target=target, ends=day)
        return
    for place, words, edit in raised.moved:
        line, onto = everywhere.line(tree, place), _onto(places, floor)
        yield Finding(_ID, place.path, line, words, edit, target, title, ends=day, onto=onto)
    for path in raised.locks:
        refresh = Refresh(path, "", Version(pythons.text(floor)))
        words = f"written again for Python {pythons.text(floor)}"
        yield Finding(_ID, path, 1, words, target=target, title=title, refresh=refresh, ends=day)
    for place in raised.told:
        message = f"{place.what} says {pythons.text(place.minor)}, which is for you to change"
        yield Finding(_ID, place.path, everywhere.line(tree, place), message, target=target)


def _onto(places: Sequence[Place], floor: Minor) -> Upgrade | None:
    """Return the way to the new lowest Python where nothing ran on one as high before."""
    ran = [p.minor for p in places if p.role in {Role.LISTED, Role.RUNS}]
    if not ran or max(ran) >= floor:
        return None
    return Upgrade(PYTHON, Version(pythons.text(max(ran))), Version(pythons.text(floor)))
