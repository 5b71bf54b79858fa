"""Flask's debugger lets whoever reaches a page with an error run code on the machine.

`app.run(debug=True)` switches it on for everybody who starts the program. On a host such as `0.0.0.0`, all
of the network reaches it, and only a PIN stands between them and a Python prompt. Without the argument
Flask asks the environment: `FLASK_DEBUG=1`, or `flask run --debug`, gives a developer the same as before,
and a server nothing.

Only calls change that name a host beside this machine, and those that run as soon as the module is
imported. A program that is started by hand and listens on this machine alone is left alone, and so is one
where a condition, `app.debug`, or a setting decides.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, certain, names, nodes, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave the debugger to those who ask for it",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="Debugger and reloader are off until `FLASK_DEBUG=1` is set in the environment.",
    references=(
        "https://flask.palletsprojects.com/en/stable/debugging/",
        "https://docs.astral.sh/ruff/rules/flask-debug-true/",
    ),
    needles=(b"Flask",),
    pattern=rb"\bdebug\s*=\s*True",
    codes=("S201", "B201"),
    minutes=5,
    tests=False,
)

_HERE = frozenset(("localhost", "127.0.0.1", "::1"))
_DECIDES = frozenset(("debug", "dev", "development", "local", "production", "prod", "env", "environment"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that leaves it to the environment whether Flask's debugger runs."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        debug = arguments.named(call, "debug")
        if debug and _runs_flask(call, module) and _is_open(call, module) and not _is_decided(call, module):
            index = list(call.args).index(debug)
            if _is_true(debug) and arguments.without(call, index):
                changes[call] = partial(_without, index)
    return nodes.replaced(module, changes)


def _without(index: int, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return arguments.without(call, index) or call


def _is_true(arg: cst.Arg) -> bool:
    return isinstance(arg.value, cst.Name) and arg.value.value == "True"


def _runs_flask(call: cst.Call, module: cst.Module) -> bool:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "run" or arguments.starred(call):
        return False
    has_own_mind = any(arguments.named(call, word) for word in ("use_debugger", "use_reloader"))
    made = certain.bound_to(call.func.value, module)
    is_flask = isinstance(made, cst.Call) and names.of(module).qualified(made.func) in _CLASSES
    return is_flask and not has_own_mind


_CLASSES = frozenset(("flask.Flask", "flask.app.Flask"))


def _is_open(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call listens to other machines, or happens when the module is imported."""
    given = arguments.positional(call)
    host = arguments.named(call, "host") or (given[0] if given else None)
    if host is None:
        statement = nodes.of(module).within(call, cst.SimpleStatementLine)
        return statement is not None and nodes.of(module).above[statement] is module
    return isinstance(host.value, cst.SimpleString) and str(host.value.raw_value) not in _HERE


def _is_decided(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a condition or a name around a call, or a setting, decides whether there is debugging."""
    seen = nodes.of(module)
    said: list[str] = list(nodes.remarks(call, seen.above))
    for outer in seen.ancestors(call):
        if isinstance(outer, cst.If):
            said += wording.spoken(outer.test)
        elif isinstance(outer, cst.FunctionDef):
            said.append(outer.name.value)
    settings = (node for node in seen.all(cst.Attribute) if node.attr.value == "debug")
    is_set = any(not isinstance(seen.above[node], cst.Call) for node in settings)
    is_configured = any(node.raw_value == "DEBUG" for node in seen.all(cst.SimpleString))
    return is_set or is_configured or any(not wording.words(text).isdisjoint(_DECIDES) for text in said)
