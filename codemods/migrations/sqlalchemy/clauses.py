"""Tells which clauses the old constructors of statements were given, and the methods that say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import libcst as cst

from codemods import certain, names
from codemods.migrations.sqlalchemy.chains import Link, Piece

_COMPARES = (
    *(cst.Equal, cst.NotEqual, cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual),
)
_CONDITIONS = frozenset(
    (
        *("in_", "notin_", "not_in", "is_", "isnot", "is_not", "like", "notlike", "ilike", "notilike"),
        *("between", "startswith", "endswith", "contains", "has", "any", "exists", "is_distinct_from"),
        *("isnot_distinct_from", "match", "op", "self_group"),
    )
)
_ORDERS = frozenset(
    ("desc", "asc", "nullslast", "nullsfirst", "nulls_last", "nulls_first", "label", "collate")
)
_FROMS = frozenset(("join", "outerjoin", "alias", "subquery", "cte", "lateral", "tablesample"))
_TABLES = frozenset(
    f"{module}.{name}"
    for module, known in {
        "sqlalchemy": ("Table", "table", "alias", "join", "outerjoin", "lateral"),
        "sqlalchemy.schema": ("Table",),
        "sqlalchemy.sql": ("table", "alias", "join", "outerjoin", "lateral"),
        "sqlalchemy.sql.expression": ("table", "alias", "join", "outerjoin", "lateral"),
        "sqlalchemy.orm": ("join", "outerjoin", "aliased"),
    }.items()
    for name in known
)

Reading = Callable[[cst.Call, int, cst.Module], tuple[Link, ...] | None]
"""Returns what the argument of this index becomes, None where it cannot be told."""


def is_table(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is one thing to select from: a table, an alias, a join."""
    if isinstance(node, cst.Attribute):
        return node.attr.value == "__table__"
    if isinstance(node, cst.Call):
        func = node.func
        is_method = isinstance(func, cst.Attribute) and func.attr.value in _FROMS
        return is_method or names.of(module).qualified(func) in _TABLES
    bound = certain.bound_to(node, module)
    return isinstance(bound, cst.Call | cst.Attribute) and is_table(bound, module)


def _condition(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is a condition, and not None."""
    if isinstance(node, cst.Comparison):
        return len(node.comparisons) == 1 and isinstance(node.comparisons[0].operator, _COMPARES)
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.operator, cst.BitAnd | cst.BitOr)
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.BitInvert)
    if isinstance(node, cst.Call):
        return _makes(node, _CONDITIONS, module)
    bound = certain.bound_to(node, module)
    return bound is not None and not isinstance(bound, cst.Name) and _condition(bound, module)


def _makes(call: cst.Call, methods: frozenset[str], module: cst.Module) -> bool:
    """Say whether a call is of one of these methods, or of a function of the library."""
    func = call.func
    if isinstance(func, cst.Call):  # as in ``column.op("~")(value)``
        return _makes(func, methods, module)
    if isinstance(func, cst.Attribute) and func.attr.value in methods:
        return True
    return (names.of(module).qualified(func) or "").startswith("sqlalchemy.")


def _expression(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is one expression to order or to group by."""
    if isinstance(node, cst.Call):
        return _makes(node, _ORDERS, module)
    owner = node.value if isinstance(node, cst.Attribute | cst.Subscript) else None
    return isinstance(owner, cst.Attribute) and owner.attr.value in {"c", "columns"}


def _given(name: str, is_it: Callable[[cst.BaseExpression, cst.Module], bool], *, several: bool) -> Reading:
    def read(call: cst.Call, index: int, module: cst.Module) -> tuple[Link, ...] | None:
        value = call.args[index].value
        if several and isinstance(value, cst.List | cst.Tuple) and value.elements:
            return (Link(name, (Piece(index, "elements"),)),)
        return (Link(name, (Piece(index),)),) if is_it(value, module) else None

    return read


def _any(_: cst.BaseExpression, __: cst.Module) -> bool:
    return True


def _dictionary(node: cst.BaseExpression, module: cst.Module) -> bool:
    return certain.type_of(node, module) in {"dict", "list"}


def _switch(link: Link) -> Reading:
    """Read an argument that is ``True``, which a method stands for, or ``False``, which says nothing."""

    def read(call: cst.Call, index: int, _: cst.Module) -> tuple[Link, ...] | None:
        value = call.args[index].value
        said = value.value if isinstance(value, cst.Name) else ""
        return () if said == "False" else (link,) if said == "True" else None

    return read


_WHERE = _given("where", _condition, several=False)
OF_SELECT: Mapping[str, Reading] = {
    "whereclause": _WHERE,
    "from_obj": _given("select_from", is_table, several=True),
    "group_by": _given("group_by", _expression, several=True),
    "having": _given("having", _condition, several=False),
    "order_by": _given("order_by", _expression, several=True),
    "limit": _given("limit", _any, several=False),
    "offset": _given("offset", _any, several=False),
    "distinct": _switch(Link("distinct")),
}
"""What `select` took beside its columns."""
OF_EXISTS: Mapping[str, Reading] = {name: OF_SELECT[name] for name in ("whereclause", "from_obj")}
OF_CHANGE: Mapping[str, Reading] = {
    "whereclause": _WHERE,
    "values": _given("values", _dictionary, several=False),
    "inline": _switch(Link("inline")),
}
"""What `update`, `delete` and `insert` took beside their table."""


def given(call: cst.Call, positions: Sequence[str]) -> Mapping[str, int] | None:
    """Return the index of each argument by its name; None where it cannot be seen what a call is given."""
    found: dict[str, int] = {}
    for index, arg in enumerate(call.args):
        if arg.star or (arg.keyword is None and index >= len(positions)):
            return None
        found[arg.keyword.value if arg.keyword else positions[index]] = index
    return found


def links(
    call: cst.Call, named: Mapping[str, int], known: Mapping[str, Reading], module: cst.Module
) -> tuple[Link, ...] | None:
    """Return the methods that say what some arguments of a call said; None where one cannot be told."""
    found: dict[str, tuple[Link, ...]] = {}
    for name, index in named.items():
        made = known[name](call, index, module) if name in known else None
        if made is None:
            return None
        found[name] = made
    return tuple(link for name in known for link in found.get(name, ()))
