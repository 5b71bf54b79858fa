"""Rewrites calls of pandas one by one, in the layout that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

from codemods import arguments, guards, layout, leftovers, names, nodes
from codemods.layout import CallChange

_READERS = ("read_csv", "read_table", "read_fwf", "read_excel")
Decide = Callable[[cst.Call, str], CallChange | None]
"""Says of a call, and of the dotted name of what is called (``""``: unknown), what becomes of it."""


def changed(module: cst.Module, decide: Decide) -> cst.Module:
    """Return a module in which calls are what is decided; one for some versions only stays as it is."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        change = decide(call, known.qualified(call.func) or "")
        if change and not guards.for_some_versions(call, module):
            changes[call] = fitted(module, call, change)
    return leftovers.tidied(module, nodes.replaced(module, changes))


def fitted(module: cst.Module, call: cst.Call, change: CallChange) -> nodes.Change:
    """Return the change of a call in as many lines as it needs, or in those it has where that is not seen."""
    return layout.fitted(module, call, change) or (lambda updated: change(cst.ensure_type(updated, cst.Call)))


def parsers(*which: str) -> dict[str, str]:
    """Return the dotted names of pandas' readers of text (or of those given), each with the plain one."""
    found = which or _READERS
    rooms = ("pandas", "pandas.io.parsers", "pandas.io.api")
    return {f"{room}.{name}": name for room in rooms for name in found}


def literal(call: cst.Call, keyword: str) -> str | None:
    """Return what a call gives for a keyword: ``True``, ``False``, ``None``, or a text with its quotes."""
    arg = arguments.named(call, keyword)
    value = arg.value if arg else None
    if isinstance(value, cst.Name) and value.value in {"True", "False", "None"}:
        return value.value
    return value.value if isinstance(value, cst.SimpleString) and not value.lpar else None


def dropped(call: cst.Call, keywords: Iterable[str]) -> cst.Call | None:
    """Return a call without some of its keywords; None where a comment would be lost."""
    for keyword in keywords:
        arg = arguments.named(call, keyword)
        found = arguments.without(call, list(call.args).index(arg)) if arg else call
        if found is None:
            return None
        call = found
    return call


def given(call: cst.Call) -> set[str]:
    """Return the keywords of a call, with ``*`` and ``**`` where it hands on others."""
    return {arg.keyword.value if arg.keyword else arg.star for arg in call.args} - {""}
