"""Leave what gets no more fixes in time: a database, a system or a runner is not changed in an afternoon.

From the day of its last fix on, every weakness that is found in it stays. A runner that GitHub takes away is
worse yet: from that day on its jobs fail. The days are known years before, and forgotten as long.

This names what is used and ends within the option's days, or has ended: images of PostgreSQL, Redis, Node.js,
Debian and Ubuntu, the systems of Python's own images, runners of GitHub Actions, the Node.js of workflows,
and Django. Nothing is edited: data has to be moved, code has to be looked at, and when is for people to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from codemods import document, inventory, lifecycles, project, splices, tags, versions, workflow
from codemods.document import Node
from codemods.manifests.model import Reference
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
_IMAGES = {"postgres": "postgres", "redis": "redis", "node": "node", "debian": "debian", "ubuntu": "ubuntu"}
_WORD = re.compile(r"[a-z]+")
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_LAST_MINOR = 2
_MAJOR = re.compile(r"v?(\d+)(?:\.(?:x|\d+))*")

_Used = tuple[str, str, str, int]
"""The table of the calendar, the version, the path and the line of something that is used."""


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: the calendar is here."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what ends soon or has ended, each place once."""
    soon = facts.today + timedelta(int(facts.options["days"]))
    for table, version, path, line in dict.fromkeys((*_images(tree), *_workflows(tree), *_django(tree))):
        product = lifecycles.known()[table]
        cycle = product.cycle(version)
        if cycle is None or cycle.ends > soon:
            continue
        words = _words(table, cycle.ends, facts.today)
        message = f"{product.name} {cycle.version} {words} ([source]({product.source}))"
        yield Finding(_ID, path, line, message, target=table, ends=cycle.ends.isoformat())


def _words(table: str, ends: date, today: date) -> str:
    if table == "runner":
        return f"is taken away on {ends}" if today < ends else f"was taken away on {ends}"
    return lifecycles.last_fix(ends, today)


def _images(tree: Tree) -> Iterator[_Used]:
    for manifest in inventory.read(tree).manifests:
        if not project.is_own(manifest.path):
            continue
        for reference in manifest.references:
            if reference.address.startswith("image+docker.io/library/"):
                yield from ((t, v, manifest.path, reference.line) for t, v in _image(reference))


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


def _workflows(tree: Tree) -> Iterator[_Used]:
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
                yield table, version, path, splices.line_of(found.data, node.start)


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


def _django(tree: Tree) -> Iterable[_Used]:
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
            yield "django", series[-1], requirement.path, requirement.line


def _behind(series: str) -> str:
    """Return the series of Django that comes after one: a new major version follows every x.2."""
    major, minor = map(int, series.split("."))
    return f"{major}.{minor + 1}" if minor < _LAST_MINOR else f"{major + 1}.0"


def _is_admitted(specifier: str, series: str) -> bool:
    return any(
        versions.admits_text(specifier, v) for n in range(60) if (v := versions.parsed(f"{series}.{n}"))
    )
