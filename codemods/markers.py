"""Takes markers off tests, and the imports that only they needed."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from codemods import leftovers, nodes

Marked = cst.FunctionDef | cst.ClassDef


def without(module: cst.Module, goes: Callable[[cst.Call], bool]) -> cst.Module:
    """Return the module without the markers that ``goes`` names; one with a comment of its own stays.

    Only what is called can go: what else it says is for ``goes`` to judge.
    """
    seen = nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    marked: list[Marked] = [*seen.all(cst.FunctionDef), *seen.all(cst.ClassDef)]
    for node in marked:
        gone = {d for d in node.decorators if isinstance(d.decorator, cst.Call) and goes(d.decorator)}
        gone = {d for d in gone if not _is_spoken_of(d, node)}
        if gone:
            changes[node] = _without(gone, node)
    return leftovers.tidied(module, nodes.replaced(module, changes)) if changes else module


def _is_spoken_of(decorator: cst.Decorator, node: Marked) -> bool:
    """Say whether a comment stands beside a decorator, or right above the first one."""
    above = node.leading_lines if decorator is node.decorators[0] else ()
    said = [line.comment.value for line in above if line.comment]
    return not all(map(leftovers.for_tools, (*said, *nodes.comments(decorator))))


def _without(gone: set[cst.Decorator], node: Marked) -> nodes.Change:
    kept = [n for n, d in enumerate(node.decorators) if d not in gone]

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.FunctionDef | cst.ClassDef)  # noqa: S101 -- it was one
        return updated.with_changes(decorators=[updated.decorators[n] for n in kept])

    return change
