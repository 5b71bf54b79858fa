"""Python 3.11 took `inspect.getargspec` away; `getfullargspec` begins with the same four parts.

The old function raises `AttributeError` there. It asked the new one, and refused functions with annotations
or with parameters that are given by keyword alone. A call is rewritten where it can be seen what is taken of
its result: an attribute, a part by its number, or all four parts at once.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, guards, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask inspect for the full specification of arguments",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A function with annotations, for which the old one raised `ValueError`, is described.",
    references=("https://docs.python.org/3/library/inspect.html#inspect.getfullargspec",),
    needles=(b"getargspec",),
    pattern=rb"\binspect\b",
    minutes=4,
    crosses=">=3.11",
    since="3.0",
)

_OLD, _NEW = "inspect.getargspec", "inspect.getfullargspec"
_PARTS = 4
_ATTRIBUTES = frozenset(("args", "varargs", "keywords", "defaults"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that asks the function that is left, where all of its uses can follow."""
    seen, known = nodes.of(module), names.of(module)
    uses = [n for n in seen.all(cst.Name, cst.Attribute) if known.qualified(n) == _OLD and _is_whole(n, seen)]
    texts: dict[cst.CSTNode, str] = {}
    for use in uses:
        call = seen.above[use]
        if not isinstance(call, cst.Call) or call.func is not use or guards.for_some_versions(call, module):
            return module
        taken = _taken(call, module)
        if taken is None:
            return module
        texts |= taken
    changed = alignment.renamed(module, texts) if texts else module
    changed = _with_slices(changed)
    return renamed.names_in(changed, {_OLD: _NEW}) if uses else module


def _is_whole(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    return not isinstance(seen.above.get(node), cst.ImportAlias)


def _taken(call: cst.Call, module: cst.Module) -> dict[cst.CSTNode, str] | None:
    """Return what is renamed of the parts that are taken of a result; None where it cannot be seen."""
    outer = nodes.of(module).above[call]
    target, value = nodes.assigned(outer)
    if value is call and isinstance(target, cst.Name):
        return _taken_later(target, module)
    if value is call:
        return {} if _is_unpacked(target) else None
    return _part(call, outer)


def _is_unpacked(target: cst.BaseExpression | None) -> bool:
    if not isinstance(target, cst.Tuple | cst.List):
        return False
    return len(target.elements) == _PARTS and all(isinstance(e, cst.Element) for e in target.elements)


def _taken_later(target: cst.Name, module: cst.Module) -> dict[cst.CSTNode, str] | None:
    seen, known = nodes.of(module), names.of(module)
    if not known.bound_once(target):
        return None
    texts: dict[cst.CSTNode, str] = {}
    for use in known.uses(target.value):
        if use is target or not known.binds(target, use):
            continue
        part = _part(use, seen.above[use])
        if part is None:
            return None
        texts |= part
    return texts


def _part(value: cst.CSTNode, outer: cst.CSTNode) -> dict[cst.CSTNode, str] | None:
    """Return what is renamed of one part that is taken of a value; None for anything else."""
    if isinstance(outer, cst.Attribute) and outer.value is value and outer.attr.value in _ATTRIBUTES:
        return {outer.attr: "varkw"} if outer.attr.value == "keywords" else {}
    if not isinstance(outer, cst.Subscript) or outer.value is not value or len(outer.slice) != 1:
        return None
    index = outer.slice[0].slice
    is_number = isinstance(index, cst.Index) and isinstance(index.value, cst.Integer)
    return {} if is_number and int(cst.ensure_type(index, cst.Index).value.value) < _PARTS else None  # type: ignore[attr-defined]  # an integer


def _with_slices(module: cst.Module) -> cst.Module:
    """Return a module that takes four parts of each result that it unpacks into four names."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for assign in nodes.of(module).all(cst.Assign):
        target, value = nodes.assigned(assign)
        is_asked = isinstance(value, cst.Call) and known.qualified(value.func) == _OLD
        if value is not None and is_asked and _is_unpacked(target):
            changes[value] = _first_parts
    return nodes.replaced(module, changes)


def _first_parts(updated: cst.CSTNode) -> cst.CSTNode:
    upper = cst.Slice(lower=None, upper=cst.Integer(str(_PARTS)))
    return cst.Subscript(cst.ensure_type(updated, cst.Call), [cst.SubscriptElement(upper)])
