"""What a service prints has no time, no level and no name, and often nobody reads it.

A printed line goes to standard output, past the handlers, filters and formats of the application: it is in no
log that somebody can search, cannot be silenced or raised by level, and appears late where output is not a
terminal. Where a module has a logger of its own name, `print` is mostly what was left over from trying
something out. The text goes to that logger instead: as `error` in the handler of an exception, as `info`
otherwise.

Only modules whose printing is all of that kind change: a sentence, with or without values. What prints
tables and blank lines, chooses the stream or the end of a line, speaks at import, or lies in a function that
is there to show something, talks to a person at a terminal, and is left alone with its whole module. So are
modules that run as a script, or read the command line.
"""

from __future__ import annotations

import re
from functools import partial

import libcst as cst

from codemods import arguments, guards, layout, log_messages, loggers, names, nodes, scopes, wording
from codemods.log_messages import Message
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Log what a service prints",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="The lines are no longer on standard output: what reads them there has to read the log.",
    references=(
        "https://docs.python.org/3/howto/logging.html#when-to-use-logging",
        "https://12factor.net/logs",
        "https://docs.astral.sh/ruff/rules/print/",
    ),
    needles=(b"print",),
    pattern=rb"get_?[lL]ogger\s*\(\s*__name__\s*\)|get_task_logger\s*\(\s*__name__\s*\)",
    codes=("T201",),
    asked_for=r"(?:use|switch to|replace with|convert to)(?: a| the)? (?:logger|logging)(?: instead)?",
    minutes=2,
    tests=False,
    default=False,
)

_TERMINAL = frozenset(
    (
        *("argparse", "click", "typer", "fire", "docopt", "optparse", "getopt", "rich", "tqdm", "tabulate"),
        *("pprint", "cmd", "curses", "readline", "getpass", "colorama", "termcolor", "IPython", "doctest"),
        *("invoke", "fabric", "prompt_toolkit", "unittest", "pytest", "contextlib.redirect_stdout"),
        *("django.core.management", "django.core.management.base", "sys.argv", "sys.stdout", "sys.stdin"),
    )
)
_SHOWS = frozenset(
    (
        *("print", "show", "display", "dump", "report", "main", "cli", "help", "usage", "list", "summary"),
        *("debug", "pretty", "output", "write", "echo", "render", "repr", "describe", "demo", "example"),
        *("upgrade", "migrate", "migration", "migrations", "install", "setup", "init", "magic"),
    )
)
_MEANT = re.compile(r"\b(?:print|show|tell|user|console|terminal|stdout|output)", re.IGNORECASE)
_SENTENCE = re.compile(r"\w{2}.*\s.*\w", re.DOTALL)
_LAID_OUT = re.compile(r"\\[nrt]|\n|\x1b|\\x1b|\\033|[-=*#_~]{3}|\s{3}|^\s|:\s*$")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that logs what it printed."""
    known, seen = names.of(module), nodes.of(module)
    calls = [call for call in seen.all(cst.Call) if known.builtin(call.func) == "print"]
    logger = loggers.own(module) if calls else None
    if logger is None or known.bindings(logger.value) > 1 or len(known.uses("print")) != len(calls):
        return module
    if _talks(module):
        return module
    messages = {call: _message(call) for call in calls if _is_for_nobody(call, module)}
    if len(messages) < len(calls) or not all(messages.values()):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call, message in messages.items():
        inner = seen.within(call, cst.ExceptHandler, cst.FunctionDef)
        level = "error" if isinstance(inner, cst.ExceptHandler) else "info"
        func = cst.Attribute(cst.Name(logger.value), cst.Name(level))
        change = layout.fitted(module, call, partial(_logged, func, message)) if message else None
        if change is None:
            return module
        changes[call] = change
    return nodes.replaced(module, changes)


def _talks(module: cst.Module) -> bool:
    """Say whether a module runs as a script, or has what talks to a person at a terminal."""
    seen, known = nodes.of(module), names.of(module)
    if any(node.value.strip("\"'") == "__main__" for node in seen.all(cst.SimpleString)) or known.uses(
        "input"
    ):
        return True
    lines: list[cst.Import | cst.ImportFrom] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    imported = {full for line in lines for _, full in scopes.imports(line)}
    parts = (
        {full.partition(".")[0] for full in imported} | imported | {f.rpartition(".")[0] for f in imported}
    )
    used = {known.qualified(node) for node in seen.all(cst.Attribute)}
    return not _TERMINAL.isdisjoint(parts | {name for name in used if name})


def _is_for_nobody(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call is a statement of a function that is not there to show something."""
    seen = nodes.of(module)
    functions = [n for n in seen.ancestors(call) if isinstance(n, cst.FunctionDef)]
    if not functions or not isinstance(seen.above[call], cst.Expr) or nodes.comments(call):
        return False
    if any(_MEANT.search(comment) for comment in nodes.remarks(call, seen.above)):
        return False
    if any(not _SHOWS.isdisjoint(wording.words(f.name.value)) for f in functions):
        return False
    return not guards.silenced(call, module, ABOUT, "print-beside-logger")


def _message(call: cst.Call) -> Message | None:
    """Return what a call prints as a message; None for what is no sentence, or is laid out for a reader."""
    if not call.args or any(arg.keyword or arg.star for arg in call.args):
        return None
    first, *others = (arg.value for arg in call.args)
    if isinstance(first, cst.FormattedString) and not others:
        found = log_messages.of_f_string(first)
    elif isinstance(first, cst.SimpleString) and first.prefix in {"", "u"}:
        text = first.value.replace("%", "%%") if others else first.value
        quote = first.quote
        filled = f"{text.removesuffix(quote)}{' %s' * len(others)}{quote}"
        found = Message(cst.SimpleString(filled), others)
    else:
        return None
    if found is None or first.lpar or not _is_sentence(found.text.raw_value):
        return None
    return found if found.is_plain or not found.values else None


def _is_sentence(text: str) -> bool:
    return bool(_SENTENCE.search(text)) and not _LAID_OUT.search(text.removesuffix(" %s").rstrip(":"))


def _logged(func: cst.Attribute, message: Message, call: cst.Call) -> cst.Call:
    first = call.args[0].with_changes(value=message.text, comma=cst.MaybeSentinel.DEFAULT)
    logged = call.with_changes(func=func, args=[first])
    for value in message.values:
        logged = arguments.appended(logged, cst.Arg(value))
    return logged
