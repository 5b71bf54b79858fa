"""A handler that catches everything and logs one line loses where the error came from.

`except Exception` swallows what nobody foresaw, too: a typing error, a missing key, a driver's bug. The
message of such an error ("'NoneType' object has no attribute 'id'", or just "0") says little, and with the
handler the traceback is gone. `logger.exception()` logs the same message at the same level, and the
traceback below it; it costs one word. What the message says of the error already may then be taken out.

Only handlers of `Exception`, `BaseException` and everything change, which neither raise nor exit, nor hand
the error on in any way, and that log one error. A handler of a certain error is left alone: whoever names
it knows what went wrong, and often left the traceback out on purpose. So are messages that say that the
error was expected (invalid, unsupported, retrying), calls that have an `exc_info`, and all that is not
certain to be a logger of the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from codemods import alignment, arguments, layout, loggers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Log the traceback of errors that are swallowed",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="Where an error is common, logs get longer; a command shows a traceback to its user, too.",
    references=(
        "https://docs.python.org/3/library/logging.html#logging.Logger.exception",
        "https://docs.astral.sh/ruff/rules/error-instead-of-exception/",
    ),
    needles=(b".error(",),
    pattern=rb"\bexcept(?:\s+(?:Base)?Exception\b|\s*:)",
    codes=("TRY400", "G201"),
    minutes=3,
    tests=False,
)

_BROAD = frozenset(("Exception", "BaseException"))
_LEAVES = frozenset(("sys.exit", "os._exit", "os.abort", "sys.exc_info"))
_ERRORS = frozenset(("error", "exception", "critical", "fatal"))
_EXPECTED = re.compile(
    r"\b(?:retry\w*|try\w* again|invalid|(?:un|not )(?:supported|available|installed|found|present))\b",
    re.IGNORECASE,
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with ``exception`` for ``error`` where a traceback would be lost."""
    handlers = [h for h in nodes.of(module).all(cst.ExceptHandler) if _is_broad(h, module)]
    texts: dict[cst.CSTNode, str] = {}
    for handler in handlers:
        call = _lone_error(handler, module)
        if call is not None and _swallows(handler, call, module) and _has_room(call, module):
            texts[cst.ensure_type(call.func, cst.Attribute).attr] = "exception"
    return alignment.renamed(module, texts)


def _is_broad(handler: cst.ExceptHandler, module: cst.Module) -> bool:
    is_broad = handler.type is None or names.of(module).builtin(handler.type) in _BROAD
    return is_broad and not _tries_imports(nodes.of(module).above[handler])


def _tries_imports(node: cst.CSTNode) -> bool:
    """Say whether a ``try`` asks only whether something is installed."""
    if not isinstance(node, cst.Try) or not isinstance(node.body, cst.IndentedBlock):
        return False
    lines = (line for line in node.body.body if isinstance(line, cst.SimpleStatementLine))
    return any(isinstance(n, cst.Import | cst.ImportFrom) for line in lines for n in line.body)


def _lone_error(handler: cst.ExceptHandler, module: cst.Module) -> cst.Call | None:
    """Return the one call of a handler that logs an error, unless it says something of a traceback."""
    found = []
    for call in _calls(handler.body):
        named = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        if named in _ERRORS or arguments.named(call, "exc_info"):
            found.append(call)
    if len(found) != 1:
        return None
    (call,) = found
    is_error = "error" in (loggers.method(call, module), loggers.function(call, module))
    if not is_error or not isinstance(nodes.of(module).above[call], cst.Expr):
        return None
    if any(_EXPECTED.search(text) for text in _texts(call)):
        return None
    told = any(arg.star == "**" or (arg.keyword and arg.keyword.value != "extra") for arg in call.args)
    return None if told or not arguments.positional(call) else call


def _texts(call: cst.Call) -> Iterator[str]:
    for node in nodes.walk(call):
        if isinstance(node, cst.SimpleString | cst.FormattedStringText):
            yield node.value


def _calls(body: cst.CSTNode) -> Iterator[cst.Call]:
    """Yield the calls that a handler itself makes, but for those of other handlers within it."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Call):
            yield node
        if not isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Try | cst.TryStar):
            waiting.extend(nodes.children(node))


def _swallows(handler: cst.ExceptHandler, call: cst.Call, module: cst.Module) -> bool:
    """Say whether an error ends in a handler, and is seen nowhere but in a message."""
    known = names.of(module)
    bound = handler.name.name if handler.name else None
    name = bound.value if isinstance(bound, cst.Name) else None
    inside = set(nodes.walk(call))
    for node in nodes.walk(handler.body):
        if isinstance(node, cst.Name) and node.value == name and node not in inside:
            return False
        if isinstance(node, cst.Raise) or _fails(node):
            return False
        if isinstance(node, cst.Call) and _leaves(node, known):
            return False
    return True


def _fails(node: cst.CSTNode) -> bool:
    """Say whether a statement returns a number, as a command does that tells its user what went wrong."""
    return isinstance(node, cst.Return) and isinstance(node.value, cst.Integer)


def _leaves(call: cst.Call, known: names.Names) -> bool:
    """Say whether a call ends the program, or looks at the traceback itself."""
    name = known.qualified(call.func) or ""
    return (
        name in _LEAVES
        or name.startswith("traceback.")
        or known.builtin(call.func) in {"exit", "quit", "print"}
    )


def _has_room(call: cst.Call, module: cst.Module) -> bool:
    longer = call.with_deep_changes(call.func, attr=cst.Name("exception"))
    return layout.fits(module, call, longer) and layout.may_move(
        module, call, len("exception") - len("error")
    )
