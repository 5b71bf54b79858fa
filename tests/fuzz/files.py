"""Repositories, fuzzed: the pages' cases, strangely changed, as a scan looks at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from codemods import inventory, project, registry, testing
from codemods.testing import Case
from codemods.tree import Files
from tests.codemods import mutations
from tests.fuzz.target import Opening, pure
from workers import config, discover

_MANIFESTS = ("dependencies", "manifests")
_OTHER_PATHS = (
    *("Dockerfile", "docker-compose.yml", ".github/workflows/x.yml", ".github/dependabot.yml", "nginx.conf"),
    *(
        "a.py",
        "b.pyi",
        "setup.cfg",
        "requirements.txt",
        "pyproject.toml",
        "haproxy.cfg",
        "alerts.yml",
        "x.sh",
    ),
    *("docs/\u202e.md", "tests/conftest.py", "Pipfile", "uv.lock", "poetry.lock", "Makefile", "README.md"),
)


@dataclass(frozen=True, slots=True)
class Strange:
    """A case whose files are changed."""

    case: Case
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        """Return what is needed to see it again."""
        return f"{self.case.title!r}: {self.files!r}"


@cache
def _cases(kind: str) -> Sequence[Case]:
    pages = (registry.page(m) for m in registry.ids().values() if registry.kind(m) == kind)
    return tuple(case for page in pages for case in testing.cases(page))


@cache
def _texts(kind: str) -> Sequence[bytes]:
    return tuple(case.before.encode() for case in _cases(kind) if case.before)


@cache
def catalogue() -> discover.Catalogue:
    """Return every improvement, imported once."""
    return registry.catalogue()


def _strange(kind: str, dice: Random) -> Strange:
    case = dice.choice(_cases(kind))
    files = {**case.beside, **({case.path: case.before.encode()} if case.before else {})}
    changed = {path: mutations.strange(data, _texts(kind), dice) for path, data in files.items()}
    if dice.random() < 0.2:
        changed[dice.choice(_OTHER_PATHS)] = dice.choice(_texts(kind))
    return Strange(case, changed)


def _scanned(strange: Strange) -> None:
    tree = Files(strange.files)
    found = discover.run(tree, catalogue(), strange.case.facts, config.defaults())
    bugs = [p for p in found.problems if " failed: " in p.message]
    assert bugs == []


def _manifest(dice: Random) -> Mapping[str, bytes]:
    drawn = [mutations.mutated(dice.choice(inventory.formats()), dice) for _ in range(dice.randint(1, 4))]
    return dict(drawn)


def _inventory(files: Mapping[str, bytes]) -> None:
    tree = Files(files)
    inventory.read(tree)
    project.read(tree)
    discover.ask(tree, catalogue())


def _of(kind: str) -> Opening:
    return pure(lambda dice: _strange(kind, dice), _scanned)


TARGETS: dict[str, Opening] = {
    "manifests and locks": pure(_manifest, _inventory),
    **{f"files: {kind}": _of(kind) for kind in registry.KINDS},
}
