"""Tells what certainly is an object of some classes, from the module alone."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

import libcst as cst

from codemods import arguments, certain, names, nodes

_OTHER_BINDERS = (cst.AugAssign, cst.Element, cst.StarredElement, cst.AsName, cst.For, cst.NamedExpr)
_DEEPEST = 4


def of(node: cst.BaseExpression, module: cst.Module, classes: Container[str]) -> bool:
    """Say whether a value certainly is an object of one of these classes, by their dotted names.

    A call of the class, a name that its scope binds once (to such a value, by a parameter that is annotated
    so, or by a ``with`` whose context gives itself), an attribute of ``self`` that its class sets, and the
    module to nothing else, and the parameter of a test that a fixture of the module gives it.
    """
    return _of(node, module, classes, _DEEPEST)


def _of(node: cst.BaseExpression, module: cst.Module, classes: Container[str], depth: int) -> bool:
    if isinstance(node, cst.Call):
        return names.of(module).qualified(node.func) in classes
    if isinstance(node, cst.Attribute):
        return _is_of_self(node) and _is_set(node, module, classes)
    if not depth or not isinstance(node, cst.Name) or not names.of(module).bound_once(node):
        return False
    if (context := certain.entered(node, module)) is not None:
        return _of(context, module, classes, depth - 1)
    found = certain.bindings(node, module)
    return len(found) == 1 and _binds(found[0], module, classes, depth)


def _binds(found: cst.CSTNode, module: cst.Module, classes: Container[str], depth: int) -> bool:
    """Say whether an assignment or a parameter binds such an object, by its value or by its annotation."""
    if isinstance(found, cst.Param):
        if found.annotation is None or found.star:
            return not found.star and _is_fixture(found, module, classes)
        return names.of(module).qualified(found.annotation.annotation) in classes
    if (
        isinstance(found, cst.AnnAssign)
        and names.of(module).qualified(found.annotation.annotation) in classes
    ):
        return True
    value = nodes.assigned(found)[1]
    return value is not None and _of(value, module, classes, depth - 1)


def _is_fixture(found: cst.Param, module: cst.Module, classes: Container[str]) -> bool:
    """Say whether a parameter of a test or a fixture is what a fixture at the top of the module returns."""
    known, seen, name = names.of(module), nodes.of(module), found.name.value
    receiver = seen.within(found, cst.FunctionDef)
    if receiver is None or not (receiver.name.value.startswith("test") or _is_decorated(receiver, module)):
        return False
    every = [f for f in seen.all(cst.FunctionDef) if f.name.value == name]
    if len(every) != 1 or every[0] not in module.body or not _is_decorated(every[0], module):
        return False
    # What `parametrize` names comes from there.
    if any(name in re.split(r"[\s,]+", node.raw_value) for node in seen.all(cst.SimpleString)):
        return False
    ends: list[cst.Return | cst.Yield] = [*seen.all(cst.Return), *seen.all(cst.Yield)]
    given = [end.value for end in ends if seen.function(end) is every[0]]
    values = [value for value in given if isinstance(value, cst.BaseExpression)]
    sure = len(values) == len(given) > 0 and known.bindings(name) == 1 + _taken(name, module)
    return sure and all(_of(value, module, classes, _DEEPEST - 1) for value in values)


def _is_decorated(function: cst.FunctionDef, module: cst.Module) -> bool:
    """Say whether a function is a fixture under its own name, and nothing else is made of it."""
    calls = [d.decorator for d in function.decorators]
    named = any(isinstance(c, cst.Call) and arguments.named(c, "name") for c in calls)
    funcs = [c.func if isinstance(c, cst.Call) else c for c in calls]
    return not named and [names.of(module).qualified(func) for func in funcs] == ["pytest.fixture"]


def _taken(name: str, module: cst.Module) -> int:
    """Return how many parameters of the module have a name."""
    return sum(param.name.value == name for param in nodes.of(module).all(cst.Param))


def _is_of_self(node: cst.Attribute) -> bool:
    return isinstance(node.value, cst.Name) and node.value.value == "self"


def _is_set(node: cst.Attribute, module: cst.Module, classes: Container[str]) -> bool:
    """Say whether the class in which an attribute is used sets it, and nothing sets it to anything else."""
    seen, found = nodes.of(module), list(_set(node, module))
    own = seen.within(node, cst.ClassDef)
    is_own = any(seen.within(target, cst.ClassDef) is own for target, _ in found)
    return is_own and all(value is not None and _of(value, module, classes, 0) for _, value in found)


def given(node: cst.Attribute, module: cst.Module) -> Iterator[cst.BaseExpression | None]:
    """Yield each value that the module gives to an attribute of this name; None: it cannot be told."""
    yield from (value for _, value in _set(node, module))


def _set(
    node: cst.Attribute, module: cst.Module
) -> Iterator[tuple[cst.Attribute, cst.BaseExpression | None]]:
    """Yield each attribute of this name that the module sets, with its value."""
    seen = nodes.of(module)
    for target in (n for n in seen.all(cst.Attribute) if n.attr.value == node.attr.value):
        holder = seen.above[target]
        if isinstance(holder, cst.AssignTarget):
            assign = seen.above[holder]
            alone = isinstance(assign, cst.Assign) and len(assign.targets) == 1
            yield target, cst.ensure_type(assign, cst.Assign).value if alone else None
        elif isinstance(holder, cst.AnnAssign) and holder.target is target:
            yield target, holder.value
        elif isinstance(holder, _OTHER_BINDERS):
            yield target, None
