"""`logging.info()` logs to the root logger, although the module has a logger of its own.

A message of the root logger has no name: nobody can tell where it came from, raise the level of just this
module, or send it elsewhere. Besides, the functions of `logging` call `basicConfig()` when the root logger
has no handler, which sets up logging behind the application's back. Where a module has a logger of its
name, such a call is mostly a slip; the message goes to that logger instead.

Modules that set logging up, by `basicConfig` or on the root logger itself, and those that run as a script
are left alone, and so are those that name one of the functions in a string, as tests do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from codemods import alignment, layout, loggers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Log through the module's own logger",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="The messages have the module's name and level; what picks them at the root by name has to know it.",
    references=(
        "https://docs.python.org/3/howto/logging.html#advanced-logging-tutorial",
        "https://docs.python.org/3/library/logging.html#logging.info",
        "https://docs.astral.sh/ruff/rules/root-logger-call/",
    ),
    needles=(b"logging",),
    pattern=rb"\(\s*__name__\s*\)",
    codes=("LOG015",),
    minutes=2,
    tests=False,
)

_LEVELS = frozenset(("debug", "info", "warning", "error", "critical", "exception", "log"))
_SETS_UP = frozenset(("logging.basicConfig", "logging.root", "logging.config", "logging.captureWarnings"))
_NAMED = re.compile(rf"\blogging\.(?:{'|'.join(sorted(_LEVELS))})\b|\A__main__\Z")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with its own logger in place of the root logger."""
    calls = [call for call in nodes.of(module).all(cst.Call) if _is_of_root(call, module)]
    if not calls:
        return module
    logger = loggers.own(module)
    if logger is None or names.of(module).bindings(logger.value) > 1 or _sets_up(module):
        return module
    texts: dict[cst.CSTNode, str] = {}
    for call in calls:
        root = cst.ensure_type(call.func, cst.Attribute).value
        longer = call.with_deep_changes(call.func, value=cst.Name(logger.value))
        grown = max(0, len(logger.value) - len(module.code_for_node(root)))
        has_room = layout.fits(module, call, longer) and layout.may_move(module, call, grown)
        if has_room and not root.lpar and _is_there(logger, call, module):
            texts[root] = logger.value
    return alignment.renamed(module, texts)


def _is_of_root(call: cst.Call, module: cst.Module) -> bool:
    named = isinstance(call.func, cst.Attribute) and call.func.attr.value in _LEVELS
    return named and loggers.function(call, module) is not None


def _is_there(logger: cst.Name, call: cst.Call, module: cst.Module) -> bool:
    """Say whether the logger is made before a call happens: in a function, or further down."""
    seen = nodes.of(module)
    if seen.function(call) is not None:
        return True
    lines = {line: index for index, line in enumerate(module.body)}
    made, used = (next(lines[n] for n in seen.ancestors(x) if n in lines) for x in (logger, call))  # type: ignore[index]
    return made < used


def _sets_up(module: cst.Module) -> bool:
    """Say whether a module configures logging, runs as a script, or names a function of it in a string."""
    return any(map(bool, _signs(module)))


def _signs(module: cst.Module) -> Iterator[object]:
    known, seen = names.of(module), nodes.of(module)
    for node in seen.all(cst.SimpleString):
        yield _NAMED.search(str(node.raw_value))
    for attribute in seen.all(cst.Attribute):
        yield attribute.attr.value in _SET_UP_PARTS and known.qualified(attribute) in _SETS_UP
    for name in seen.all(cst.Name):
        yield name.value in _SET_UP_PARTS and known.qualified(name) in _SETS_UP
    for call in seen.all(cst.Call):
        yield not call.args and known.qualified(call.func) == "logging.getLogger"


_SET_UP_PARTS = frozenset(name.rpartition(".")[2] for name in _SETS_UP)
