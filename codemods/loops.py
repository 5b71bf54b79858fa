"""Tells whether what a loop binds is needed anywhere else, and whether what it goes over is at rest."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import arguments, certain, names, nodes

Loop = cst.For | cst.CompFor

_READ_ALL = frozenset(("locals", "vars", "eval", "exec", "dir", "globals"))
_CONTAINERS = frozenset(("dict", "list", "set", "frozenset", "tuple", "str", "bytes"))
_FRESH_METHODS = frozenset(("items", "keys", "values", "split", "rsplit", "splitlines"))
_FRESH_CALLS = frozenset(("range", "sorted", "dir", "vars"))
_WRAPPERS = frozenset(("enumerate", "zip", "reversed"))
_ITERATORS = frozenset(("enumerate", "zip", "map", "filter", "reversed"))


def each(made: cst.BaseComp) -> Iterator[cst.CompFor]:
    """Yield the loops of a comprehension, the outer ones first."""
    loop: cst.CompFor | None = made.for_in
    while loop is not None:
        yield loop
        loop = loop.inner_for_in


def readers(name: cst.Name, loop: Loop, module: cst.Module) -> list[cst.Name] | None:
    """Return where a name that a loop binds is read; None where somebody else may read it.

    That is so for a name that is ``global`` or ``nonlocal`` somewhere, for one of a class, for one of a
    module that does not open with ``_``, and where a function reads its names as a dict.
    """
    seen, known = nodes.of(module), names.of(module)
    if isinstance(loop, cst.For) and not _is_private(name, loop, seen):
        return None
    uses = (use for use in known.uses(name.value) if known.binds(name, use))
    return [use for use in uses if not _is_bound(use, seen)]


def _is_private(name: cst.Name, loop: cst.For, seen: nodes.Seen) -> bool:
    """Say whether only one function can read a name, or one module that lets it open with ``_``."""
    if names.of(seen.module).shared(name.value):
        return False
    function = seen.function(loop)
    if function is None:
        return name.value.startswith("_") and seen.within(loop, cst.ClassDef) is None
    return not any(isinstance(n, cst.Name) and n.value in _READ_ALL for n in nodes.walk(function))


def _is_bound(use: cst.CSTNode, seen: nodes.Seen) -> bool:
    """Say whether a name stands where it is bound, and not where it is read."""
    outer = seen.above[use]
    while isinstance(outer, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        use, outer = outer, seen.above[outer]
    if isinstance(outer, cst.For | cst.CompFor):
        return outer.target is use
    return isinstance(outer, cst.AssignTarget | cst.AsName)


def over_container(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether what a loop goes over is certainly no iterator: another reader begins anew.

    Beside what `certain` knows, that is what a few methods return, and a variable that its scope binds once
    and also reads by an index or asks for its length.
    """
    if certain.type_of(node, module) in _CONTAINERS:
        return True
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute):
            return node.func.attr.value in _FRESH_METHODS and not any(
                isinstance(n, cst.NamedExpr | cst.Await | cst.Yield) for n in nodes.walk(node)
            )
        called = names.of(module).builtin(node.func)
        if called in _WRAPPERS and not arguments.starred(node):
            return all(over_container(arg.value, module) for arg in node.args)
        return called in _FRESH_CALLS
    return isinstance(node, cst.Name) and _is_measured(node, module)


def may_be_measured(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether it does nothing to ask for the length of what a loop goes over, as ``list`` does."""
    called = names.of(module).builtin(node.func) if isinstance(node, cst.Call) else None
    return called in _ITERATORS or over_container(node, module)


def listed(node: cst.BaseExpression) -> cst.Call | None:
    """Return the call that makes a list of what `may_be_measured`; None where that looks needless itself."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "sorted":
        return node
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and "split" in node.func.attr.value
    ):
        return None
    return cst.Call(cst.Name("list"), [cst.Arg(node)])


def _is_measured(node: cst.Name, module: cst.Module) -> bool:
    known, above = names.of(module), nodes.of(module).above
    if not known.bound_once(node):
        return False
    for use in known.uses(node.value):
        parent = above[use]
        if not known.binds(use, node):
            continue
        if isinstance(parent, cst.Subscript) and parent.value is use:
            return True
        outer = above[parent]
        if isinstance(parent, cst.Arg) and isinstance(outer, cst.Call) and known.builtin(outer.func) == "len":
            return True
    return False
