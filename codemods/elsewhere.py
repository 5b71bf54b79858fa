"""Tells what of the standard library a repository has from elsewhere: from itself, or from a distribution."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from codemods import inventory
from codemods.boundaries import Boundary
from codemods.model import Tree


def left(boundary: Boundary, tree: Tree) -> Boundary:
    """Return what of a boundary concerns a repository: nothing that it has from elsewhere.

    A module of its own hides the standard one where scripts find it first, and a distribution that it
    requires can bring a module back.
    """
    required = {r.name for manifest in inventory.read(tree).manifests for r in manifest.requirements}
    own = _own(tree)
    changes = tuple(c for c in boundary.changes if _top(c.name) not in own and required.isdisjoint(c.unless))
    notes = tuple(n for n in boundary.notes if own.isdisjoint(map(_top, n.uses)))
    named = (*(change.name for change in changes), *(name for note in notes for name in note.uses))
    return replace(boundary, modules=tuple(dict.fromkeys(map(_top, named))), changes=changes, notes=notes)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _own(tree: Tree) -> frozenset[str]:
    """Return the names of the modules and packages of a tree that lie in no package."""
    paths = [path for path in tree.paths() if path.endswith(".py")]
    packages = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == "__init__.py"}
    modules = {path.removesuffix(".py") for path in paths} | packages
    return frozenset(posixpath.basename(m) for m in modules if posixpath.dirname(m) not in packages)
