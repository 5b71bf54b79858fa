"""An asynchronous Redis client is closed with `aclose()`; `close()` warns since redis-py 5.0.1.

Where warnings are errors it fails. The two are the same: the old name calls the new one. Only what certainly is a
client (or its `pubsub`) of `redis.asyncio` is rewritten: a name that is bound once, to a new client or annotated
as one, or an attribute of `self` that the module sets to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import certain, guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Close asynchronous Redis clients with aclose()",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A stand-in of a test that only has `close()` has to follow; with the library itself it is the same.",
    references=(
        "https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html",
        "https://github.com/redis/redis-py/pull/2898",
    ),
    needles=(b"redis",),
    pattern=rb"\bawait\s[^\n]*\.close\(",
    minutes=2,
    crosses=">=5.0.1",
    since="5.0.1",
)

_HOMES = ("redis.asyncio", "redis.asyncio.client")
_CLASSES = frozenset(f"{home}.{name}" for home in _HOMES for name in ("Redis", "StrictRedis"))
_MAKERS = frozenset((*_CLASSES, *(f"{c}.from_url" for c in _CLASSES), "redis.asyncio.from_url"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that closes its clients by the new name."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for awaited in nodes.of(module).all(cst.Await):
        call = awaited.expression
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            continue
        func = call.func
        if func.attr.value == "close" and not guards.for_some_versions(call, module):
            if _is_client(func.value, module):
                changes[func.attr] = nodes.to(cst.Name("aclose"))
    return nodes.replaced(module, changes)


def _is_client(node: cst.BaseExpression, module: cst.Module) -> bool:
    if isinstance(node, cst.Name):
        found = certain.bindings(node, module) if names.of(module).bound_once(node) else []
        return len(found) == 1 and _binds(found[0], module)
    if (
        not isinstance(node, cst.Attribute)
        or not isinstance(node.value, cst.Name)
        or node.value.value != "self"
    ):
        return False
    given = list(_given(node, module))
    return any(value and _makes(value, module) for value in given) and all(
        value and (_makes(value, module) or _is_none(value)) for value in given
    )


def _binds(found: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether an assignment or a parameter binds a client, by its value or by its annotation."""
    if isinstance(found, cst.Param | cst.AnnAssign) and found.annotation:
        return names.of(module).qualified(found.annotation.annotation) in _CLASSES
    return isinstance(found, cst.Assign) and _makes(found.value, module)


def _makes(value: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an expression is a new client, waited for or not, or its pubsub."""
    if isinstance(value, cst.Await):
        value = value.expression
    if isinstance(value, cst.Call):
        func = value.func
        if names.of(module).qualified(func) in _MAKERS:
            return True
        return (
            isinstance(func, cst.Attribute) and func.attr.value == "pubsub" and _is_client(func.value, module)
        )
    return False


def _given(node: cst.Attribute, module: cst.Module) -> Iterator[cst.BaseExpression | None]:
    """Yield each value that the module gives to an attribute of this name; None: it cannot be told."""
    seen = nodes.of(module)
    for target in seen.all(cst.Attribute):
        holder = seen.above[target]
        if target.attr.value != node.attr.value or (
            isinstance(holder, cst.Attribute) and holder.value is target
        ):
            continue
        if isinstance(holder, cst.AssignTarget):
            assign = seen.above[holder]
            yield assign.value if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
        elif isinstance(holder, cst.AnnAssign) and holder.target is target:
            yield holder.value
        elif isinstance(
            holder, cst.AugAssign | cst.Element | cst.StarredElement | cst.AsName | cst.For | cst.NamedExpr
        ):
            yield None


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"
