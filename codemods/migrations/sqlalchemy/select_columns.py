"""SQLAlchemy 2.0's `select()` takes its columns one by one: `select(a, b)`, where it was `select([a, b])`.

A list raises `ArgumentError` there, and so does every other argument of the old constructor: what was
`select([a], a == 1, order_by=b)` says `select(a).where(a == 1).order_by(b)`. `exists()` and
`with_only_columns()` go the same way. Both forms make the same statement from SQLAlchemy 1.4 on.

A call is left alone where it cannot be seen whether an argument is a list, or whether a condition may be
`None`: the old constructor took that for none at all, and `where(None)` is `WHERE NULL`.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst import matchers

from codemods import certain, guards, names, nodes
from codemods.migrations.sqlalchemy import chains, clauses
from codemods.migrations.sqlalchemy.chains import Chain, Piece
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give select() its columns one by one",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both forms make the same statement from SQLAlchemy 1.4 on.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
        "https://docs.sqlalchemy.org/en/20/errors.html#error-c9ae",
    ),
    needles=(b"select", b"exists", b"with_only_columns"),
    pattern=rb"\bsqlalchemy\b",
    minutes=4,
    crosses=">=2",
    since="1.4",
)

_ROOMS = ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression")
_OF: Mapping[str, Mapping[str, clauses.Reading]] = {
    **{f"{room}.select": clauses.OF_SELECT for room in _ROOMS},
    **{f"{room}.exists": clauses.OF_EXISTS for room in _ROOMS},
}
_SELECTS = frozenset(name for name in _OF if name.endswith(".select"))
_POSITIONS = ("columns", "whereclause", "from_obj")
_LISTS = frozenset(("list", "tuple"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with columns that are given one by one."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        full = known.qualified(call.func) or ""
        chain = _chain(call, _OF[full], module) if full in _OF else _narrowed(call, module)
        if chain is None or guards.for_some_versions(call, module):
            continue
        if change := chains.change(module, call, chain):
            changes[call] = change
    return nodes.replaced(module, changes)


def _chain(call: cst.Call, known: Mapping[str, clauses.Reading], module: cst.Module) -> Chain | None:
    """Return what a call in the old form becomes; None for one in the new form, and in doubt."""
    given = dict(clauses.given(call, _POSITIONS) or {})
    index = given.pop("columns", None)
    has_keywords = any(arg.keyword for arg in call.args)
    piece = None if index is None else _piece(call, index, module)
    if index is not None and piece is None and has_keywords:
        # With any keyword it was the old constructor, which took the columns out of whatever this is.
        piece = Piece(index, "starred")
    is_none = index is not None and matchers.matches(call.args[index].value, matchers.Name("None"))
    if is_none or not (piece or (index is None and has_keywords)):
        return None
    made = clauses.links(call, given, known, module)
    return None if made is None else Chain((piece,) if piece else (), made)


def _piece(call: cst.Call, index: int, module: cst.Module) -> Piece | None:
    """Return what an argument gives that certainly is a list or a tuple; None of any other."""
    value = call.args[index].value
    if isinstance(value, cst.List | cst.Tuple):
        return Piece(index, "elements")
    return Piece(index, "starred") if _is_list(value, module) else None


def _is_list(value: cst.BaseExpression, module: cst.Module) -> bool:
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        return _is_list(value.left, module) or _is_list(value.right, module)
    return certain.type_of(value, module) in _LISTS


def _narrowed(call: cst.Call, module: cst.Module) -> Chain | None:
    """Return what ``with_only_columns([…])`` becomes, where it certainly is a statement's."""
    func = call.func
    is_it = isinstance(func, cst.Attribute) and func.attr.value == "with_only_columns" and len(call.args) == 1
    if not is_it or call.args[0].keyword or call.args[0].star:
        return None
    piece = _piece(call, 0, module)
    return Chain((piece,)) if piece and _selects(cst.ensure_type(func, cst.Attribute).value, module) else None


def _selects(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value is what `select` returns, or what a method of that does."""
    bound = certain.bound_to(node, module)
    node = bound if bound is not None else node
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        if names.of(module).qualified(node.func) in _SELECTS:
            return True
        node = node.func.value
    return isinstance(node, cst.Call) and names.of(module).qualified(node.func) in _SELECTS
