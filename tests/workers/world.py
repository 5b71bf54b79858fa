"""A local index with a real solver on it, and what the files of a project come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from codemods import registry
from codemods.model import Facts, Finding, Releases
from codemods.tree import Files
from demo.index import LocalIndex
from workers import bench, indexes, prove, solver

UPGRADE = registry.load("codemods.dependencies.upgrade_dependency")
TODAY = date(2026, 11, 24)


class World:
    """A local index with a solver on it, and what a project's files come to."""

    def __init__(self, index: LocalIndex, store: Path, url: str = "", extra: Sequence[str] = ()) -> None:
        """Ask the local index, or another one at ``url``; and before it the extra ones."""
        self.index = index
        self.url, self.extra = url or index.url, extra
        self.solver = solver.on(self.url, store, extra)

    def lookup(self, names: frozenset[str]) -> Mapping[str, Releases]:
        """Ask the indexes."""
        return indexes.answer(names, self.url, extra=self.extra)

    def proven(
        self,
        files: Mapping[str, str],
        pythons: tuple[tuple[int, int], ...] = ((3, 10), (3, 13)),
        release_age: int = 0,
        group: str = "",
    ) -> list[Finding]:
        """Return what would be proposed for some files, all in one group if it has a name."""
        tree = Files({path: text.encode() for path, text in files.items()})
        known = self.lookup(UPGRADE.module.ask(tree))
        facts = Facts(
            today=TODAY, pythons=pythons, releases=known, tools=self.solver.tools, release_age=release_age
        )
        found = list(UPGRADE.module.find(tree, facts))
        found = [replace(f, group=group) for f in found]
        moving = list(dict.fromkeys(f.target for f in found if f.changes))
        targets = [moving] if group else [[name] for name in moving]
        made = bench.Bench(tree, UPGRADE, facts, self.solver, self.lookup)
        return prove.proven(made, targets, found)


def edits(findings: list[Finding]) -> dict[str, dict[str, str]]:
    """Return what would be written, by target and path."""
    made: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.edit and finding.edit.after is not None:
            made.setdefault(finding.target, {})[finding.edit.path] = finding.edit.after.decode()
    return made


def words(findings: list[Finding]) -> list[str]:
    """Return what is said without an edit."""
    return [f.message for f in findings if f.edit is None]
