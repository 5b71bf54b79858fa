"""PyMySQL 1.0 takes what it connects to by keyword only: `connect("localhost", "me")` raises `TypeError`.

The first five arguments were host, user, password, database and port, in this order. Each has had its name
since PyMySQL 0.7.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Connect with keywords, as PyMySQL 1.0 needs",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each argument gets the name that it has.",
    references=("https://github.com/PyMySQL/PyMySQL/blob/main/CHANGELOG.md",),
    needles=(b"pymysql",),
    pattern=rb"\b[cC]onnect(?:ion)?\b",
    minutes=2,
    crosses=">=1",
    since="0.7",
)

_CALLED = frozenset(
    f"pymysql.{name}" for name in ("connect", "Connect", "Connection", "connections.Connection")
)
_NAMES = ("host", "user", "password", "database", "port")
_ALSO = {"passwd": "password", "db": "database"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that connects with keywords."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        if known.qualified(call.func) not in _CALLED or not _is_plain(call):
            continue
        if not guards.for_some_versions(call, module):
            changes[call] = layout.fitted(module, call, _named) or partial(_as_call)
    return nodes.replaced(module, changes)


def _is_plain(call: cst.Call) -> bool:
    """Say whether a call gives something by position, and its names are certain."""
    placed = _NAMES[: len(arguments.positional(call))]
    given = {arg.keyword.value for arg in call.args if arg.keyword}
    given |= {_ALSO[name] for name in given & _ALSO.keys()}
    fits = 0 < len(placed) == len(arguments.positional(call)) and given.isdisjoint(placed)
    return fits and not arguments.starred(call)


def _named(call: cst.Call) -> cst.Call:
    count = len(arguments.positional(call))
    named = [
        arg.with_changes(keyword=new.keyword, equal=new.equal)
        for arg, name in zip(call.args, _NAMES[:count], strict=False)
        for new in (arguments.keyword(name, arg.value),)
    ]
    return call.with_changes(args=[*named, *call.args[count:]])


def _as_call(updated: cst.CSTNode) -> cst.Call:
    return _named(cst.ensure_type(updated, cst.Call))
