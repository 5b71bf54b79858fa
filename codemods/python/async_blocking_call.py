"""`time.sleep()` in a coroutine stops the whole event loop, and every other task with it.

While one coroutine sleeps so, no request is answered, no heartbeat sent and no timeout noticed: everything
in the process waits. `await asyncio.sleep()` waits for as long, lets the others run, and can be cancelled.

The call has to be a statement of its own, directly in an `async def`. It is left alone in a `with` block,
for what other tasks meet then (a lock that is held, a patched setting) may not be meant for them, in
a `finally`, which also runs when a generator is closed and may not wait then, in modules and projects that
use another event loop than asyncio's, and where it sleeps for 0 seconds: that stops nobody, and lets other
threads run on purpose. Other blocking calls, such as `requests.get`, need a
decision about threads, or another library.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, imports, layout, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let coroutines sleep without stopping the others",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Other tasks run while this one sleeps, and may find or leave things half done.",
    references=(
        "https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep",
        "https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code",
        "https://docs.astral.sh/ruff/rules/blocking-sleep-in-async-function/",
    ),
    needles=(b"sleep",),
    pattern=rb"\basync\s+def\b",
    codes=("ASYNC101", "ASYNC251"),
    minutes=5,
    asks=("dependencies",),
    tests=False,
)

_OTHER_LOOPS = frozenset(("trio", "anyio", "curio", "gevent", "eventlet", "twisted", "pyodide"))
_INSTEAD = frozenset(("trio", "curio"))  # of asyncio: who depends on them directly may run on nothing else


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with ``await asyncio.sleep`` where a coroutine stops the event loop."""
    calls = [c for c in nodes.of(module).all(cst.Call) if _blocks(c, module)]
    if not calls or not _INSTEAD.isdisjoint(facts.dependencies) or _has_another_loop(module):
        return module
    way = _way(module)
    if way is None:
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in calls:
        new = _awaited(call, way)
        if layout.fits(module, call, new):
            changes[call] = lambda updated: _awaited(cst.ensure_type(updated, cst.Call), way)
    result = nodes.replaced(module, changes)
    known = names.of(module)
    if result is not module and not known.local("asyncio.sleep") and not known.local("asyncio"):
        result = imports.bring(result, "asyncio")
    return leftovers.tidied(module, result)


def _blocks(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call is a statement of a coroutine, and sleeps."""
    seen = nodes.of(module)
    if not isinstance(seen.above[call], cst.Expr) or len(call.args) != 1 or not arguments.positional(call):
        return False
    length = call.args[0].value
    is_nothing = isinstance(length, cst.Integer | cst.Float) and not length.evaluated_value
    if is_nothing or names.of(module).qualified(call.func) != "time.sleep":
        return False
    function = seen.function(call)
    if not isinstance(function, cst.FunctionDef) or function.asynchronous is None:
        return False
    if not _is_imported_above(call.func, module) or seen.within(call, cst.Finally) is not None:
        return False
    within = seen.within(call, cst.With, cst.FunctionDef)
    return within is function or (isinstance(within, cst.With) and _is_outside(within, function, seen))


def _is_imported_above(func: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether the module itself imports what a call names, and no function of it does."""
    root = func.value if isinstance(func, cst.Attribute) else func
    return isinstance(root, cst.Name) and names.of(module).at_top(root)


def _is_outside(within: cst.With, function: cst.FunctionDef, seen: nodes.Seen) -> bool:
    """Say whether no ``with`` that is not asynchronous stands between a function and what is within."""
    inside: cst.CSTNode | None = within
    while isinstance(inside, cst.With):
        if inside.asynchronous is None:
            return False
        inside = seen.within(inside, cst.With, cst.FunctionDef)
    return inside is function


def _has_another_loop(module: cst.Module) -> bool:
    seen = nodes.of(module)
    plain = (names.dotted(a.name) for n in seen.all(cst.Import) for a in n.names)
    others = (imports.source_of(n) for n in seen.all(cst.ImportFrom))
    return any(name.partition(".")[0] in _OTHER_LOOPS for name in (*plain, *others))


def _way(module: cst.Module) -> cst.BaseExpression | None:
    """Return how the module can name ``asyncio.sleep``, or None."""
    known = names.of(module)
    if name := known.local("asyncio.sleep"):
        return cst.Name(name)
    if name := known.local("asyncio") or ("asyncio" if known.free("asyncio") else None):
        return cst.Attribute(cst.Name(name), cst.Name("sleep"))
    return None


def _awaited(call: cst.Call, way: cst.BaseExpression) -> cst.Await:
    inner = call.with_changes(func=way, lpar=(), rpar=())
    return cst.Await(inner, lpar=call.lpar, rpar=call.rpar)
