"""Rewrites calls of pandas one by one, in the layout that they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

from codemods import arguments, guards, imports, layout, leftovers, names, nodes, reach, scopes
from codemods.layout import CallChange
from codemods.reach import Way

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
    """Return the change of a call in as many lines as it needs.

    Where it has several already, and they get too long, each argument has one.
    """
    if found := layout.fitted(module, call, change):
        return found
    is_long = not layout.fits(module, call, change(call))

    def written(updated: cst.CSTNode) -> cst.CSTNode:
        new = change(cst.ensure_type(updated, cst.Call))
        return _in_lines(new) if is_long else new

    return written


def _in_lines(call: cst.Call) -> cst.Call:
    """Return a call whose arguments stand in a line of their own, with a line for each of them."""
    between = call.whitespace_before_args
    if not isinstance(between, cst.ParenthesizedWhitespace) or len(call.args) == 1 or nodes.comments(call):
        return call
    *rest, last = call.args
    behind = last.comma if isinstance(last.comma, cst.Comma) else cst.Comma()
    tail = last.whitespace_after_arg if behind is not last.comma else behind.whitespace_after
    comma = behind.with_changes(whitespace_after=tail)
    end = last.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))
    lines = [arg.with_changes(comma=cst.Comma(whitespace_after=between)) for arg in rest]
    return call.with_changes(args=[*lines, end])


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


def way(name: str, call: cst.Call, module: cst.Module) -> Way | None:
    """Return how something of pandas can be named where a call stands.

    Where the function of the call has pandas under a name of its own, by that; None where it is only imported
    in other functions.
    """
    known, seen = names.of(module), nodes.of(module)
    if not any(full.partition(".")[0] == "pandas" for n in imports.of(module.body) for full in _sources(n)):
        home = seen.function(call)
        own = (node for node in seen.all(cst.Name) if known.qualified(node) == "pandas")
        here = next((node for node in own if home and seen.function(node) is home), None)
        return Way(cst.Attribute(cst.Name(here.value), cst.Name(name))) if here else None
    return reach.to(f"pandas.{name}", module)


def _sources(node: cst.Import | cst.ImportFrom) -> list[str]:
    return [] if isinstance(node.names, cst.ImportStar) else [full for _, full in scopes.imports(node)]
