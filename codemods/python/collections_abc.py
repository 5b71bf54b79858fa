"""`collections.Mapping` and its like live in `collections.abc`; the old names fail since Python 3.10.

A module that uses an old name raises `ImportError` or `AttributeError` on the first day of a newer
interpreter, and often in a branch that no test runs. The classes are the same objects in either place since
Python 3.3, so nothing changes for whoever stays on an older one.

Code that chooses between both places, by catching the error or by asking for the version, works already and
is left alone, and so is a module that puts the old names back itself. Where Python 2 may still run the file,
because the project says so or because it says nothing and the file could, nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import libcst as cst

from codemods import guards, imports, leftovers, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

_MOVED = (
    *("AsyncGenerator", "AsyncIterable", "AsyncIterator", "Awaitable", "Callable", "Collection"),
    *("Container", "Coroutine", "Generator", "Hashable", "ItemsView", "Iterable", "Iterator", "KeysView"),
    *("Mapping", "MappingView", "MutableMapping", "MutableSequence", "MutableSet", "Reversible"),
    *("Sequence", "Set", "Sized", "ValuesView"),
)
_ANY = "|".join(_MOVED).encode()

ABOUT = About(
    title="Take abstract classes from collections.abc",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: since Python 3.3 either place has the same objects, and since 3.10 only the new one.",
    references=(
        "https://docs.python.org/3/library/collections.abc.html",
        "https://docs.python.org/3/whatsnew/3.10.html#removed",
    ),
    needles=(b"collections",),
    pattern=rb"from[ \t]+collections[ \t]+import[ \t]*(?:\([^)]{0,2000}?|(?:[^\n\\(]|\\\r?\n){0,500}?)\b(?:"
    + _ANY
    + rb")\b|\bcollections\.(?:"
    + _ANY
    + rb")\b|\bimport[ \t]+collections[ \t]+as[ \t]",
    minutes=5,
    codes=("UP035", "W4904", "deprecated-class"),
    asks=("floor",),
)

_PLACE = "collections.abc"
_ABC = cst.Attribute(cst.Name("collections"), cst.Name("abc"))


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with the abstract classes taken from where they are."""
    if not guards.runs_on_3(module, facts, (3, 3)):
        return module
    return _with_uses_moved(_with_imports_moved(module))


def _left_alone(node: cst.CSTNode, module: cst.Module) -> bool:
    return guards.silenced(node, module, ABOUT, "collections-abc") or guards.guarded(node, module)


