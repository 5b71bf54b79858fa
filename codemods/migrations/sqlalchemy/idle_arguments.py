"""SQLAlchemy 2.0 refuses arguments that had said nothing for long, such as `create_engine(encoding="utf-8")`.

`convert_unicode` and `encoding` are about Python 2: there is nothing else but Unicode since, and with them
`create_engine()` and `String()` raise `TypeError`. So does `Table(autoload=True, autoload_with=engine)`:
`autoload_with` alone means the same. An encoding other than UTF-8, `convert_unicode="force"`, and `autoload`
alone, which needs a bound `MetaData`, are left for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import libcst as cst

from codemods import arguments, guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave out arguments that SQLAlchemy 2.0 refuses",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: on Python 3 they say nothing, or what another argument says.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
        "https://docs.sqlalchemy.org/en/14/core/engines.html#sqlalchemy.create_engine.params.convert_unicode",
    ),
    needles=(b"convert_unicode", b"encoding", b"autoload", b"case_sensitive", b"_warn_on_bytestring"),
    pattern=rb"\bsqlalchemy\b",
    minutes=2,
    crosses=">=2",
    since="1.4",
)

_UTF_8 = frozenset(("utf-8", "utf8"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without arguments that say nothing."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        idle = _IDLE.get(known.qualified(call.func) or "")
        if idle is None or arguments.starred(call) or guards.for_some_versions(call, module):
            continue
        gone = [
            name
            for name, is_idle in idle.items()
            if (arg := arguments.named(call, name)) and is_idle(call, arg)
        ]
        if gone and _without(gone, call) is not call:
            changes[call] = partial(_changed, gone)
    return nodes.replaced(module, changes)


def _changed(gone: list[str], updated: cst.CSTNode) -> cst.CSTNode:
    return _without(gone, cst.ensure_type(updated, cst.Call))


def _without(gone: list[str], call: cst.Call) -> cst.Call:
    for name in gone:
        arg = arguments.named(call, name)
        call = (arguments.without(call, list(call.args).index(arg)) if arg else None) or call
    return call


def _is_flag(_: cst.Call, arg: cst.Arg) -> bool:
    return _said(arg) in {"True", "False"}


def _is_true(_: cst.Call, arg: cst.Arg) -> bool:
    return _said(arg) == "True"


def _is_none(_: cst.Call, arg: cst.Arg) -> bool:
    return _said(arg) == "None"


def _is_utf_8(_: cst.Call, arg: cst.Arg) -> bool:
    value = arg.value
    return isinstance(value, cst.SimpleString) and str(value.raw_value).lower() in _UTF_8


def _repeats(call: cst.Call, arg: cst.Arg) -> bool:
    """Say whether ``autoload`` says what ``autoload_with`` says already, by being there or not."""
    source = arguments.named(call, "autoload_with")
    has_source = source is not None and _said(source) != "None"
    return _said(arg) == ("True" if has_source else "False")


def _said(arg: cst.Arg) -> str:
    return arg.value.value if isinstance(arg.value, cst.Name) else ""


_IsIdle = Callable[[cst.Call, cst.Arg], bool]
_OF_ENGINES: Mapping[str, _IsIdle] = {
    "convert_unicode": _is_flag,
    "encoding": _is_utf_8,
    "case_sensitive": _is_true,
}
_OF_TEXTS: Mapping[str, _IsIdle] = {
    "convert_unicode": _is_flag,
    "unicode_error": _is_none,
    "_warn_on_bytestring": _is_flag,
}
_TEXTS = ("String", "Unicode", "Text", "UnicodeText", "VARCHAR", "CHAR", "TEXT", "NVARCHAR", "NCHAR", "Enum")
_IDLE: Mapping[str, Mapping[str, _IsIdle]] = {
    **{f"{room}.create_engine": _OF_ENGINES for room in ("sqlalchemy", "sqlalchemy.engine")},
    **{f"{room}.Table": {"autoload": _repeats} for room in ("sqlalchemy", "sqlalchemy.schema")},
    **{f"{room}.{name}": _OF_TEXTS for room in ("sqlalchemy", "sqlalchemy.types") for name in _TEXTS},
}
