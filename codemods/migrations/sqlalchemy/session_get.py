"""`session.get(User, 1)` is what `session.query(User).get(1)` was: SQLAlchemy 2.0 calls the latter legacy.

It warns there (`LegacyAPIWarning`). Both look into the session first and ask the database then. Only what
certainly is a session is changed, and nothing in a file that speaks of a query class of its own.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import guards, layout, names, nodes
from codemods.migrations.sqlalchemy import receivers
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Get objects from the session itself",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A query class of your own that has another `get` is not asked any more.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#orm-query-get-method-moves-to-session",
    ),
    needles=(b"query",),
    pattern=rb"\.get\b",
    minutes=2,
    crosses=">=2",
    since="1.4",
)

_OWN = frozenset(("query_cls", "query_class", "BaseQuery", "Query"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with objects that the session gets."""
    if any(node.value in _OWN for node in nodes.of(module).all(cst.Name)):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if _gets(call, module) and not guards.for_some_versions(call, module):
            changes[call] = layout.fitted(module, call, _got) or partial(_as_call)
    return nodes.replaced(module, changes)


def _gets(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call is ``session.query(Model).get(key)``, without a comment in it."""
    query = (
        call.func.value if isinstance(call.func, cst.Attribute) and call.func.attr.value == "get" else None
    )
    if not isinstance(query, cst.Call) or not _is_one(query) or not _is_one(call) or nodes.comments(call):
        return False
    func, model = query.func, query.args[0].value
    if not isinstance(func, cst.Attribute) or func.attr.value != "query":
        return False
    is_model = isinstance(model, cst.Name) or names.of(module).qualified(model) is not None
    return is_model and receivers.kind(func.value, module) == receivers.SESSION


def _is_one(call: cst.Call) -> bool:
    return len(call.args) == 1 and not call.args[0].keyword and not call.args[0].star


def _got(call: cst.Call) -> cst.Call:
    query = cst.ensure_type(cst.ensure_type(call.func, cst.Attribute).value, cst.Call)
    session = cst.ensure_type(query.func, cst.Attribute).value
    model = cst.Arg(query.args[0].value, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    return call.with_changes(func=cst.Attribute(session, cst.Name("get")), args=[model, *call.args])


def _as_call(updated: cst.CSTNode) -> cst.CSTNode:
    return _got(cst.ensure_type(updated, cst.Call))
