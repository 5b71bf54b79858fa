"""SQLAlchemy 2.0 executes no bare strings: `session.execute("…")` is `session.execute(text("…"))` there.

A session took a string for `text()` already, so nothing changes there. A connection handed it to the driver
as it was: what has neither placeholders nor a colon that `text()` reads becomes `text()` too, the rest goes
to `exec_driver_sql()`, which is what happened before.

Only what certainly is a session or a connection is changed. A statement that writes, on a connection that no
transaction is known for, is left as it is: 1.4 committed it by itself, 2.0 does not, and it is better that it
fails than that it is lost. The same goes for `engine.execute()`.
"""

from __future__ import annotations

import re
from functools import partial

import libcst as cst

from codemods import arguments, certain, guards, layout, nodes, reach
from codemods.migrations.sqlalchemy import receivers
from codemods.model import About, Applicability, Category, Facts
from codemods.reach import Way

ABOUT = About(
    title="Wrap SQL that is a string in text()",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a session took strings for `text()`, and the rest goes to the driver as before.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
        "https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Connection.exec_driver_sql",
    ),
    needles=(b"execute", b"scalar"),
    pattern=rb"sqlalchemy|\balembic\b",
    minutes=3,
    crosses=">=2",
    since="1.4",
)

_METHODS = frozenset(("execute", "scalar"))
_READS = re.compile(
    r"\s*(?:SELECT|SHOW|PRAGMA|EXPLAIN|VALUES|DESCRIBE)\b(?!.*\b(?:INTO|FOR)\b)", re.IGNORECASE | re.DOTALL
)
_SPECIAL = re.compile(r"%|\\|(?<![:\w]):\w")
"""What `text()` reads, or what a driver may."""


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with strings that are SQL by their type."""
    way = reach.to("sqlalchemy.text", module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[Way] = []
    for call in nodes.of(module).all(cst.Call):
        form = _form(call, module)
        if not form or guards.for_some_versions(call, module):
            continue
        if form == "driver":
            changes[cst.ensure_type(call.func, cst.Attribute).attr] = nodes.to(cst.Name("exec_driver_sql"))
        elif way:
            changed = partial(_wrapped, way)
            changes[call] = layout.fitted(module, call, changed) or partial(_as_call, way)
            ways.append(way)
    return reach.brought(nodes.replaced(module, changes), ways)


def _form(call: cst.Call, module: cst.Module) -> str:
    """Return how a call says that a string is SQL: by ``text``, to the ``driver``; ``""`` leaves it."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _METHODS or not call.args:
        return ""
    first = call.args[0]
    is_string = _is_string(first.value, module) and not first.keyword and not first.star
    owner = receivers.kind(func.value, module) if is_string else None
    if owner == receivers.SESSION:
        return "text"
    return _on_connection(call, func, module) if owner == receivers.CONNECTION else ""


def _is_string(value: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is a string, put together or not."""
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Modulo | cst.Add):
        return _is_string(value.left, module)
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        return value.func.attr.value in {"format", "strip"} and _is_string(value.func.value, module)
    return certain.type_of(value, module) == "str"


def _on_connection(call: cst.Call, func: cst.Attribute, module: cst.Module) -> str:
    sql = _literal(call.args[0].value)
    if sql is None or not (_READS.match(sql) or receivers.in_transaction(func.value, module)):
        return ""
    if len(call.args) == 1 and not _SPECIAL.search(sql):
        return "text"
    is_driver = func.attr.value == "execute" and len(arguments.positional(call)) == len(call.args) == 2  # noqa: PLR2004 -- SQL and values
    if not is_driver:
        return "driver" if func.attr.value == "execute" and len(call.args) == 1 else ""
    return "driver" if certain.type_of(call.args[1].value, module) in {"dict", "tuple", "list"} else ""


def _literal(value: cst.BaseExpression) -> str | None:
    """Return the text of a string as it is written, None where a part of it comes from elsewhere."""
    if isinstance(value, cst.ConcatenatedString):
        left, right = _literal(value.left), _literal(value.right)
        return None if left is None or right is None else left + right
    return str(value.raw_value) if isinstance(value, cst.SimpleString) else None


def _wrapped(way: Way, call: cst.Call) -> cst.Call:
    first = call.args[0]
    wrapped = cst.Call(way.expression, [cst.Arg(first.value)])
    return call.with_deep_changes(first, value=wrapped)


def _as_call(way: Way, updated: cst.CSTNode) -> cst.CSTNode:
    return _wrapped(way, cst.ensure_type(updated, cst.Call))
