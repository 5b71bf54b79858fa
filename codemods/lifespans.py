"""Finds what a tree stands on that gets its last fix some day: images, systems, runners, Pythons, Django."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codemods import document, inventory, lifecycles, project, pythons, splices, tags, versions, workflow
from codemods.document import Node
from codemods.lifecycles import PYTHON, Cycle
from codemods.manifests.model import Reference
from codemods.model import Tree
from codemods.version_places import everywhere
from codemods.version_places.model import Place, Role

PACKAGES = frozenset({"django"})
"""The tables of the calendar that are about distributions, by whose names they are called."""
_IMAGES = {"postgres": "postgres", "redis": "redis", "node": "node", "debian": "debian", "ubuntu": "ubuntu"}
_WORD = re.compile(r"[a-z]+")
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_LAST_MINOR = 2
_MAJOR = re.compile(r"v?(\d+)(?:\.(?:x|\d+))*")
_NEARNESS = (Role.DECLARED, Role.RUNS, Role.LISTED)
"""What says that a project stands on a Python, the plainest first: a formatter's target does not."""


@dataclass(frozen=True, slots=True)
class Lived:
    """Something with a life of its own that a file asks for.

    ``table`` is that of the calendar, ``version`` as it is asked for, ``line`` counts from 1; ``kind`` is
    ``image``, ``action`` (what a workflow runs on or with), ``package`` or ``python``.
    """

    kind: str
    table: str
    version: str
    path: str
    line: int

    @property
    def cycle(self) -> Cycle | None:
        """Its series; None for one that the calendar does not know."""
        return lifecycles.known()[self.table].cycle(self.version)

    @property
    def subject(self) -> str:
        """What it is in words, by its series: ``PostgreSQL 12``."""
        known = self.cycle
        return f"{lifecycles.known()[self.table].name} {known.version if known else self.version}"


def used(tree: Tree) -> list[Lived]:
    """Return all but Pythons, each place once."""
    found: tuple[Lived, ...] = (*_images(tree), *_workflows(tree), *_django(tree))
    return list(dict.fromkeys(found))


def ran(tree: Tree) -> list[Lived]:
    """Return the Pythons that a tree declares, runs or is tested on, each once, at its plainest place."""
    said = [p for p in everywhere.read(tree) if p.role in _NEARNESS and not p.kin]
    plainest: dict[pythons.Minor, Place] = {}
    for place in sorted(said, key=lambda p: (p.minor, _NEARNESS.index(p.role), p.path, p.start)):
        plainest.setdefault(place.minor, place)
    return [
        Lived("python", PYTHON, pythons.text(minor), place.path, everywhere.line(tree, place))
        for minor, place in plainest.items()
    ]


def _images(tree: Tree) -> Iterator[Lived]:
    for manifest in inventory.read(tree).manifests:
        if not project.is_own(manifest.path):
            continue
        for reference in manifest.references:
            if reference.address.startswith("image+docker.io/library/"):
                place = manifest.path, reference.line
                yield from (Lived("image", table, version, *place) for table, version in _image(reference))


def _image(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield what is in an image: what it is about, and the system that its tag names."""
    text = reference.said or reference.version
    tag = tags.parse(text)
    if tag and not tag.prefix and reference.name in _IMAGES:
        yield _IMAGES[reference.name], ".".join(map(str, _padded(reference.name, tag.numbers)))
    for word in _WORD.findall(text):
        for table in ("debian", "ubuntu"):
            if word in lifecycles.known()[table].words:
                yield table, word


def _padded(name: str, numbers: tuple[int, ...]) -> tuple[object, ...]:
    """Return the numbers as the calendar writes them: 20.04 has two digits."""
    if name == "ubuntu" and len(numbers) > 1:
        return numbers[0], f"{numbers[1]:02}"
    return numbers


def _workflows(tree: Tree) -> Iterator[Lived]:
    for path in tree.paths():
        if not _WORKFLOW.fullmatch(path):
            continue
        try:
            found = document.read(tree.read(path))
        except document.Invalid:
            continue
        for table, node in _nodes(found):
            version = node.text
            if table == "node":
                major = _MAJOR.fullmatch(node.text)
                version = major[1] if major else ""
            exact = table != "runner" or version in lifecycles.known()[table].cycles
            if version and exact:
                line = splices.line_of(found.data, node.start)
                yield Lived("action", table, version, path, line)


def _nodes(found: document.Document) -> Iterator[tuple[str, Node]]:
    """Yield what names a runner, also in a matrix, and the Node.js of a step."""
    for job in workflow.jobs(found):
        if runs := job.value.get("runs-on"):
            yield from (("runner", n) for n in runs.walk() if n.kind == "scalar")
        strategy = job.value.get("strategy")
        if matrix := strategy.get("matrix") if strategy else None:
            yield from (("runner", n) for n in matrix.walk() if n.kind == "scalar")
        for step in workflow.steps(job.value):
            given = step.get("with")
            if given and (version := given.get("node-version")):
                yield "node", version


def _django(tree: Tree) -> Iterable[Lived]:
    """Yield where Django is asked for in a version, or in nothing above one series."""
    for _, requirement in inventory.read(tree).by_name().get("django", ()):
        clauses = requirement.clauses
        if "|" in requirement.section or not project.is_own(requirement.path):
            continue  # A factor of tox is there to test with that very version.
        lowest = versions.floor(clauses)
        capped = versions.is_bounded(clauses)
        if lowest is None or not capped:
            continue
        known = list(lifecycles.known()["django"].cycles)
        series = [v for v in known if _is_admitted(requirement.specifier, v)]
        if series and not _is_admitted(requirement.specifier, _behind(known[-1])):
            yield Lived("package", "django", series[-1], requirement.path, requirement.line)


def _behind(series: str) -> str:
    """Return the series of Django that comes after one: a new major version follows every x.2."""
    major, minor = map(int, series.split("."))
    return f"{major}.{minor + 1}" if minor < _LAST_MINOR else f"{major + 1}.0"


def _is_admitted(specifier: str, series: str) -> bool:
    return any(
        versions.admits_text(specifier, v) for n in range(60) if (v := versions.parsed(f"{series}.{n}"))
    )
