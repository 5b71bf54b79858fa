"""Takes migrations along with an upgrade: which ones, in which order, and what they make of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from packaging.version import Version

from codemods import engine, places, shipped
from codemods.model import Edit, Facts, Finding, Problem, Tree, Upgrade
from codemods.registry import Improvement
from codemods.tree import blob_id


@dataclass(frozen=True)
class Overlaid:
    """A tree some of whose files are others, by path."""

    tree: Tree
    files: Mapping[str, bytes] = field(default_factory=dict)

    def paths(self) -> Sequence[str]:
        """Return every path, sorted."""
        new = self.files.keys() - set(self.tree.paths())
        return sorted((*self.tree.paths(), *new)) if new else self.tree.paths()

    def read(self, path: str) -> bytes:
        """Return a file's bytes as they are now."""
        return self.files[path] if path in self.files else self.tree.read(path)

    def identity(self, path: str) -> str:
        """Return the git blob id that a file has now."""
        return blob_id(self.files[path]) if path in self.files else self.tree.identity(path)

    def edited(self, edits: Iterable[Edit]) -> Overlaid:
        """Return the tree with some files edited further; what is taken away stays readable."""
        new = {edit.path: edit.after for edit in edits if edit.after is not None}
        return Overlaid(self.tree, {**self.files, **new})


Some = TypeVar("Some", bound="Crossing")


class Crossing(Protocol):
    """A migration, whoever wrote it."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def distribution(self) -> str:
        """The normalised name of the distribution that it is about."""

    @property
    def crosses(self) -> Version | None:
        """The version with which the old way stops working."""

    @property
    def since(self) -> Version | None:
        """The lowest version in which the new way works."""


def crossed(migrations: Iterable[Some], upgrade: Upgrade, lowest: Version | None) -> list[Some]:
    """Return the migrations that an upgrade takes along, in the order of their versions.

    ``lowest`` is the lowest version that can be installed afterwards: the new way has to work there too.
    """
    before, after = upgrade.before, upgrade.after
    if before is None or lowest is None:
        return []
    own = [m for m in migrations if m.distribution == upgrade.name]
    fitting = [
        (c, m) for m in own if (c := m.crosses) and m.since and before < c <= after and m.since <= lowest
    ]
    return [m for _, m in sorted(fitting, key=lambda pair: (pair[0], pair[1].id))]


Examine = Callable[[Iterable[engine.Task]], Iterable[engine.Examined]]
"""How tasks are run, here or elsewhere, in any order."""


def here(tasks: Iterable[engine.Task]) -> Iterable[engine.Examined]:
    """Run tasks here, one after the other."""
    return map(engine.examine, tasks)


def applied(
    tree: Overlaid,
    migration: Improvement,
    facts: Facts,
    ignored: Callable[[str], bool],
    examine: Examine = here,
) -> tuple[list[Finding], list[Problem]]:
    """Return what a migration finds in a tree, and the files that it could not judge."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    wanted = ((migration.module.__name__, facts),)
    tasks = (engine.Task(path, data, wanted) for path, data in _read(tree, migration, ignored))
    for examined in sorted(examine(tasks), key=lambda examined: examined.path):
        findings += examined.findings.get(migration.id, ())
        problems += examined.problems
    return findings, problems


def texts(tree: Overlaid, migration: shipped.Migration, ignored: Callable[[str], bool]) -> dict[str, str]:
    """Return the text of each file that somebody else's migration may want to change, by path.

    A large file is not among them: libcst needs a thousand times its size, and what was made of it is
    compared with it line by line.
    """
    found: dict[str, str] = {}
    for path, data in _read(tree, migration, ignored):
        if len(data) <= _LARGEST:
            with suppress(engine.Unreadable):
                found[path] = engine.text(path, data)
    return found


_LARGEST = 256 * 1024


def _read(
    tree: Overlaid, migration: Improvement | shipped.Migration, ignored: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    for path in tree.paths():
        if ignored(path) or not engine.reads(migration, path):
            continue
        data = tree.read(path)
        if not places.is_generated(path, data) and engine.concerns(migration.about, data):
            yield path, data
