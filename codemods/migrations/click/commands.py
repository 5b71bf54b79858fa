"""Tells which names of a module certainly stand for groups of commands."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods import instances, names

_CLASSES = frozenset(
    f"{home}.{name}"
    for home in ("click", "click.core")
    for name in ("Group", "MultiCommand", "CommandCollection")
)
_MAKERS = frozenset(("click.group", "click.decorators.group"))


def is_group(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an expression certainly is a group: a new one, or a function that is decorated as one."""
    if instances.of(node, module, _CLASSES):
        return True
    known = names.of(module)
    if not isinstance(node, cst.Name) or not known.bound_once(node) or not known.at_top(node):
        return False
    functions = (f for f in module.body if isinstance(f, cst.FunctionDef))
    return any(f.name.value == node.value and _is_decorated(f.decorators, module) for f in functions)


def _is_decorated(decorators: Sequence[cst.Decorator], module: cst.Module) -> bool:
    """Say whether a decorator makes a group, and those above it are of click, which hand it on."""
    for decorator in decorators:
        called = decorator.decorator
        func = called.func if isinstance(called, cst.Call) else called
        full = names.of(module).qualified(func) or ""
        if full in _MAKERS:
            return True
        if isinstance(func, cst.Attribute) and func.attr.value == "group":
            return is_group(func.value, module)
        if not full.startswith("click."):
            return False
    return False
