"""`Logger.warn()` and `logging.warn()` are the old names of `warning()`, deprecated since Python 3.3.

Each call raises a `DeprecationWarning` and then calls `warning()`. The alpha releases of Python 3.13 came
without `warn()`; so much code still used it that it was brought back, deprecated as before. The right name
is the same method one step earlier, and whoever turns warnings into errors in tests can do so.

Only loggers change that certainly come from `logging.getLogger`, and `logging.warn` itself: an object of
another library may have a `warn()` that means something else. Calls with `stacklevel`, which older Pythons
counted otherwise behind the old name, are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from codemods import alignment, arguments, layout, loggers, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call warning() by the name that is not deprecated",
    category=Category.OPERABILITY,
    applicability=Applicability.SAFE,
    risk="The same message is logged; a test elsewhere that replaces `warn` has to replace `warning`.",
    references=(
        "https://docs.python.org/3/library/logging.html#logging.Logger.warning",
        "https://github.com/python/cpython/issues/105376",
        "https://docs.astral.sh/ruff/rules/logging-warn/",
    ),
    needles=(b"warn",),
    pattern=rb"(?<!warnings)\.\s*warn\s*\(",
    codes=("G010", "W4902", "deprecated-method"),
    minutes=1,
)

_NAMED_IN_A_PATCH = re.compile(r"(?:^|\.)warn$")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with ``warning`` for each ``warn`` of a logger."""
    calls = [call for call in nodes.of(module).all(cst.Call) if _is_warn(call)]
    texts: dict[cst.CSTNode, str] = {
        call.func.attr: "warning"
        for call in calls
        if isinstance(call.func, cst.Attribute) and _is_of_logging(call, module) and _has_room(call, module)
    }
    if not texts or _is_replaced(nodes.of(module).all(cst.SimpleString)):
        return module
    return alignment.renamed(module, texts)


def _is_warn(call: cst.Call) -> bool:
    named = isinstance(call.func, cst.Attribute) and call.func.attr.value == "warn"
    return (
        named and not any(arg.star == "**" for arg in call.args) and not arguments.named(call, "stacklevel")
    )


def _is_of_logging(call: cst.Call, module: cst.Module) -> bool:
    return "warn" in (loggers.function(call, module), loggers.method(call, module))


def _has_room(call: cst.Call, module: cst.Module) -> bool:
    longer = call.with_deep_changes(call.func, attr=cst.Name("warning"))
    return layout.fits(module, call, longer) and layout.may_move(module, call, len("warning") - len("warn"))


def _is_replaced(strings: Iterable[cst.SimpleString]) -> bool:
    """Say whether a test stands a double in for the method, by its name in a string."""
    return any(_NAMED_IN_A_PATCH.search(str(string.raw_value)) for string in strings)
