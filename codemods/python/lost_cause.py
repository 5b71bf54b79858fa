"""An exception that is raised while another one is handled should name it as its cause.

Without `from`, Python takes the new exception for an accident: the traceback says that it happened "during
handling of the above exception", which is the sentence for a bug in the handler itself. Whoever reads it at
night looks for that bug first, and tools that group errors by their cause find none. With `from`, the
traceback says that the first exception was "the direct cause" of the second. Type, message and handling of
both stay what they are; no exception is hidden, as `from None` would do.

A handler without a name gets the one that the file uses elsewhere, where nothing else in the function has
it. Left alone are exceptions that end a program or a loop without a traceback (`SystemExit`, `SkipTest`),
what may be the caught exception itself (`raise make_error(err)`), a `raise` in a function or in a `finally`
within the handler, bare `except:`, and modules that read `__cause__` or `__context__`.

Teams differ here: nothing but a sentence of the traceback changes, often in hundreds of places, and some
would rather see `from None` where a lookup failed. So it has to be asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import fresh, glance, guards, layout, nodes, scopes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the cause of exceptions raised in handlers",
    category=Category.RELIABILITY,
    applicability=Applicability.SAFE,
    risk="Nothing differs but the sentence between two tracebacks, and `__cause__` for code that reads it.",
    references=(
        "https://docs.python.org/3/tutorial/errors.html#exception-chaining",
        "https://peps.python.org/pep-3134/",
        "https://docs.astral.sh/ruff/rules/raise-without-from-inside-except/",
    ),
    needles=(b"raise",),
    pattern=rb"\bexcept\b[^\n]",
    codes=("B904", "TRY200", "W0707", "raise-missing-from"),
    minutes=2,
    asks=("floor",),
    tests=False,
    default=False,
)

_NO_TRACEBACK = frozenset(("SystemExit", "KeyboardInterrupt", "GeneratorExit", "Exit", "Abort"))
_CHAIN = frozenset(("__cause__", "__context__", "__suppress_context__"))
_USUAL = ("err", "error", "exc", "e", "ex", "exception")
_SEES_EVERY_NAME = frozenset(("locals", "vars", "dir", "exec", "eval"))
_ELSEWHERE = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.ExceptStarHandler, cst.Finally)


def sift(tree: ast.Module) -> bool:
    """Say whether a handler raises something new without its cause."""
    handlers = (n for n in glance.all_of(tree, ast.ExceptHandler) if n.type)
    return any(_raises(n) for handler in handlers for line in handler.body for n in ast.walk(line))


def _raises(node: ast.AST) -> bool:
    if not isinstance(node, ast.Raise) or node.cause or node.exc is None:
        return False
    called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(called, ast.Name | ast.Attribute)


@dataclass(frozen=True)
class _File:
    """One module, and what is in it."""

    module: cst.Module
    seen: nodes.Seen


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with the caught exception as the cause of each that its handlers raise."""
    seen = nodes.of(module)
    found: dict[cst.ExceptHandler, list[cst.Raise]] = {}
    for node in seen.all(cst.Raise):
        handler = _handler(node, seen) if _is_new(node) else None
        if handler is not None and not _is_told_apart(node, seen):
            found.setdefault(handler, []).append(node)
    if not found or guards.may_run_on_2(module, facts):
        return module
    if any(node.attr.value in _CHAIN for node in seen.all(cst.Attribute)):
        return module
    file = _File(module, seen)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for handler, raised in found.items():
        changes |= _changes(handler, raised, file)
    return nodes.replaced(module, changes)


def _is_new(node: cst.Raise) -> bool:
    """Say whether a statement raises what its name calls a class, without a cause."""
    if node.exc is None or node.cause is not None:
        return False
    called = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    last = called.attr if isinstance(called, cst.Attribute) else called
    if not isinstance(last, cst.Name) or last.value in _NO_TRACEBACK:
        return False
    name = last.value.lstrip("_")
    return name[:1].isupper() and not name.isupper() and not name.startswith(("Skip", "Stop"))


