"""An asynchronous Redis client is closed with `aclose()`; `close()` warns since redis-py 5.0.1.

Where warnings are errors it fails. The two are the same: the old name calls the new one. Only what certainly
is a client (or its `pubsub`) of `redis.asyncio` is rewritten: a name that is bound once, to a new client or
annotated as one, or an attribute of `self` that the module sets to nothing else.
"""

from __future__ import annotations

import re

import libcst as cst

from codemods import certain, guards, instances, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Close asynchronous Redis clients with aclose()",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A stand-in of a test that only has `close()` has to follow; the client itself does the same.",
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
_TRIED = re.compile(r"deprecated_call|warns|raises|aclose")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that closes its clients by the new name."""
    calls = (awaited.expression for awaited in nodes.of(module).all(cst.Await))
    closed = (call.func for call in calls if isinstance(call, cst.Call))
    changes: dict[cst.CSTNode, nodes.Change] = {
        func.attr: nodes.to(cst.Name("aclose"))
        for func in closed
        if isinstance(func, cst.Attribute) and func.attr.value == "close" and _is_ours(func, module)
    }
    return nodes.replaced(module, changes)


def _is_ours(func: cst.Attribute, module: cst.Module) -> bool:
    """Say whether a client is closed, and neither for one version alone nor to see what the old name does."""
    if guards.for_some_versions(func, module):
        return False
    blocks = (n for n in nodes.of(module).ancestors(func) if isinstance(n, cst.With))
    heads = (module.code_for_node(item) for block in blocks for item in block.items)
    return not any(_TRIED.search(head) for head in heads) and _is_client(func.value, module)


def _is_client(node: cst.BaseExpression, module: cst.Module) -> bool:
    if isinstance(node, cst.Name):
        found = certain.bindings(node, module) if names.of(module).bound_once(node) else []
        return len(found) == 1 and _binds(found[0], module)
    if not isinstance(node, cst.Attribute) or module.code_for_node(node.value) != "self":
        return False
    given = list(instances.given(node, module))
    known = all(value and (_makes(value, module) or _is_none(value)) for value in given)
    return known and not all(value and _is_none(value) for value in given)


def _binds(found: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether an assignment or a parameter binds a client, by its value or by its annotation."""
    if isinstance(found, cst.Param | cst.AnnAssign) and found.annotation:
        return names.of(module).qualified(found.annotation.annotation) in _CLASSES
    return isinstance(found, cst.Assign) and _makes(found.value, module)


def _makes(value: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an expression is a new client, waited for or not, or its pubsub."""
    if isinstance(value, cst.Await):
        value = value.expression
    if not isinstance(value, cst.Call):
        return False
    func = value.func
    if names.of(module).qualified(func) in _MAKERS:
        return True
    return isinstance(func, cst.Attribute) and func.attr.value == "pubsub" and _is_client(func.value, module)


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"
