"""A log message that is formatted before the call costs its time even where nobody logs it.

With the values as arguments, `logging` puts the message together when a handler wants it: a
`logger.debug()` in a loop costs next to nothing while that level is off. Besides, tools that collect errors
group by the message as it is written: `Cannot load %s` is one problem there, where a thousand paths in as
many f-strings are a thousand.

Not every team wants that, for f-strings are easier to read: it runs only where kotsu.yml asks for it. What
changes is plain: f-strings and `str.format` without format specifications, and `%` with a tuple or with a
value that certainly is none. Whatever has quotes within the braces, more than four values or several
strings in a row stays.
"""

from __future__ import annotations

import ast
import re
from functools import partial

import libcst as cst

from codemods import arguments, certain, glance, layout, log_messages, loggers, nodes
from codemods.log_messages import Message
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let logging put messages together, when they are logged",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="An `IntEnum` or a `str` that is an `Enum` may show its name where a format showed its value.",
    references=(
        "https://docs.python.org/3/howto/logging.html#optimization",
        "https://docs.astral.sh/ruff/rules/logging-f-string/",
    ),
    needles=(b"getLogger", b"logging", b"get_task_logger"),
    pattern=rb"\.(?:debug|info|warning|error|exception|critical)\s*\(\s*(?:[fF][\"']|[uUrR]?[\"'][^\n]*[%{])",
    codes=(
        *("G001", "G002", "G004", "W1201", "W1202", "W1203", "logging-not-lazy"),
        *("logging-format-interpolation", "logging-fstring-interpolation"),
    ),
    asked_for=r"(?:use|switch to) lazy (?:logging|formatting|% ?formatting|log formatting)",
    minutes=1,
    tests=False,
    default=False,
)

_LEVELS = frozenset(("debug", "info", "warning", "error", "exception", "critical"))
_FIELD = re.compile(r"\{\{|\}\}|\{(?:!(?P<conversion>[rs]))?\}|(?P<other>[{}])")
_PERCENT = re.compile(r"%(?:%|(?P<flags>[-#0 +]*)(?P<size>[\d.]*)(?P<kind>[diouxXeEfFgGcrsa])|(?P<other>))")
_NO_TUPLE = frozenset(("str", "int", "float", "bool"))


def sift(tree: ast.Module) -> bool:
    """Say whether a message is put together for a call that may log it."""
    calls = (n for n in glance.all_of(tree, ast.Call) if glance.called(n) in _LEVELS)
    return any(_is_put_together(arg) for n in calls for arg in n.args[:1])


def _is_put_together(node: ast.expr) -> bool:
    by_sign = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)
    return by_sign or isinstance(node, ast.JoinedStr) or glance.called(node) == "format"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with values as arguments of the calls that log them."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _LEVELS:
            continue
        message = _message(call, module)
        logs = message and (loggers.method(call, module) or loggers.function(call, module))
        change = layout.fitted(module, call, partial(_with, message)) if message and logs else None
        if change is not None:
            changes[call] = change
    return nodes.replaced(module, changes)


def _message(call: cst.Call, module: cst.Module) -> Message | None:
    """Return the message of a call in two parts; None where it is one text already, or not plain."""
    if arguments.starred(call) or len(arguments.positional(call)) != 1 or call.args[0].keyword:
        return None
    value = call.args[0].value
    if nodes.comments(value) or getattr(value, "lpar", None):
        return None
    if isinstance(value, cst.FormattedString):
        found = log_messages.of_f_string(value)
    elif isinstance(value, cst.Call):
        found = _of_format(value)
    else:
        found = _of_percent(value, module) if isinstance(value, cst.BinaryOperation) else None
    return found if found is not None and found.is_plain else None


def _of_format(call: cst.Call) -> Message | None:
    text = (
        call.func.value if isinstance(call.func, cst.Attribute) and call.func.attr.value == "format" else None
    )
    is_text = (
        isinstance(text, cst.SimpleString) and not text.prefix and not text.lpar and "\\N" not in text.value
    )
    if not is_text or arguments.starred(call) or len(arguments.positional(call)) != len(call.args):
        return None
    source = cst.ensure_type(text, cst.SimpleString).value
    fields = list(_FIELD.finditer(source))
    count = sum(field[0][0] == "{" and field[0] != "{{" for field in fields)
    if any(field["other"] for field in fields) or count != len(call.args):
        return None
    return Message(cst.SimpleString(_percented(source)), [arg.value for arg in call.args])


def _percented(source: str) -> str:
    def become(field: re.Match[str]) -> str:
        return field[0][0] if field[0] in {"{{", "}}"} else "%r" if field["conversion"] == "r" else "%s"

    return _FIELD.sub(become, source.replace("%", "%%"))


def _of_percent(node: cst.BinaryOperation, module: cst.Module) -> Message | None:
    text, right = node.left, node.right
    if not isinstance(node.operator, cst.Modulo) or not isinstance(text, cst.SimpleString) or text.lpar:
        return None
    fields = [field for field in _PERCENT.finditer(text.raw_value) if field[0] != "%%"]
    if "b" in text.prefix.lower() or not all(field["kind"] for field in fields):
        return None
    if isinstance(right, cst.Tuple):
        values = [element.value for element in right.elements if isinstance(element, cst.Element)]
        is_whole = len(values) == len(right.elements)
    else:
        values, is_whole = [right], certain.type_of(right, module) in _NO_TUPLE
    return Message(text, values) if is_whole and len(values) == len(fields) else None


def _with(message: Message, call: cst.Call) -> cst.Call:
    """Return a call with a message in two parts; what follows it stays as it is."""
    first, *rest = call.args
    values = [cst.Arg(value) for value in message.values]
    first = first.with_changes(value=message.text)
    if not rest:
        changed = call.with_changes(args=[first])
        for value in values:
            changed = arguments.appended(changed, value)
        return changed
    parted = [arg.with_changes(comma=first.comma) for arg in (first, *values)]
    return call.with_changes(args=[*parted, *rest])
