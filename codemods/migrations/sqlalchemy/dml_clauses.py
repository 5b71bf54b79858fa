"""A table's `update()`, `delete()`, `insert()` and `select()` take no clauses any more in SQLAlchemy 2.0.

`users.update(users.c.id == 1, values={"name": "x"})` raises `TypeError` there; it says
`users.update().where(users.c.id == 1).values({"name": "x"})`. The functions of the same names take the table
alone. Both forms make the same statement from SQLAlchemy 1.4 on.

Only what certainly is a table is changed, and only a condition that certainly is one: the old forms took
`None` for no condition at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from codemods import guards, names, nodes
from codemods.migrations.sqlalchemy import chains, clauses
from codemods.migrations.sqlalchemy.chains import Chain, Piece
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give update(), delete() and insert() their clauses",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both forms make the same statement from SQLAlchemy 1.4 on.",
    references=("https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",),
    needles=(b"update", b"delete", b"insert", b"select"),
    pattern=rb"\bsqlalchemy\b",
    minutes=4,
    crosses=">=2",
    since="1.4",
)

_POSITIONS: Mapping[str, Sequence[str]] = {
    "update": ("whereclause", "values", "inline"),
    "insert": ("values", "inline"),
    "delete": ("whereclause",),
    "select": ("whereclause",),
}
_ROOMS = ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression")
_FUNCTIONS = {f"{room}.{name}": name for room in _ROOMS for name in ("update", "insert", "delete")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with clauses that are methods."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        chain = _chain(call, module)
        if chain is None or guards.for_some_versions(call, module):
            continue
        if change := chains.change(module, call, chain):
            changes[call] = change
    return nodes.replaced(module, changes)


def _chain(call: cst.Call, module: cst.Module) -> Chain | None:
    """Return what a call with clauses becomes; None for one without, and in doubt."""
    function = _FUNCTIONS.get(names.of(module).qualified(call.func) or "")
    method = function or _method(call.func, module)
    if not method:
        return None
    positions = (*(("table",) if function else ()), *_POSITIONS[method])
    given = dict(clauses.given(call, positions) or {})
    table = given.pop("table", None)
    if not given or (function and table is None):
        return None
    made = clauses.links(call, given, clauses.OF_SELECT if method == "select" else clauses.OF_CHANGE, module)
    return None if made is None else Chain((Piece(table),) if table is not None else (), made)


def _method(func: cst.BaseExpression, module: cst.Module) -> str:
    """Return the name of the method of a table that is called, ``""`` where it is none."""
    is_it = (
        isinstance(func, cst.Attribute)
        and func.attr.value in _POSITIONS
        and clauses.is_table(func.value, module)
    )
    return cst.ensure_type(func, cst.Attribute).attr.value if is_it else ""
