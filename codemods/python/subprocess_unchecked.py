"""`subprocess.run` says nothing when the command fails, unless somebody looks at its result or asks for it.

A statement that runs a command and throws the result away goes on as if all were well: the archive that was
not written is uploaded, the migration that failed is taken for done. With `check=True`, a command that ends
with another status than 0 raises `CalledProcessError`, which says which command it was.

Left alone are commands whose failure means nothing or is an answer (`grep`, `diff`, `pkill`, what a shell
ends with `|| true`), whose output of errors is thrown away as well, and what runs while something is cleaned
up or already being handled: in `finally`, in a handler, in functions such as `close` and `__exit__`, under
`contextlib.suppress`, and in a `try` that catches every error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from codemods import arguments, layout, names, nodes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Notice when a command fails",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A command that fails raises `CalledProcessError`, where the program went on until now.",
    references=(
        "https://docs.python.org/3/library/subprocess.html#subprocess.run",
        "https://docs.astral.sh/ruff/rules/subprocess-run-without-check/",
    ),
    needles=(b"subprocess",),
    pattern=rb"(?m)^[ \t]*(?:[\w.]+\.)?\w*run\w*\(|import[^\n]*\brun as\b",
    codes=("PLW1510", "W1510", "subprocess-run-check"),
    minutes=3,
    tests=False,
)

_MAY_FAIL = frozenset(
    (
        *("grep", "egrep", "fgrep", "rg", "diff", "cmp", "which", "where", "test", "pgrep", "pidof", "false"),
        *("kill", "pkill", "killall", "taskkill", "stty", "tput", "clear", "cls", "reset", "umount", "rm"),
        *("open", "xdg-open", "start", "explorer", "notify-send", "say", "ping", "less", "more", "man"),
    )
)
_CLEANS_UP = re.compile(
    r"clean|tear_?down|close|stop|kill|terminate|shutdown|abort|remove|delete|unmount|umount|reset|restore"
    r"|__exit__|__aexit__|__del__|try_|maybe|open_|show|view|edit",
    re.IGNORECASE,
)
_CATCHES_ALL = frozenset(("Exception", "BaseException", "SubprocessError"))
_FORGIVES = re.compile(r"\|\||;\s*(?:true|:)|\bexit 0\b")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with a check of each command whose result is thrown away."""
    seen, known = nodes.of(module), names.of(module)
    found: list[cst.CSTNode] = []
    for statement in seen.all(cst.Expr):
        call = statement.value
        if not isinstance(call, cst.Call) or known.qualified(call.func) != "subprocess.run":
            continue
        if _can_be_checked(call, known) and not _may_fail(call) and not _left_alone(statement, seen, known):
            found.append(call)
    return nodes.replaced(module, layout.fitting(module, dict.fromkeys(found, _checked)))


def _checked(updated: cst.CSTNode) -> cst.Call:
    return arguments.appended(
        cst.ensure_type(updated, cst.Call), arguments.keyword("check", cst.Name("True"))
    )


def _can_be_checked(call: cst.Call, known: names.Names) -> bool:
    """Say whether a call says nothing of its result yet, and its errors are for somebody to see."""
    if arguments.starred(call) or len(arguments.positional(call)) != 1:
        return False
    given = {arg.keyword.value: arg.value for arg in call.args if arg.keyword}
    if not given.keys().isdisjoint(("check", "capture_output", "args")):
        return False
    return not any(
        known.qualified(given[name]) == "subprocess.DEVNULL" for name in ("stderr",) if name in given
    )


def _may_fail(call: cst.Call) -> bool:
    """Say whether the command cannot be told, or is one that fails without harm."""
    command = call.args[0].value
    shell = arguments.named(call, "shell")
    if isinstance(command, cst.List | cst.Tuple):
        parts = [e.value for e in command.elements]
        first = parts[0] if parts else None
        words = [str(p.raw_value) for p in parts if isinstance(p, cst.SimpleString)]
        is_known = isinstance(first, cst.SimpleString)
        return not is_known or shell is not None or _is_forgiven(words)
    if isinstance(command, cst.SimpleString):
        words = str(command.raw_value).split()
        return not words or _is_forgiven(words)
    return True


def _is_forgiven(words: list[str]) -> bool:
    program = words[1] if words[0] == "sudo" and len(words) > 1 else words[0] if words else ""
    text = " ".join(words)
    asks = "--exit-code" in words or "--quiet" in words or "-q" in words
    return program.rpartition("/")[2] in _MAY_FAIL or asks or bool(_FORGIVES.search(text))


def _left_alone(statement: cst.Expr, seen: nodes.Seen, known: names.Names) -> bool:
    line = nodes.statement(statement, seen)
    said = nodes.comments(line) if isinstance(line, cst.SimpleStatementLine) else []
    if any(silence.silences(s, "subprocess-unchecked", ABOUT.codes) for s in said):
        return True
    function = seen.function(statement)
    if isinstance(function, cst.FunctionDef) and _CLEANS_UP.search(function.name.value):
        return True
    return any(_is_lenient(inner, outer, known) for inner, outer in _around(statement, seen))


def _around(statement: cst.CSTNode, seen: nodes.Seen) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """Yield each node around a statement in its function, with the one inside it on the way."""
    inner = statement
    for outer in seen.ancestors(statement):
        if isinstance(outer, cst.FunctionDef):
            return
        yield inner, outer
        inner = outer


def _is_lenient(inner: cst.CSTNode, outer: cst.CSTNode, known: names.Names) -> bool:
    if isinstance(outer, cst.ExceptHandler | cst.ExceptStarHandler | cst.Finally):
        return True
    if isinstance(outer, cst.With):
        managers = (item.item for item in outer.items)
        return any(
            isinstance(m, cst.Call) and known.qualified(m.func) == "contextlib.suppress" for m in managers
        )
    if isinstance(outer, cst.Try) and outer.body is inner:
        types = [h.type for h in outer.handlers]
        named = (n for t in types if t for n in nodes.walk(t))
        return None in types or any(isinstance(n, cst.Name) and n.value in _CATCHES_ALL for n in named)
    return False
