"""Finds a name for a new variable: one that a file uses for such things, and that hides nothing there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import libcst as cst

from codemods import imports, nodes, scopes

Binder = cst.ExceptHandler | cst.With


def name(place: cst.CSTNode, seen: nodes.Seen, kind: type[Binder], usual: Iterable[str]) -> str | None:
    """Return the name that ``as`` may bind in a handler or a ``with``: that which the module uses most there.

    ``place`` is the statement (or the handler) that shall bind it, ``usual`` are the names to choose from.
    Its function knows the name at most in other statements of the kind that bind it themselves.
    """
    used = Counter(n for binder in seen.all(kind) for n in _bound(binder))
    imported = {n for node in imports.of(seen.module.body) for n, _ in scopes.imports(node)}
    by_use = sorted((n for n in usual if n not in imported), key=lambda n: -used[n])
    return next((n for n in by_use if _is_free(n, place, seen, kind)), None)


def _bound(binder: Binder) -> list[str]:
    items = binder.items if isinstance(binder, cst.With) else [binder]
    targets = (item.asname if isinstance(item, cst.WithItem) else item.name for item in items)
    return [name for target in targets if target for name in scopes.bound_by(target.name)]


def _is_free(name: str, place: cst.CSTNode, seen: nodes.Seen, kind: type[Binder]) -> bool:
    home = _home(place, seen)
    if home is seen.module and any(isinstance(n.names, cst.ImportStar) for n in imports.of(seen.module.body)):
        return False
    apart = {place, *seen.ancestors(place)}
    for node in seen.all(cst.Name):
        if node.value != name or _is_no_variable(node, seen):
            continue
        outside = list(seen.ancestors(node))
        binders = (n for n in outside if isinstance(n, kind) and name in _bound(n))
        if home in outside and (place in outside or apart.issuperset(binders)):
            return False
    return True


def _home(place: cst.CSTNode, seen: nodes.Seen) -> cst.CSTNode:
    """Return the function in which a name is bound, or else the module: classes share its names."""
    function = seen.within(place, cst.FunctionDef, cst.ClassDef)
    return function if isinstance(function, cst.FunctionDef) else seen.module


def _is_no_variable(node: cst.Name, seen: nodes.Seen) -> bool:
    above = seen.above[node]
    return (isinstance(above, cst.Attribute) and above.attr is node) or (
        isinstance(above, cst.Arg) and above.keyword is node
    )
