"""Tells what certainly is an engine, a connection or a session: from the module alone."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import certain, names

ENGINE, CONNECTION, SESSION = "engine", "connection", "session"
_CALLED: Mapping[str, str] = {
    "sqlalchemy.create_engine": ENGINE,
    "sqlalchemy.engine.create_engine": ENGINE,
    "sqlalchemy.engine_from_config": ENGINE,
    "alembic.op.get_bind": CONNECTION,
    "sqlalchemy.orm.Session": SESSION,
    "sqlalchemy.orm.session.Session": SESSION,
    "sqlalchemy.orm.scoped_session": SESSION,
}
_MAKERS = frozenset(
    (
        *("sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.session.sessionmaker"),
        *("sqlalchemy.orm.scoped_session", "sqlalchemy.orm.scoping.scoped_session"),
    )
)
_ANNOTATED: Mapping[str, str] = {
    **{f"{room}.Engine": ENGINE for room in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.base")},
    **{
        f"{room}.Connection": CONNECTION
        for room in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.base")
    },
    **{f"{room}.Session": SESSION for room in ("sqlalchemy.orm", "sqlalchemy.orm.session")},
}


def kind(node: cst.BaseExpression, module: cst.Module) -> str | None:
    """Return which of the three a value certainly is, or None.

    A call that makes one, a name that its scope binds once to such a call (by an assignment or ``with``) or
    annotates so, and ``db.session`` where ``db`` is Flask-SQLAlchemy's.
    """
    if isinstance(node, cst.Call):
        return _made(node, module)
    if isinstance(node, cst.Attribute):
        return SESSION if node.attr.value == "session" and _is_flask(node.value, module) else None
    if not isinstance(node, cst.Name):
        return None
    return _of_value(node, module) or _of_annotation(node, module)


def in_transaction(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a connection certainly stands in a transaction that somebody else commits."""
    context, bound = certain.entered(node, module), certain.bound_to(node, module)
    begun = isinstance(context, cst.Call) and isinstance(context.func, cst.Attribute)
    if begun and cst.ensure_type(context, cst.Call).func.attr.value == "begin":  # type: ignore[attr-defined]
        return True
    source = bound if bound is not None else node
    return isinstance(source, cst.Call) and names.of(module).qualified(source.func) == "alembic.op.get_bind"


def _of_value(node: cst.Name, module: cst.Module) -> str | None:
    bound = certain.bound_to(node, module) or certain.entered(node, module)
    return _made(bound, module) if isinstance(bound, cst.Call) else None


def _of_annotation(node: cst.Name, module: cst.Module) -> str | None:
    if not names.of(module).bound_once(node):
        return None
    found = certain.bindings(node, module)
    if len(found) != 1 or not isinstance(found[0], cst.Param | cst.AnnAssign):
        return None
    annotation = found[0].annotation
    is_plain = not (isinstance(found[0], cst.Param) and (found[0].star or found[0].default))
    return (
        _ANNOTATED.get(names.of(module).qualified(annotation.annotation) or "")
        if annotation and is_plain
        else None
    )


def _made(call: cst.Call, module: cst.Module) -> str | None:
    """Return what a call makes."""
    found = _CALLED.get(names.of(module).qualified(call.func) or "")
    if found or not isinstance(call.func, cst.Attribute):
        return found or _of_maker(call.func, module)
    owner, name = call.func.value, call.func.attr.value
    if name in {"connect", "begin"} and kind(owner, module) == ENGINE:
        return CONNECTION
    return None


def _of_maker(func: cst.BaseExpression, module: cst.Module) -> str | None:
    bound = certain.bound_to(func, module)
    is_maker = isinstance(bound, cst.Call) and names.of(module).qualified(bound.func) in _MAKERS
    return SESSION if is_maker else None


def _is_flask(node: cst.BaseExpression, module: cst.Module) -> bool:
    bound = certain.bound_to(node, module)
    return (
        isinstance(bound, cst.Call)
        and names.of(module).qualified(bound.func) == "flask_sqlalchemy.SQLAlchemy"
    )
