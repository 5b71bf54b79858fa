"""Reads every place of a tree where a version of Python is written, and says where they disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath

from codemods import places, project, pythons, splices
from codemods.document import line_start
from codemods.model import Tree
from codemods.pythons import Minor
from codemods.version_places import (
    code_files,
    ini_files,
    plain_files,
    toml_files,
    workflow_files,
    writing,
    yaml_files,
)
from codemods.version_places.model import Place, Role

_LARGEST = 1024 * 1024
_GENERATED = "its first lines say that a program writes it"
_HOLDS = (b"kotsu: hold", b"kotsu:hold", b"kotsu: ignore")

Reader = Callable[[str, bytes], list[Place]]
_READERS: Sequence[tuple[tuple[str, ...], Reader]] = tuple(
    (module.FILES, module.read)
    for module in (code_files, ini_files, plain_files, toml_files, workflow_files, yaml_files)
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A place that cannot be true together with the lowest Python that the repository declares."""

    place: Place
    floor: Minor

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence for people."""
        said, floor = pythons.text(self.place.minor), pythons.text(self.floor)
        return f"{self.place.what} says {said}, and the lowest declared Python is {floor}"


def read(tree: Tree) -> tuple[Place, ...]:
    """Return every place of the project's own files, in the order of their paths."""
    return tuple(place for path in tree.paths() if _reader(path) for place in _places(tree, path))


@lru_cache(maxsize=100_000)
def _reader(path: str) -> Reader | None:
    if not project.is_own(path):
        return None
    return next((r for globs, r in _READERS if any(_matches(path, glob) for glob in globs)), None)


def _matches(path: str, glob: str) -> bool:
    # GitHub runs the workflows of the root alone.
    name = path if glob.startswith(".github/") else f"/{path}"
    return fnmatchcase(name, glob if name is path else f"*/{glob}")


def _places(tree: Tree, path: str) -> Iterator[Place]:
    data = tree.read(path)
    for place in _read(path, data) if len(data) <= _LARGEST else ():
        end = data.find(b"\n", place.end)
        line = data[line_start(data, place.start) : end if end >= 0 else len(data)]
        held = any(word in line for word in _HOLDS)
        yield replace(place, stuck="a comment holds it") if held else place


@lru_cache(maxsize=1024)
def _read(path: str, data: bytes) -> tuple[Place, ...]:
    reader = _reader(path)
    found = reader(path, data) if reader else ()
    written = places.is_generated(path, data)
    return tuple(replace(place, stuck=_GENERATED) if written else place for place in found)


def line(tree: Tree, place: Place) -> int:
    """Return the number of the line that a place stands on."""
    return splices.line_of(tree.read(place.path), place.start)


def floor(said: Sequence[Place]) -> Minor | None:
    """Return the lowest Python of a repository: as it declares, else as it tests, else as it runs.

    None where nothing says anything.
    """
    for roles in ({Role.DECLARED}, {Role.LISTED}, {Role.RUNS}):
        found = [p.minor for p in said if p.role in roles and not p.kin]
        if found:
            return min(found)
    return None


def floor_at(said: Sequence[Place], path: str) -> Minor | None:
    """Return the lowest Python that a file is about: as declared in its directory, else in one above.

    A repository may hold several projects, each with its own; a file of none is about the lowest of all.
    """
    declared = [p for p in said if p.role is Role.DECLARED and not p.kin]
    for folder in PurePosixPath(path).parents:
        found = [p.minor for p in declared if PurePosixPath(p.path).parent == folder]
        if found:
            return min(found)
    return floor(said)


def contradictions(said: Sequence[Place]) -> list[Contradiction]:
    """Return every place that says something else than the lowest Python; none when all are of one mind.

    What is declared, and what tools write for, says exactly that version; a list that has to hold the lowest
    one begins with it; nothing runs on less, and nothing that people read promises less.
    """
    found: list[Contradiction] = []
    for path, here in by_path(said).items():
        lowest = floor_at(said, path)
        if lowest is not None:
            found += [Contradiction(place, lowest) for place in _against(here, lowest)]
    return sorted(found, key=lambda c: (c.place.path, c.place.start))


def _against(here: Sequence[Place], lowest: Minor) -> list[Place]:
    exact, enough = {Role.DECLARED, Role.TARGET}, {Role.RUNS, Role.TOLD}
    found = [p for p in here if p.role in exact and p.minor != lowest]
    found += [p for p in here if p.role in enough and p.minor < lowest]
    for row, members in writing.rows(here):
        if any(p.minor < lowest for p in members):
            found += [p for p in members if p.minor < lowest]
        elif row.keeps and (plain := [p for p in members if not p.kin]):
            found += [] if any(p.minor == lowest for p in plain) else plain[:1]
    return found


def by_path(said: Sequence[Place]) -> Mapping[str, list[Place]]:
    """Return places by the file that they stand in."""
    found: dict[str, list[Place]] = {}
    for place in said:
        found.setdefault(place.path, []).append(place)
    return found
