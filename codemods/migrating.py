"""Takes migrations along with an upgrade: which ones, in which order, and what they make of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.version import Version

from codemods import engine, places
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


def crossed(migrations: Iterable[Improvement], upgrade: Upgrade, lowest: Version | None) -> list[Improvement]:
    """Return the migrations that an upgrade takes along, in the order of their versions.

    ``lowest`` is the lowest version that can be installed afterwards: the new way has to work there too.
    """
    before, after = upgrade.before, upgrade.after
    if before is None or lowest is None:
        return []
    own = [m for m in migrations if m.distribution == upgrade.name]
    fitting = [m for m in own if m.crosses and m.since and before < m.crosses <= after and m.since <= lowest]
    return sorted(fitting, key=lambda m: (m.crosses, m.id))


def applied(
    tree: Overlaid,
    migration: Improvement,
    facts: Facts,
    ignored: Callable[[str], bool],
) -> tuple[list[Finding], list[Problem]]:
    """Return what a migration finds in a tree, and the files that it could not judge."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    name = migration.module.__name__
    for path in tree.paths():
        if ignored(path) or not engine.reads(migration, path):
            continue
        data = tree.read(path)
        if places.is_generated(path, data) or not engine.needed(data, (name,)):
            continue
        examined = engine.examine(engine.Task(path, data, ((name, facts),)))
        findings += examined.findings.get(migration.id, ())
        problems += examined.problems
    return findings, problems
