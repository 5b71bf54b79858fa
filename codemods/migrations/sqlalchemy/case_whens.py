"""SQLAlchemy 2.0's `case()` takes its conditions one by one: `case((a, b), else_=c)`, where it was a list.

`case([(a, b)])` raises `ArgumentError` there, and so does the keyword `whens`. Both forms make the same
expression from SQLAlchemy 1.4 on. A dictionary of values stays one, as the first argument: `case({1: "a"},
value=x)`.
"""

from __future__ import annotations

import libcst as cst

from codemods import certain, guards, names, nodes
from codemods.migrations.sqlalchemy import chains, clauses
from codemods.migrations.sqlalchemy.chains import Chain, Piece
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give case() its conditions one by one",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both forms make the same expression from SQLAlchemy 1.4 on.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
        "https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.case",
    ),
    needles=(b"case",),
    pattern=rb"\bsqlalchemy\b",
    minutes=3,
    crosses=">=2",
    since="1.4",
)

_CASES = frozenset(("sqlalchemy.case", "sqlalchemy.sql.case", "sqlalchemy.sql.expression.case"))
_KNOWN = frozenset(("whens", "value", "else_"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with conditions that are given one by one."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if known.qualified(call.func) not in _CASES or guards.for_some_versions(call, module):
            continue
        chain = _chain(call, module)
        if chain and (change := chains.change(module, call, chain)):
            changes[call] = change
    return nodes.replaced(module, changes)


def _chain(call: cst.Call, module: cst.Module) -> Chain | None:
    """Return what a call in the old form becomes; None for one in the new form, and in doubt."""
    given = clauses.given(call, ("whens",))
    if given is None or "whens" not in given or not _KNOWN.issuperset(given):
        return None
    index = given["whens"]
    value = call.args[index].value
    if isinstance(value, cst.List):
        first = Piece(index, "elements")
    elif certain.type_of(value, module) == "list":
        first = Piece(index, "starred")
    elif call.args[index].keyword and certain.type_of(value, module) == "dict":
        first = Piece(index)
    else:
        return None
    return Chain((first, *(Piece(n, "pair") for n in range(len(call.args)) if n != index)))
