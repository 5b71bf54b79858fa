"""Tells which objects of a module certainly are loggers of the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from codemods import names, nodes

_MAKERS = frozenset(("logging.getLogger", "celery.utils.log.get_task_logger"))


@dataclass(frozen=True, eq=False)
class _Made:
    """The targets that are given a logger, and whether the module has a class of loggers of its own."""

    targets: tuple[cst.BaseExpression, ...]
    own_class: bool


def method(call: cst.Call, module: cst.Module) -> str | None:
    """Return the name of the method of a logger that a call is of, or None.

    A logger is what `logging.getLogger` returns, a name that its scope binds once to that, or an attribute
    of ``self`` that gets nothing else in the class.
    """
    if not isinstance(call.func, cst.Attribute):
        return None
    return call.func.attr.value if is_logger(call.func.value, module) else None


def function(call: cst.Call, module: cst.Module) -> str | None:
    """Return the name of the function of `logging` that a call is of, as in ``logging.info``, or None."""
    if not isinstance(call.func, cst.Attribute):
        return None
    is_logging = names.of(module).qualified(call.func.value) == "logging"
    return call.func.attr.value if is_logging else None


def is_logger(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is a logger of the standard library."""
    made = _made(module)
    if made.own_class:
        return False
    known = names.of(module)
    if isinstance(node, cst.Name):
        named = (t for t in made.targets if isinstance(t, cst.Name) and t.value == node.value)
        return any(known.binds(target, node) for target in named) and known.bound_once(node)
    if isinstance(node, cst.Attribute):
        return _is_attribute(node, made, module)
    return _makes(node, known)


def own(module: cst.Module) -> cst.Name | None:
    """Return the target that gets the module's own logger, ``logging.getLogger(__name__)``, or None."""
    known = names.of(module)
    for line in module.body:
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            target, value = nodes.assigned(node)
            if isinstance(target, cst.Name) and isinstance(value, cst.Call) and _makes(value, known):
                named = [arg.value for arg in value.args]
                if len(named) == 1 and isinstance(named[0], cst.Name) and named[0].value == "__name__":
                    return target if is_logger(target, module) else None
    return None


def _makes(node: cst.BaseExpression | None, known: names.Names) -> bool:
    return isinstance(node, cst.Call) and known.qualified(node.func) in _MAKERS


@lru_cache(maxsize=2)
def _made(module: cst.Module) -> _Made:
    known, seen = names.of(module), nodes.of(module)
    given = (nodes.assigned(n) for kind in (cst.Assign, cst.AnnAssign) for n in seen.all(kind))
    targets = tuple(target for target, value in given if target is not None and _makes(value, known))
    attributes = (n.attr.value for n in seen.all(cst.Attribute))
    own_class = "setLoggerClass" in attributes or bool(known.uses("setLoggerClass"))
    return _Made(targets, own_class)


def _is_attribute(node: cst.Attribute, made: _Made, module: cst.Module) -> bool:
    """Say whether an attribute of a method's first parameter gets a logger, and nothing else in its class."""
    found = _class_of(node.value, module)
    if found is None:
        return False
    given = list(_given(found, node.attr.value))
    return bool(given) and all(target in made.targets for target in given)


def _class_of(owner: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the class of the method whose first parameter a name is, and stays."""
    known, seen = names.of(module), nodes.of(module)
    if not isinstance(owner, cst.Name) or not known.bound_once(owner):
        return None
    for outer in seen.ancestors(owner):
        if isinstance(outer, cst.FunctionDef) and known.binds(outer, owner):
            parameters = (*outer.params.posonly_params, *outer.params.params)
            block = seen.above[outer]
            holder = seen.above.get(block)
            is_first = bool(parameters) and parameters[0].name.value == owner.value
            return holder if is_first and isinstance(holder, cst.ClassDef) and not _is_static(outer) else None
    return None


def _is_static(function: cst.FunctionDef) -> bool:
    decorators = (d.decorator for d in function.decorators)
    return any(isinstance(d, cst.Name) and d.value == "staticmethod" for d in decorators)


def _given(found: cst.ClassDef, name: str) -> Iterator[cst.CSTNode]:
    """Yield what binds an attribute of this name in a class: targets, and methods and classes in its body."""
    for node in nodes.walk(found.body):
        if isinstance(node, _BINDING):
            target = node.name if isinstance(node, cst.AsName) else node.target
            yield from (
                t for t in nodes.walk(target) if isinstance(t, cst.Attribute) and t.attr.value == name
            )
    for line in found.body.body:
        if isinstance(line, cst.FunctionDef | cst.ClassDef) and line.name.value == name:
            yield line
        for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            named, _ = nodes.assigned(part)
            if isinstance(named, cst.Name) and named.value == name:
                yield named


_BINDING = cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.NamedExpr | cst.AsName | cst.Del