def _is_told_apart(node: cst.Raise, seen: nodes.Seen) -> bool:
    """Say whether a generator raises `RuntimeError`, which `contextlib` may take for its cause."""
    called = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    function = seen.function(node)
    if not isinstance(called, cst.Name) or called.value != "RuntimeError" or function is None:
        return False
    return any(isinstance(n, cst.Yield) for n in nodes.walk(function))


def _handler(node: cst.Raise, seen: nodes.Seen) -> cst.ExceptHandler | None:
    """Return the handler whose exception is the one being handled where a statement raises."""
    for outer in seen.ancestors(node):
        if isinstance(outer, cst.ExceptHandler):
            return outer if outer.type is not None else None
        if isinstance(outer, _ELSEWHERE):
            return None
    return None


def _changes(
    handler: cst.ExceptHandler, raised: Sequence[cst.Raise], file: _File
) -> dict[cst.CSTNode, nodes.Change]:
    """Return how a handler and what it raises will change; nothing where there is no name for the cause."""
    name = _name(handler, file)
    if name is None:
        return {}
    become = {node: new for node in raised if (new := _with_cause(node, name, file))}
    changes: dict[cst.CSTNode, nodes.Change] = {node: nodes.to(new) for node, new in become.items()}
    if handler.name is not None or not become:
        return changes
    changes[handler] = lambda updated: _named(cst.ensure_type(updated, cst.ExceptHandler), name)
    named = nodes.applied(file.module, handler, changes)
    silenced = _silenced(_header_comments(handler))
    return {} if silenced or not layout.fits(file.module, handler, named) else changes


def _named(handler: cst.ExceptHandler, name: str) -> cst.ExceptHandler:
    return handler.with_changes(name=cst.AsName(cst.Name(name)))


def _with_cause(node: cst.Raise, name: str, file: _File) -> cst.Raise | None:
    """Return the statement with its cause, in a layout that fits; None where there is none."""
    block = file.seen.above[node]
    if _silenced(nodes.comments(block)):
        return None
    owner = block if isinstance(block, cst.SimpleStatementLine) else file.seen.above[block]
    caused = node.with_changes(cause=cst.From(cst.Name(name)))
    forms = [caused]
    spread = layout.spread(node.exc, file.module) if isinstance(node.exc, cst.Call) else None
    alone = isinstance(block, cst.SimpleStatementLine) and len(block.body) == 1
    if spread and alone and not nodes.comments(block):
        forms.append(caused.with_changes(exc=spread))
    changed = ((form, nodes.applied(file.module, owner, {node: nodes.to(form)})) for form in forms)
    return next((form for form, new in changed if layout.fits(file.module, owner, new)), None)


def _silenced(comments: Iterable[str]) -> bool:
    return any(silence.silences(comment, "lost-cause", ABOUT.codes) for comment in comments)


def _header_comments(handler: cst.ExceptHandler) -> list[str]:
    header = handler.body.header if isinstance(handler.body, cst.IndentedBlock) else handler.body
    return nodes.comments(handler.with_changes(body=cst.SimpleStatementSuite([cst.Pass()]))) + nodes.comments(
        header
    )


# The name of what a handler caught.


def _name(handler: cst.ExceptHandler, file: _File) -> str | None:
    """Return the name that stands for the caught exception in all of a handler, or that can."""
    if handler.name is not None:
        name = cst.ensure_type(handler.name.name, cst.Name).value
        return None if name in scopes.bound_in(handler.body) else name
    called = (n.func for n in nodes.walk(handler.body) if isinstance(n, cst.Call))
    if any(isinstance(func, cst.Name) and func.value in _SEES_EVERY_NAME for func in called):
        return None
    return fresh.name(handler, file.seen, cst.ExceptHandler, _USUAL)
