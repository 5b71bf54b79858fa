"""What a proof is made on: a tree, its state after a change, and who can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from codemods import inventory, locks
from codemods.model import Facts, Tree
from codemods.registry import Improvement
from workers.facts import Lookup
from workers.solver import Solver


@dataclass(frozen=True)
class Bench:
    """What a proof needs: the tree, the improvement with the facts it asked for, and who can be asked."""

    tree: Tree
    improvement: Improvement
    facts: Facts
    solver: Solver
    lookup: Lookup

    @cached_property
    def known(self) -> inventory.Inventory:
        """What the unchanged tree declares."""
        return inventory.read(self.tree)

    @cached_property
    def paths(self) -> Sequence[str]:
        """The files that count: those that declare, and those that lock what is declared."""
        declaring = {m.path for m in self.known.manifests}
        return [p for p in self.tree.paths() if p in declaring or locks.is_lock(p)]


@dataclass(frozen=True)
class Changed:
    """A tree with some files changed; only ``those`` that declare or lock dependencies are in it."""

    tree: Tree
    those: Sequence[str]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def paths(self) -> Sequence[str]:
        """Return the paths of those files, sorted."""
        return self.those

    def read(self, path: str) -> bytes:
        """Return a file as it is after the change."""
        return self.files[path] if path in self.files else self.tree.read(path)

    def identity(self, path: str) -> str:
        """Return the git blob id that a file had before."""
        return self.tree.identity(path)
