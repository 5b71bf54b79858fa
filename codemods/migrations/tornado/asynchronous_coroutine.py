"""Tornado 6 has no `@asynchronous`, and coroutines never needed it: Tornado waits for them anyway.

Above `@gen.coroutine` or an `async def` the decorator did what happens without it: the request ends as soon
as the coroutine does. Nor did a method need it that ends the request itself, in its last line. It goes
there. Elsewhere it says that a callback ends the request, which has to be written as a coroutine, by a
person.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import guards, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave out Tornado's asynchronous above coroutines",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the request ends at the same moment.",
    references=(
        "https://www.tornadoweb.org/en/branch5.1/web.html#tornado.web.asynchronous",
        "https://www.tornadoweb.org/en/stable/releases/v6.0.0.html#tornado-web",
    ),
    needles=(b"asynchronous",),
    pattern=rb"\btornado\b",
    minutes=1,
    crosses=">=6",
    since="4.5",
)

_GONE = "tornado.web.asynchronous"
_COROUTINE = "tornado.gen.coroutine"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose coroutines are no longer called asynchronous."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for function in nodes.of(module).all(cst.FunctionDef):
        index = _needless(function, module)
        if index is not None and not guards.for_some_versions(function, module):
            changes[function] = partial(_without, index)
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _needless(function: cst.FunctionDef, module: cst.Module) -> int | None:
    """Return which decorator of a function goes: it stands on a coroutine, and has no comment."""
    known = [names.of(module).qualified(d.decorator) for d in function.decorators]
    if known.count(_GONE) != 1:
        return None
    index = known.index(_GONE)
    below = known[index + 1 :]
    fits = below == [_COROUTINE] or (not below and (function.asynchronous or _finishes(function)))
    return index if fits and not nodes.comments(function.decorators[index]) else None


def _finishes(function: cst.FunctionDef) -> bool:
    """Say whether a method ends the request in its last line, and comes to that on every way."""
    code = list(nodes.walk(function.body))
    if any(isinstance(n, cst.Return | cst.Yield | cst.Lambda | cst.FunctionDef) for n in code):
        return False
    line = function.body.body[-1]
    last = line.body[-1] if isinstance(line, cst.SimpleStatementLine) else None
    func = last.value.func if isinstance(last, cst.Expr) and isinstance(last.value, cst.Call) else None
    if not isinstance(func, cst.Attribute) or func.attr.value != "finish" or not function.params.params:
        return False
    return isinstance(func.value, cst.Name) and func.value.value == function.params.params[0].name.value


def _without(index: int, updated: cst.CSTNode) -> cst.FunctionDef:
    function = cst.ensure_type(updated, cst.FunctionDef)
    kept = [d for i, d in enumerate(function.decorators) if i != index]
    return function.with_changes(decorators=kept)
