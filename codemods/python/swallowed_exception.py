"""`except Exception: pass` hides every error, also the ones that nobody thought of when it was written.

A renamed attribute, a full disk, a wrong type: all of them end in silence, and whoever looks for the reason
later finds no trace. The module has a logger; a line at level DEBUG with the traceback costs nothing in
production, where that level is off, and answers the question when it is switched on. What the program does
after the error stays the same.

Only handlers of `Exception` in functions are changed, with nothing but `pass` in them. A comment there is a
decision and stays; so do handlers that a logger may itself run through (methods of handlers, formatters and
filters) and methods such as `__del__` and `__repr__`, which run at times when logging can do harm.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import constants, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Log exceptions that vanish without a trace",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Where level DEBUG is on, these errors show up in the log, with tracebacks that may hold data.",
    references=(
        "https://docs.python.org/3/library/logging.html#logging.Logger.debug",
        "https://docs.astral.sh/ruff/rules/try-except-pass/",
    ),
    needles=(b"getLogger", b"get_task_logger"),
    pattern=rb"\bexcept[ \t(]+Exception\b[^\n:]*:\s*(?:pass\b|\.\.\.)",
    codes=("S110", "B110", "BLE001", "W0703", "W0718", "broad-except", "broad-exception-caught"),
    minutes=3,
    tests=False,
)

_LOGGERS = frozenset(("logging.getLogger", "celery.utils.log.get_task_logger"))
_ORDINARY = frozenset(("__init__", "__call__", "__enter__", "__exit__", "__aenter__", "__aexit__"))
_LOGGING = ("Handler", "Formatter", "Filter", "Logger")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with a line in the log for each exception that is passed over."""
    seen, known = nodes.of(module), names.of(module)
    handlers = [n for n in seen.all(cst.ExceptHandler) if _passes_over(n, known)]
    logger = next(_loggers(module, known), None) if handlers else None
    if logger is None:
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for handler in handlers:
        function = seen.function(handler)
        if isinstance(function, cst.FunctionDef) and not _left_alone(function, seen):
            line = _line(logger, function.name.value, layout.quote(module))
            old = handler.body.body[0]
            inner = cst.ensure_type(old, cst.SimpleStatementLine).body[0] if _is_line(old) else old
            if layout.fits(module, handler, _with(handler, inner, line)):
                changes[inner] = nodes.to(line)
    return nodes.replaced(module, changes)


def _is_line(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine)


def _with(handler: cst.ExceptHandler, old: cst.CSTNode, new: cst.CSTNode) -> cst.ExceptHandler:
    return cst.ensure_type(handler.deep_replace(old, new), cst.ExceptHandler)


def _passes_over(handler: cst.ExceptHandler, known: names.Names) -> bool:
    """Say whether a handler of `Exception` does nothing, and no comment says why."""
    if handler.type is None or known.builtin(handler.type) != "Exception" or nodes.comments(handler):
        return False
    lines = handler.body.body
    if len(lines) != 1:
        return False
    inner = lines[0].body if isinstance(lines[0], cst.SimpleStatementLine) else lines
    return len(inner) == 1 and _is_nothing(inner[0])


def _is_nothing(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Pass) or (isinstance(node, cst.Expr) and isinstance(node.value, cst.Ellipsis))


def _loggers(module: cst.Module, known: names.Names) -> Iterator[str]:
    """Yield the names that the module binds once, at its top, to a logger."""
    for _, name, value in constants.assigned(module):
        is_logger = isinstance(value, cst.Call) and known.qualified(value.func) in _LOGGERS
        if is_logger and known.bindings(name) == 1:
            yield name


def _left_alone(function: cst.FunctionDef, seen: nodes.Seen) -> bool:
    """Say whether a function may run while something is logged, or when everything ends."""
    name = function.name.value
    if name.startswith("__") and name.endswith("__") and name not in _ORDINARY:
        return True
    outer = seen.within(function, cst.ClassDef)
    bases = (n for base in outer.bases for n in nodes.walk(base)) if outer else ()
    return any(isinstance(n, cst.Name) and n.value.endswith(_LOGGING) for n in bases)


def _line(logger: str, function: str, quote: str) -> cst.Expr:
    text = f"{logger}.debug({quote}Ignored an exception in {function}{quote}, exc_info=True)"
    return cst.Expr(cst.parse_expression(text))