def _with_imports_moved(module: cst.Module) -> cst.Module:
    """Return the module whose ``from`` imports name the new place; an import from both becomes two."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    joining: list[str] = []
    for node in nodes.of(module).all(cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar) or imports.source_of(node) != "collections":
            continue
        moved = [alias for alias in node.names if names.dotted(alias.name) in _MOVED]
        line = nodes.of(module).above[node]
        if not moved or _left_alone(node, module):
            continue
        if _can_join(line, moved, module):
            joining += [names.dotted(alias.name) for alias in moved]
        elif len(moved) == len(node.names):
            changes[node] = _from_new_place
        elif isinstance(line, cst.SimpleStatementLine) and (parted := _parted(line, node, moved)):
            changes[line] = partial(_become, parted)
    result = imports.changed(nodes.replaced(module, changes), "collections", dict.fromkeys(joining))
    for name in joining:
        result = imports.add(result, _PLACE, name)
    return result


def _from_new_place(updated: cst.CSTNode) -> cst.CSTNode:
    return imports.fitting(cst.ensure_type(updated, cst.ImportFrom).with_changes(module=_ABC))


def _become(
    lines: Sequence[cst.SimpleStatementLine], _: cst.CSTNode
) -> cst.FlattenSentinel[cst.BaseStatement]:
    return cst.FlattenSentinel(lines)


def _can_join(line: cst.CSTNode, moved: Sequence[cst.ImportAlias], module: cst.Module) -> bool:
    """Say whether the names can go to an import from the new place that the module has already."""
    there = _from_place(module)
    return (
        bool(there)
        and not any(isinstance(n.names, cst.ImportStar) or _left_alone(n, module) for n in there)
        and isinstance(line, cst.SimpleStatementLine)
        and line in module.body
        and len(line.body) == 1
        and not line.leading_lines
        and not nodes.comments(line)
        and all(alias.asname is None for alias in moved)
    )


def _from_place(module: cst.Module) -> Sequence[cst.ImportFrom]:
    found = (n for n in imports.of(module.body) if isinstance(n, cst.ImportFrom))
    return [n for n in found if imports.source_of(n) == _PLACE]


def _parted(
    line: cst.SimpleStatementLine, node: cst.ImportFrom, moved: Sequence[cst.ImportAlias]
) -> Sequence[cst.SimpleStatementLine]:
    """Return the two lines that an import becomes; none where a comment would be lost."""
    every = list(_aliases(node))
    kept = [alias for alias in every if alias not in moved]
    lost = [*moved, kept[-1].comma] if kept[-1] is not every[-1] else moved
    if len(line.body) > 1 or any(nodes.comments(n) for n in lost if isinstance(n, cst.CSTNode)):
        return ()
    kept[-1] = kept[-1].with_changes(comma=every[-1].comma)
    parts = ", ".join(cst.Module([]).code_for_node(a.with_changes(comma=_NO_COMMA)) for a in moved)
    new = cst.ensure_type(cst.parse_statement(f"from {_PLACE} import {parts}\n"), cst.SimpleStatementLine)
    fitting = imports.fitting(cst.ensure_type(new.body[0], cst.ImportFrom))
    comment = line.trailing_whitespace.comment
    is_for_linters = comment is not None and _FOR_LINTERS.search(comment.value)
    trailing = line.trailing_whitespace if is_for_linters else cst.TrailingWhitespace()
    first = line.with_deep_changes(node, names=kept)
    return first, new.with_changes(body=[fitting], trailing_whitespace=trailing)


_NO_COMMA = cst.MaybeSentinel.DEFAULT
_FOR_LINTERS = re.compile(r"#\s*(?:noqa|pylint|type:)")


def _aliases(node: cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    return () if isinstance(node.names, cst.ImportStar) else tuple(node.names)


def _with_uses_moved(module: cst.Module) -> cst.Module:
    """Return the module whose uses of ``collections.Mapping`` and its like name the new place."""
    known = names.of(module)
    uses = [
        node
        for node in nodes.of(module).all(cst.Attribute)
        if node.attr.value in _MOVED and known.qualified(node) == f"collections.{node.attr.value}"
    ]
    if not uses or any(_is_put_back(node, module) for node in uses):
        return module
    uses = [node for node in uses if not _left_alone(node, module)]
    plain = [node for node in uses if isinstance(node.value, cst.Name) and node.value.value == "collections"]
    return _with_dotted(module, plain) if plain else _with_names(module, uses)


def _is_put_back(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether the module gives the old place the name again."""
    return isinstance(nodes.of(module).above[node], cst.AssignTarget | cst.AnnAssign | cst.Del)


def _with_dotted(module: cst.Module, uses: Sequence[cst.Attribute]) -> cst.Module:
    """Return a module that says ``collections.abc.Mapping``, as it said ``collections.Mapping``."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {node.value: _dotted for node in uses}
    found = [
        (node, alias)
        for node in nodes.of(module).all(cst.Import)
        for alias in node.names
        if names.dotted(alias.name) in {"collections", _PLACE} and alias.asname is None
    ]
    top = imports.of(module.body)
    if any(names.dotted(alias.name) == _PLACE and node in top for node, alias in found):
        return nodes.replaced(module, changes)
    alone = len(found) == 1 and known.bindings("collections") == 1
    if alone and len(known.uses("collections")) == len(uses) and not _left_alone(found[0][0], module):
        return nodes.replaced(module, {**changes, found[0][1].name: _dotted})
    if known.local("collections") == "collections":
        return imports.bring(nodes.replaced(module, changes), _PLACE)
    return module


def _dotted(updated: cst.CSTNode) -> cst.CSTNode:
    return cst.Attribute(cst.ensure_type(updated, cst.Name), cst.Name("abc"))


def _with_names(module: cst.Module, uses: Sequence[cst.Attribute]) -> cst.Module:
    """Return a module that imports what it named by another name of the old place."""
    if any(_left_alone(node, module) for node in _from_place(module)):
        return module
    ways = {node: reach.to(f"{_PLACE}.{node.attr.value}", module) for node in uses}
    found = {node: way for node, way in ways.items() if way}
    changes: dict[cst.CSTNode, nodes.Change] = {n: partial(_named, way) for n, way in found.items()}
    result = reach.brought(nodes.replaced(module, changes), found.values())
    return leftovers.tidied(module, result)


def _named(way: reach.Way, updated: cst.CSTNode) -> cst.CSTNode:
    old = cst.ensure_type(updated, cst.Attribute)
    return way.expression.with_changes(lpar=old.lpar, rpar=old.rpar)
