"""A bare `except:` also catches what is meant to end a program: `KeyboardInterrupt` and `SystemExit`.

Ctrl-C does nothing then, a service that is told to stop goes on, and a cancelled task of `asyncio` is taken
for a failed one. `except Exception:` catches every error and lets these pass.

A handler that raises something, ends the program, or hands the exception on by `sys.exc_info()` wants to see
all of them and stays as it is; so does one below an `except Exception:`, one in `__del__`, and one with a
comment that says that it means everything.
"""

from __future__ import annotations

import re

import libcst as cst

from codemods import guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let Ctrl-C and sys.exit() pass a bare except",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="`KeyboardInterrupt`, `SystemExit`, `GeneratorExit`, a cancelled task and what else is no "
    "`Exception` are no longer caught here.",
    references=(
        "https://docs.python.org/3/library/exceptions.html#exception-hierarchy",
        "https://docs.astral.sh/ruff/rules/bare-except/",
    ),
    needles=(b"except",),
    pattern=rb"\bexcept[ \t]*:",
    codes=("E722", "W0702", "bare-except", "B001"),
    minutes=2,
    asks=("floor",),
    tests=False,
)

_ENDING = frozenset(("exit", "_exit", "quit", "abort", "kill", "exc_info", "reraise", "fork"))
_OUTERMOST = frozenset(("Exception", "BaseException", "KeyboardInterrupt", "SystemExit", "GeneratorExit"))
_MEANT = re.compile(
    r"\b(?:all|any|anything|every|everything|whatever|bare|naked|keyboard\w*|system-?exit|ctrl\S*"
    r"|base-?exception|re-?raises?)\b",
    re.IGNORECASE,
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with handlers that catch errors alone."""
    seen = nodes.of(module)
    found = [n for n in seen.all(cst.ExceptHandler) if n.type is None and not _left_alone(n, seen)]
    known = names.of(module) if found else None
    if known is None or known.builtin(cst.Name("Exception")) is None:
        return module
    if guards.may_run_on_2(module, facts):
        return module
    fitting = (n for n in found if layout.fits(module, n, _narrowed(n)))
    return nodes.replaced(module, dict.fromkeys(fitting, _narrowed))


def _narrowed(updated: cst.CSTNode) -> cst.CSTNode:
    space = cst.SimpleWhitespace(" ")
    return updated.with_changes(type=cst.Name("Exception"), whitespace_after_except=space)


def _left_alone(handler: cst.ExceptHandler, seen: nodes.Seen) -> bool:
    """Say whether a handler means to catch everything, as far as one can see."""
    attempt = cst.ensure_type(seen.above[handler], cst.Try)
    after = nodes.walk(attempt.finalbody) if attempt.finalbody else ()
    within = [*nodes.walk(handler.body), *after]
    if any(isinstance(n, cst.Raise) or (isinstance(n, cst.Name) and n.value in _ENDING) for n in within):
        return True
    if any(map(_MEANT.search, _remarks(handler))):
        return True
    function = seen.within(handler, cst.FunctionDef)
    if function is not None and function.name.value == "__del__":
        return True
    types = (n for other in attempt.handlers if other.type for n in nodes.walk(other.type))
    return any(isinstance(n, cst.Name) and n.value in _OUTERMOST for n in types)


def _remarks(handler: cst.ExceptHandler) -> list[str]:
    """Return the comments at a handler's head, and above its first statement."""
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        return nodes.comments(handler)
    said = nodes.comments(handler.with_changes(body=cst.SimpleStatementSuite([cst.Pass()])))
    first = body.body[0]
    leading: list[cst.EmptyLine] = list(getattr(first, "leading_lines", ()))
    above = [comment.value for line in leading if (comment := line.comment)]
    beside = nodes.comments(first) if isinstance(first, cst.SimpleStatementLine) else []
    return [*said, *nodes.comments(body.header), *above, *beside]
