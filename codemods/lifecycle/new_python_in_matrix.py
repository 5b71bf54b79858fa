"""Test on a new Python while there is time: what breaks on it breaks for its first users otherwise.

A new version of Python comes every October. What was deprecated is gone, and some of your dependencies have
no wheels for it yet: two months later most have. Whoever tests on it then learns in a quiet week what has to
be done; whoever does not hears it from somebody who could not install.

Where the CI matrix has the version before, the new one stands behind it: there, in the environments of tox
and nox, in what cibuildwheel builds, and in the classifiers that list what is tested. One version at a time,
and nothing else moves. What a declaration excludes is not added. Where your code uses what the new version
took out of the standard library, you read which lines do; what the lowest Python knows under another name
already is changed along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from packaging.version import Version

from codemods import lifecycles, pythons, splices
from codemods.boundaries import PYTHON
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree, Upgrade
from codemods.pythons import Minor
from codemods.version_places import everywhere, workflow_files, writing
from codemods.version_places.model import Place, Role

ABOUT = About(
    title="Test on the new Python",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk="The new Python may fail where the others pass: then its job tells what is to be done.",
    references=(
        "https://devguide.python.org/versions/",
        "https://docs.python.org/3/whatsnew/index.html",
    ),
    needles=(),
    minutes=5,
    asks=("today",),
    options={"days": 60},
)

_ID = "new-python-in-matrix"


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: the calendar is here."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return each list that the next Python is added to, or the declaration that keeps it out."""
    places = everywhere.read(tree)
    step = _next(places, facts)
    if step is None:
        return
    before, version = step
    target, title = pythons.text(version), f"Test on Python {pythons.text(version)}"
    onto = Upgrade(PYTHON, Version(pythons.text(before)), Version(target))
    capped = [p for p in places if p.role is Role.CAP and p.minor <= version]
    if capped:
        message = f"{capped[0].what} excludes Python {target}, which the tests do not run on yet"
        yield Finding(_ID, capped[0].path, everywhere.line(tree, capped[0]), message, target=target)
        return
    for path, here in everywhere.by_path(places).items():
        data = tree.read(path)
        made = writing.added(data, here, before, version, _is_tested)
        if made:
            edit = Edit(path, data, splices.apply(data, made))
            starts = sorted(p.start for p in here if p.minor == before and _is_tested(p))
            line = splices.line_of(data, starts[0])
            names = ", ".join(dict.fromkeys(p.what for p in here if p.minor == before and _is_tested(p)))
            words = f"{names}: {target} beside {pythons.text(before)}"
            yield Finding(_ID, path, line, words, edit, target, title, onto=onto)


def _next(places: Sequence[Place], facts: Facts) -> tuple[Minor, Minor] | None:
    """Return the newest Python of the CI matrix and the next one, if that is out for long enough."""
    tested = [p for p in places if p.what == workflow_files.MATRIX and p.role is Role.LISTED]
    plain = [p.minor for p in tested if not p.kin and p.row and p.row.keeps]
    if not plain:
        return None
    before = max(plain)
    version = (before[0], before[1] + 1)
    cycle = lifecycles.pythons().get(version)
    if cycle is None or cycle.begins is None or any(p.minor >= version for p in tested):
        return None
    days = timedelta(int(facts.options["days"]))
    return (before, version) if cycle.begins + days <= facts.today < cycle.ends else None


def _is_tested(place: Place) -> bool:
    """Say whether a list is about what is tested or built, not about what a tool writes for."""
    return place.role is Role.LISTED and "target" not in place.what and "python-version`" not in place.what
