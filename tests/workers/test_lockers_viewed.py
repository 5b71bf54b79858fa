"""The lock files of poetry, pdm, pipenv and PEP 751: written again by the real tools on a local index.

The tools come from the package index; all that is locked comes from a local one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from uv import find_uv_bin

from codemods.model import Releases
from demo.index import LocalIndex
from tests.workers.world import World, edits, words
from workers import indexes, sandbox, solver

pytestmark = pytest.mark.index

PYTHONS = ((3, 11), (3, 13))
POETRY = """\
[tool.poetry]
name = "shop"
version = "1"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.11"
{}
"""
PROJECT = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = [{}]
"""
PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
{}
"""


@dataclass(frozen=True)
class Kind:
    """A tool: how its project is written, how it locks and how it checks, and what it is told of an index."""

    source: str
    text: str
    lock: str
    needs: str
    writes: tuple[str, ...]
    checks: tuple[str, ...]
    variable: str

    def files(self, needs: Mapping[str, str]) -> dict[str, str]:
        """Return the project that needs some names, each with its specifier."""
        separator = ", " if self.text == PROJECT else "\n"
        return {self.source: self.text.format(separator.join(self.needs.format(*n) for n in needs.items()))}


_MIRROR = "--with=poetry-plugin-pypi-mirror"
_OLD = ("--from=poetry==1.8.5", _MIRROR, "poetry")
_NEW = ("--from=poetry==2.2.1", _MIRROR, "poetry")
_PDM = ("--from=pdm==2.26.9", "--with=hishel<1.3", "--with=unearth<0.19", "pdm")
_PIPENV = ("--from=pipenv==2026.10.3", "pipenv")
KINDS = {
    "poetry 1": Kind(
        "pyproject.toml",
        POETRY,
        "poetry.lock",
        '{} = "{}"',
        (*_OLD, "lock"),
        (*_OLD, "check", "--lock"),
        "POETRY_PYPI_MIRROR_URL",
    ),
    "poetry 2": Kind(
        "pyproject.toml",
        POETRY,
        "poetry.lock",
        '{} = "{}"',
        (*_NEW, "lock"),
        (*_NEW, "check", "--lock"),
        "POETRY_PYPI_MIRROR_URL",
    ),
    "pdm": Kind(
        "pyproject.toml",
        PROJECT,
        "pdm.lock",
        '"{}{}"',
        (*_PDM, "lock"),
        (*_PDM, "lock", "--check"),
        "PDM_PYPI_URL",
    ),
    "pipenv": Kind(
        "Pipfile",
        PIPFILE,
        "Pipfile.lock",
        '{} = "{}"',
        (*_PIPENV, "lock"),
        (*_PIPENV, "verify"),
        "PIPENV_PYPI_MIRROR",
    ),
}


class Viewed(World):
    """Projects with a lock file that a real tool has written from the local index as it is."""

    def __init__(self, index: LocalIndex, folder: Path, store: Path) -> None:
        super().__init__(index, store)
        self.folder, self.store = folder, store
        self.solver = solver.on(self.url, store, tools_url=indexes.PYPI)

    def lookup(self, names: frozenset[str]) -> Mapping[str, Releases]:
        """Ask the local index, which is a mirror of PyPI: some lock files name that."""
        return {name: replace(r, index=indexes.PYPI) for name, r in super().lookup(names).items()}

    def lock(self, kind: Kind, needs: Mapping[str, str]) -> dict[str, str]:
        """Return a project with its lock file."""
        files = kind.files(needs)
        assert self.run(kind, files, kind.writes) == 0
        return {**files, kind.lock: (self.folder / "shop" / kind.lock).read_text()}

    def accepts(self, kind: Kind, files: Mapping[str, str]) -> bool:
        """Say whether the tool finds its lock file up to date."""
        return self.run(kind, files, kind.checks) == 0

    def run(self, kind: Kind, files: Mapping[str, str], command: tuple[str, ...]) -> int:
        place, home = self.folder / "shop", self.folder / "home"
        place.mkdir(exist_ok=True)
        for path, text in files.items():
            (place / path).write_text(text)
        given = {
            **sandbox.environment(indexes.PYPI, self.store, home),
            kind.variable: self.url.rstrip("/"),
        }
        words = (find_uv_bin(), "tool", "run", "--quiet", "--no-config", *command)
        return subprocess.run(words, cwd=place, env=given, check=False).returncode

    def compiled(self, files: Mapping[str, str], command: tuple[str, ...]) -> str:
        """Return the pylock.toml that uv makes."""
        place = self.folder / "shop"
        place.mkdir(exist_ok=True)
        for path, text in files.items():
            (place / path).write_text(text)
        given = sandbox.environment(self.url, self.store, self.folder)
        subprocess.run((find_uv_bin(), *command), cwd=place, env=given, check=True)
        return (place / "pylock.toml").read_text()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tools") / "store"


@pytest.fixture
def world(tmp_path: Path, store: Path) -> Iterator[Viewed]:
    with LocalIndex({}) as index:
        yield Viewed(index, tmp_path, store)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_one_distribution_moves_and_its_own_tool_accepts_the_lock_file(world: Viewed, kind: Kind) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank"])
    files = world.lock(kind, {"shelf": ">=1"})
    world.index.release("plank", "1.1")
    world.index.release("shelf", "1.1", requires=["plank"])
    found = world.proven(files, PYTHONS)
    made = edits(found)["shelf"]
    assert list(made) == [kind.lock]
    assert made[kind.lock] != files[kind.lock].replace("1.0", "1.1")
    assert world.accepts(kind, {**files, **made})


@pytest.mark.parametrize("name", ["poetry 2", "pdm", "pipenv"])
def test_who_is_in_the_way_is_named(world: Viewed, name: str) -> None:
    kind = KINDS[name]
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = world.lock(kind, {"plank": ">=1", "shelf": ">=1"})
    world.index.release("plank", "2.0")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert words(found) == [
        f"`plank` 2.0 does not install here: `shelf` 1.0 in `{kind.source}` wants `plank<2`"
    ]


@pytest.mark.parametrize("name", ["poetry 2", "pdm", "pipenv"])
def test_what_has_to_move_along_is_told(world: Viewed, name: str) -> None:
    kind = KINDS[name]
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    world.index.release("screw", "1.0")
    files = world.lock(kind, {"shelf": ">=1", "screw": ">=1"})
    world.index.release("plank", "2.0")
    world.index.release("screw", "2.0")
    world.index.release("shelf", "2.0", requires=["plank>=2"])
    found = world.proven(files, PYTHONS)
    assert "`shelf` 1.0 → 2.0, and with it `plank` 1.0 → 2.0" in [f.message for f in found]
    assert world.accepts(kind, {**files, **edits(found)["shelf"]})


@pytest.mark.parametrize("name", ["poetry 2", "pdm"])
def test_a_distribution_without_a_wheel_stays_as_it_is_and_is_not_built(world: Viewed, name: str) -> None:
    kind = KINDS[name]
    world.index.release("plank", "1.0")
    world.index.release("screw", "1.0", requires=["plank"])
    world.index.release("shelf", "1.0")
    files = world.lock(kind, {"shelf": ">=1", "screw": ">=1"})
    project = world.index.projects["screw"]
    project["files"] = [f for f in project["files"] if not f["filename"].endswith(".whl")]
    lines = files[kind.lock].splitlines(keepends=True)
    files[kind.lock] = "".join(line for line in lines if "screw-1.0-py3" not in line)
    world.index.release("shelf", "1.1")
    made = edits(world.proven(files, PYTHONS))["shelf"]
    assert "screw-1.0.tar.gz" in made[kind.lock]
    assert "screw-1.0-" not in made[kind.lock]
    assert world.accepts(kind, {**files, **made})


def test_pylock_toml_is_compiled_again_as_its_header_says(world: Viewed) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = {"pyproject.toml": PROJECT.format('"shelf>=1"')}
    command = ("pip", "compile", "--quiet", "--python-version=3.11", "-o", "pylock.toml", "pyproject.toml")
    lock = world.compiled(files, command)
    world.index.release("plank", "1.1")
    world.index.release("shelf", "1.1", requires=["plank<2"])
    made = edits(world.proven({**files, "pylock.toml": lock}, PYTHONS))["shelf"]
    assert list(made) == ["pylock.toml"]
    changed = set(made["pylock.toml"].splitlines()) - set(lock.splitlines())
    assert {line for line in changed if "version" in line} == {'version = "1.1"'}
    assert 'name = "plank"\nversion = "1.0"\n' in made["pylock.toml"]
    assert world.compiled({**files, "pylock.toml": made["pylock.toml"]}, command) == made["pylock.toml"]
    world.index.release("plank", "2.0")
    world.index.release("shelf", "2.0", requires=["plank>=2"])
    world.solver = solver.on(world.url, world.store)  # one solver knows an index as it was
    found = world.proven({**files, "pylock.toml": lock}, PYTHONS)
    assert "`shelf` 1.0 → 2.0, and with it `plank` 1.0 → 2.0" in [f.message for f in found]
