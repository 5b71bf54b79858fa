"""Say one thing about Python: a place that contradicts what is declared misleads people, tools or CI.

A classifier for a Python that no longer installs the project is found by whoever searches an index for it. A
`.python-version` below the declared lowest one makes tools refuse to work or make an environment in which
nothing can be installed. A formatter with a higher target writes what the lowest Python cannot read, and one
that is never tested is a promise that nobody keeps.

Classifiers below what is declared go, and a `.python-version` below it is raised to it: neither can be right.
Everything else is only told, for the declaration may be what is wrong. As long as the lowest Python is about
to be raised everywhere, this says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemods import lifecycles, raising, splices
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree
from codemods.pythons import Minor
from codemods.version_places import everywhere, writing
from codemods.version_places.model import Place, Role

ABOUT = About(
    title="Say the same about Python in every place",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk="Where the declaration is what is wrong, it should be changed instead.",
    references=(
        "https://packaging.python.org/en/latest/guides/dropping-older-python-versions/",
        "https://packaging.python.org/en/latest/specifications/core-metadata/#requires-python",
    ),
    needles=(),
    minutes=3,
    asks=("today", "tools"),
    options={"days": 90},
)

_ID = "python-that-disagrees"
_EDITED = frozenset({"a classifier", "`.python-version`"})


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what is edited, and what a person should look at."""
    places = everywhere.read(tree)
    if not any(p.role is Role.DECLARED for p in places):
        return
    step = raising.due(places, facts.today, int(facts.options["days"]))
    if step and not raising.raised(tree, places, step[1], facts.tools).obstacles:
        return
    yield from _edited(tree, places)
    for found in everywhere.contradictions(places):
        place = found.place
        if not _is_edited(place, found.floor) and not _is_said_elsewhere(places, place, found.floor):
            yield Finding(_ID, place.path, everywhere.line(tree, place), found.sentence)


def _is_edited(place: Place, floor: Minor) -> bool:
    return place.what in _EDITED and place.minor < floor and not place.stuck


def _is_said_elsewhere(places: Sequence[Place], place: Place, floor: Minor) -> bool:
    """Say whether another place of the same kind has the lowest Python, so that this one is for more."""
    if place.role not in {Role.LISTED, Role.TARGET} or place.minor < floor:
        return False
    return any(p.minor == floor for p in places if p.what == place.what and p.role is place.role)


def _edited(tree: Tree, places: Sequence[Place]) -> Iterator[Finding]:
    for path, here in everywhere.by_path([p for p in places if p.what in _EDITED]).items():
        data, floor = tree.read(path), everywhere.floor_at(places, path)
        if floor is None:
            continue
        cycle = lifecycles.pythons().get(floor)
        made, _ = writing.raised(data, here, floor, cycle.patch if cycle else "")
        if made:
            edit = Edit(path, data, splices.apply(data, made))
            for place in here:
                if place.minor < floor:
                    words = everywhere.Contradiction(place, floor).sentence
                    yield Finding(_ID, path, everywhere.line(tree, place), words, edit)
