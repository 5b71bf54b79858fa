"""Schemas of marshmallow 3 are always strict: they return data, or raise, and `strict=` is a `TypeError`.

In marshmallow 2 `load` and `dump` returned a pair, whose `data` everybody asked for. Now the data itself is
what comes. This is done where a schema of this module is certainly asked. Who asked for the `errors`, too,
has to catch `ValidationError`, and is left to a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, derived, guards, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take the data itself from marshmallow's schemas",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Invalid data raises `ValidationError`, which it did in strict schemas only.",
    references=(classes.GUIDE + "#schemas-are-always-strict",),
    needles=(b"strict", b"data"),
    pattern=rb"\bmarshmallow\b",
    minutes=2,
    crosses=">=3",
    alone=False,
)

_RETURNING = frozenset(("load", "loads", "dump", "dumps"))
_OWN = frozenset(("__init__", *_RETURNING))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that takes schemas for strict ones."""
    seen, changes = nodes.of(module), dict[cst.CSTNode, nodes.Change]()
    every = classes.schemas(module)
    for call in seen.all(cst.Call) if every else ():
        if guards.for_some_versions(call, module):
            continue
        if _schema(call, module) and _plain(call) is not call:
            changes[call] = lambda updated: _plain(cst.ensure_type(updated, cst.Call))
        above = seen.above[call]
        if _returns(call, module) and isinstance(above, cst.Attribute) and above.attr.value == "data":
            changes[above] = lambda updated: cst.ensure_type(updated, cst.Attribute).value
    return nodes.replaced(module, changes)


def _plain(call: cst.Call) -> cst.Call:
    """Return a call that makes a schema without saying that it is strict; the same one where it does not."""
    said = arguments.named(call, "strict")
    if said is None or not isinstance(said.value, cst.Name) or said.value.value != "True":
        return call
    return arguments.without(call, list(call.args).index(said)) or call


def _schema(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a call makes a schema of a class that loads and dumps as marshmallow does."""
    own = derived.named(node.func, module) if isinstance(node, cst.Call) else None
    if own is None or own not in classes.schemas(module) or not derived.whole(own, module, classes.SCHEMAS):
        return False
    return not any(_OWN & derived.bound(found) for found in classes.schemas(module))


def _returns(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call certainly asks a schema to load or to dump."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _RETURNING:
        return False
    return _schema(certain.bound_to(func.value, module) or func.value, module)
