"""Loader options take attributes: `joinedload(User.books)`, where `joinedload("books")` was enough.

SQLAlchemy 2.0 raises `ArgumentError` for a string. Which class it is about can be read where the option
stands in the `options()` of a query of one entity, `session.query(User).options(…)`; an option that is made
elsewhere, and the second one in a chain, are for a person.
"""

from __future__ import annotations

import keyword

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give loader options attributes in place of names",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the name was looked up on the same class.",
    references=("https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",),
    needles=(b"options",),
    pattern=rb"sqlalchemy[^\n]*\borm\b",
    minutes=3,
    crosses=">=2",
    since="1.4",
)

_LOADERS = frozenset(
    f"sqlalchemy.orm.{name}"
    for name in (
        *("joinedload", "selectinload", "subqueryload", "immediateload", "lazyload", "noload", "raiseload"),
        *("contains_eager", "defer", "undefer", "load_only"),
    )
)
_SELECTS = frozenset(("sqlalchemy.select", "sqlalchemy.sql.select", "sqlalchemy.sql.expression.select"))
_KEEP = frozenset(
    (
        *("filter", "filter_by", "where", "order_by", "limit", "offset", "options", "distinct", "group_by"),
        *(
            "join",
            "outerjoin",
            "enable_eagerloads",
            "execution_options",
            "with_for_update",
            "populate_existing",
        ),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with attributes in its loader options."""
    known, seen = names.of(module), nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in seen.all(cst.Call):
        if known.qualified(call.func) not in _LOADERS or guards.for_some_versions(call, module):
            continue
        arg = seen.above[call]
        options = seen.above[arg]
        if (
            not isinstance(arg, cst.Arg)
            or arg.star
            or not isinstance(options, cst.Call)
            or options.func is call
        ):
            continue
        entity = _entity(options, known)
        if entity is not None:
            changes |= {text: nodes.to(_attribute(entity, text)) for text in _texts(call)}
    return nodes.replaced(module, changes)


def _entity(options: cst.Call, known: names.Names) -> cst.Name | cst.Attribute | None:
    """Return the one class that a query is about, on which ``options`` is called, or None."""
    func = options.func
    if not isinstance(func, cst.Attribute) or func.attr.value != "options":
        return None
    node: cst.BaseExpression = func.value
    while (
        isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in _KEEP
    ):
        node = node.func.value
    if not isinstance(node, cst.Call) or len(node.args) != 1 or node.args[0].star or node.args[0].keyword:
        return None
    is_query = isinstance(node.func, cst.Attribute) and node.func.attr.value == "query"
    entity = node.args[0].value
    is_plain = isinstance(entity, cst.Name) or (
        isinstance(entity, cst.Attribute) and known.qualified(entity) is not None
    )
    if not is_plain or entity.lpar or not (is_query or known.qualified(node.func) in _SELECTS):
        return None
    return entity if isinstance(entity, cst.Name | cst.Attribute) else None


def _texts(call: cst.Call) -> list[cst.SimpleString]:
    """Return the names that an option is given, each the name of an attribute; none where one is more."""
    values = [arg.value for arg in call.args if not arg.keyword]
    found = [value for value in values if isinstance(value, cst.SimpleString) and not value.lpar]
    words = [str(value.raw_value) for value in found]
    plain = all(word.isidentifier() and not keyword.iskeyword(word) for word in words)
    return found if plain and len(found) == len(values) and not any(arg.star for arg in call.args) else []


def _attribute(entity: cst.Name | cst.Attribute, text: cst.SimpleString) -> cst.Attribute:
    return cst.Attribute(entity.deep_clone(), cst.Name(str(text.raw_value)))
