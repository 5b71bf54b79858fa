"""httpx 0.28 takes an application by its transport; the argument `app=` raises `TypeError` there.

`AsyncClient(app=app)` was short for `AsyncClient(transport=ASGITransport(app=app))`, and `Client(app=app)`
for the same with `WSGITransport`. A call that has a transport already stays.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, guards, layout, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts
from codemods.reach import Way

ABOUT = About(
    title="Give httpx an application as version 0.28 takes it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: httpx made the same transport itself.",
    references=("https://github.com/encode/httpx/blob/master/CHANGELOG.md",),
    needles=(b"app",),
    pattern=rb"\bhttpx\b",
    minutes=3,
    crosses=">=0.28",
    since="0.23",
)

_TRANSPORTS = {"httpx.AsyncClient": "httpx.ASGITransport", "httpx.Client": "httpx.WSGITransport"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with transports, where a client is given an application."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[Way] = []
    for call in nodes.of(module).all(cst.Call):
        transport = _TRANSPORTS.get(known.qualified(call.func) or "")
        way = reach.to(transport, module) if transport and _has_app_alone(call, module) else None
        if way is not None:
            change = partial(_with_transport, way)
            changes[call] = layout.fitted(module, call, change) or partial(_changed, change)
            ways.append(way)
    return reach.brought(nodes.replaced(module, changes), ways)


def _has_app_alone(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a client is given an application and no transport, as far as all of it is seen."""
    app = arguments.named(call, "app")
    if app is None or arguments.starred(call) or guards.for_some_versions(call, module):
        return False
    return arguments.named(call, "transport") is None


def _with_transport(way: Way, call: cst.Call) -> cst.Call:
    app = arguments.named(call, "app")
    if app is None:
        return call
    made = cst.Call(way.expression.deep_clone(), [arguments.keyword("app", app.value)])
    return call.with_deep_changes(app, keyword=cst.Name("transport"), value=made)


def _changed(change: layout.CallChange, updated: cst.CSTNode) -> cst.CSTNode:
    return change(cst.ensure_type(updated, cst.Call))
