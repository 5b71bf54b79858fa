"""SQLAlchemy 1.4 knows PostgreSQL by the name `postgresql` only: `postgres://` raises `NoSuchModuleError`.

Both named the same dialect before. An address is changed where it is written for SQLAlchemy: as the first
argument of `create_engine()` and the like, with what stands in for an environment variable that is not set,
and as Flask-SQLAlchemy's `SQLALCHEMY_DATABASE_URI`. What comes from the environment itself is for a person.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import certain, guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call PostgreSQL by its name in addresses",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names stand for the same dialect as long as both are known.",
    references=("https://docs.sqlalchemy.org/en/20/changelog/changelog_14.html",),
    needles=(b"create_engine", b"create_async_engine", b"make_url", b"SQLALCHEMY_DATABASE_URI"),
    pattern=rb"postgres(?:\+\w+)?://",
    minutes=2,
    crosses=">=1.4",
    since="1.3",
)

_TAKE = frozenset(
    (
        *("sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.engine.url.make_url"),
        *("sqlalchemy.engine.make_url", "sqlalchemy.ext.asyncio.create_async_engine"),
    )
)
_ENVIRONMENT = frozenset(("os.environ.get", "os.getenv"))
_SETTING = "SQLALCHEMY_DATABASE_URI"
_OLD = ("postgres://", "postgres+")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with addresses that SQLAlchemy 1.4 knows."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for value in _values(module):
        for node in _addresses(value, module, 1):
            new = _renamed(node)
            if new is not None and not guards.for_some_versions(node, module):
                changes[node] = nodes.to(new)
    return nodes.replaced(module, changes)


def _values(module: cst.Module) -> Iterator[cst.BaseExpression]:
    """Yield what is given to SQLAlchemy as an address."""
    seen, known = nodes.of(module), names.of(module)
    for call in seen.all(cst.Call):
        if known.qualified(call.func) in _TAKE and call.args and not call.args[0].star:
            yield call.args[0].value
        yield from (arg.value for arg in call.args if arg.keyword and arg.keyword.value == _SETTING)
    for node in (*seen.all(cst.Assign), *seen.all(cst.AnnAssign)):
        target, value = nodes.assigned(node)
        if value is not None and target is not None and _is_setting(target):
            yield value
    yield from (node.value for node in seen.all(cst.DictElement) if _says(node.key))


def _is_setting(target: cst.BaseExpression) -> bool:
    if isinstance(target, cst.Attribute):
        target = target.attr
    if isinstance(target, cst.Subscript):
        inside = target.slice[0].slice
        return isinstance(inside, cst.Index) and _says(inside.value)
    return isinstance(target, cst.Name) and target.value == _SETTING


def _says(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString) and node.raw_value == _SETTING


def _addresses(node: cst.BaseExpression, module: cst.Module, depth: int) -> Iterator[cst.BaseExpression]:
    """Yield the strings that a value may be, or begin with."""
    if isinstance(node, cst.SimpleString | cst.FormattedString):
        yield node
    elif isinstance(node, cst.ConcatenatedString | cst.BinaryOperation):
        yield from _addresses(node.left, module, depth)
    elif isinstance(node, cst.BooleanOperation):
        for part in (node.left, node.right):
            yield from _addresses(part, module, depth)
    elif isinstance(node, cst.Call):
        yield from _of_call(node, module, depth)
    elif depth and (bound := certain.bound_to(node, module)) is not None:
        yield from _addresses(bound, module, depth - 1)


def _of_call(call: cst.Call, module: cst.Module, depth: int) -> Iterator[cst.BaseExpression]:
    if names.of(module).qualified(call.func) in _ENVIRONMENT:
        for arg in call.args[1:]:
            yield from _addresses(arg.value, module, depth)
    elif isinstance(call.func, cst.Attribute) and call.func.attr.value == "format":
        yield from _addresses(call.func.value, module, depth)


def _renamed(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return a string with the new name; None where it has not got the old one."""
    if isinstance(node, cst.FormattedString):
        first = node.parts[0] if node.parts else None
        if not isinstance(first, cst.FormattedStringText) or not first.value.startswith(_OLD):
            return None
        return node.with_changes(parts=[first.with_changes(value=_named(first.value)), *node.parts[1:]])
    if not isinstance(node, cst.SimpleString) or not str(node.raw_value).startswith(_OLD):
        return None
    start = node.value.index(str(node.raw_value))
    return node.with_changes(value=node.value[:start] + _named(node.value[start:]))


def _named(text: str) -> str:
    return "postgresql" + text.removeprefix("postgres")
