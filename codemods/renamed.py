"""Renames what a library calls otherwise by now: names, however they are imported, and keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from codemods import (
    arguments,
    expressions,
    guards,
    imports,
    layout,
    leftovers,
    moved,
    names,
    nodes,
    reach,
    scopes,
)
from codemods.reach import Way


@dataclass
class _Plan:
    """What is to be done to a module: nodes that change, names whose imports go, imports that come."""

    changes: dict[cst.CSTNode, nodes.Change] = field(default_factory=dict)
    become: dict[str, dict[str, str | None]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    lines: dict[str, None] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)


def names_in(module: cst.Module, table: Mapping[str, str]) -> cst.Module:
    """Return a module that uses the new names of a table, which leads from dotted names to dotted names.

    A name stays where it is imported under a condition or within a function, where something else binds it
    too, where a string or a comment says that others read it here, and where the new one is taken.
    """
    uses, imported = _uses(module, table), _imports(module, table)
    plan = _Plan()
    for old in sorted({*uses, *imported}):
        _planned(module, (old, table[old]), uses.get(old, []), imported.get(old, []), plan)
    result = nodes.replaced(module, plan.changes)
    for source, become in plan.become.items():
        result = imports.changed(result, source, become)
    if plan.gone or plan.lines:
        result = moved.swapped(result, plan.gone, plan.lines)
    return leftovers.tidied(module, reach.brought(result, plan.ways))


def _uses(module: cst.Module, table: Mapping[str, str]) -> dict[str, list[cst.Name | cst.Attribute]]:
    known, seen = names.of(module), nodes.of(module)
    lasts = {old.rpartition(".")[2] for old in table}
    found: dict[str, list[cst.Name | cst.Attribute]] = {}
    local = {
        alias for pairs in map(scopes.imports, _statements(module)) for alias, full in pairs if full in table
    }
    for node in seen.all(cst.Attribute):
        if node.attr.value in lasts and (full := known.qualified(node)) in table and full is not None:
            found.setdefault(full, []).append(node)
    for use in (use for name in sorted(local) for use in known.uses(name)):
        if (full := known.qualified(use)) in table and full is not None:
            found.setdefault(full, []).append(use)
    return found


def _statements(module: cst.Module) -> list[leftovers.Import]:
    seen = nodes.of(module)
    every: list[leftovers.Import] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    return [n for n in every if not isinstance(n.names, cst.ImportStar)]


def _imports(
    module: cst.Module, table: Mapping[str, str]
) -> dict[str, list[tuple[cst.ImportFrom, cst.ImportAlias]]]:
    found: dict[str, list[tuple[cst.ImportFrom, cst.ImportAlias]]] = {}
    for node in _statements(module):
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            for alias, (_, full) in zip(node.names, scopes.imports(node), strict=True):
                if full in table:
                    found.setdefault(full, []).append((node, alias))
    return found


def _planned(
    module: cst.Module,
    pair: tuple[str, str],
    uses: Sequence[cst.Name | cst.Attribute],
    imported: Sequence[tuple[cst.ImportFrom, cst.ImportAlias]],
    plan: _Plan,
) -> None:
    """Add to a plan what renames one name, all of it or nothing."""
    attributes = [node for node in uses if isinstance(node, cst.Attribute)]
    local = _local(imported)
    if imported:
        changes = _from_import(module, pair, local, uses, imported, plan)
        if changes is None:
            return
        plan.changes |= changes
    _attributes(module, pair, attributes, plan)


def _local(imported: Sequence[tuple[cst.ImportFrom, cst.ImportAlias]]) -> str:
    if len(imported) != 1:
        return ""
    alias = imported[0][1]
    return alias.evaluated_alias or alias.evaluated_name


def _from_import(  # noqa: PLR0913, PLR0917 -- all that the import and its uses are
    module: cst.Module,
    pair: tuple[str, str],
    local: str,
    uses: Sequence[cst.Name | cst.Attribute],
    imported: Sequence[tuple[cst.ImportFrom, cst.ImportAlias]],
    plan: _Plan,
) -> dict[cst.CSTNode, nodes.Change] | None:
    """Plan the import of a name; return how its uses change, None where all has to stay as it is."""
    (source, _, _), (place, _, name) = pair[0].rpartition("."), pair[1].rpartition(".")
    known = names.of(module)
    node = imported[0][0]
    line = nodes.of(module).above[node]
    is_plain = local and line in module.body and not guards.for_some_versions(node, module)
    own = [use for use in uses if isinstance(use, cst.Name)]
    if not is_plain or known.bindings(local) != 1 or len(own) != len(known.uses(local)) or node.relative:
        return None
    if not moved.may_go(module, local, stays=local == name):
        return None
    if imported[0][1].asname is not None:
        plan.gone.add(local)
        plan.lines[f"from {place} import {name} as {local}"] = None
        return {}
    there = known.local(pair[1])
    if local != name and there is None and not known.free(name):
        return None
    if place == source and there is None and name not in plan.become.get(source, {}).values():
        plan.become.setdefault(source, {})[local] = name
    else:
        plan.gone.add(local)
        if there is None:
            plan.lines[f"from {place} import {name}"] = None
    new = cst.Name(there or name)
    return {use: _become(new) for use in own} if new.value != local else {}


def _attributes(
    module: cst.Module, pair: tuple[str, str], attributes: Iterable[cst.Attribute], plan: _Plan
) -> None:
    """Plan the uses of a name behind a dot."""
    (source, _, _), (place, _, name) = pair[0].rpartition("."), pair[1].rpartition(".")
    known = names.of(module)
    for node in attributes:
        if guards.for_some_versions(node, module):
            continue
        if place == source:
            plan.changes[node.attr] = nodes.to(cst.Name(name))
        elif known.qualified(node.value) == source and (way := reach.to(pair[1], module)):
            plan.changes[node] = _become(way.expression)
            plan.ways.append(way)


def _become(new: cst.BaseExpression) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        if not isinstance(updated, cst.BaseExpression):
            raise TypeError("a name is an expression")
        return expressions.in_place(new.deep_clone(), updated)

    return change


def keywords_in(module: cst.Module, table: Mapping[str, Mapping[str, str | None]]) -> cst.Module:
    """Return a module whose calls use the new keywords.

    The table leads from the dotted name of what is called to its old keywords, and from each to the new one
    (None: the argument goes). A call that hands on ``**`` stays, and so does one that has the new one.
    """
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        become = table.get(known.qualified(call.func) or "")
        if not become or _is_undecided(call, module) or _called(become, call) is call:
            continue
        renamed = partial(_called, become)
        changes[call] = layout.fitted(module, call, renamed) or _as_call(renamed)
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _is_undecided(call: cst.Call, module: cst.Module) -> bool:
    """Say whether it cannot be seen what a call is given, or whether it is meant for one version alone."""
    return any(arg.star == "**" for arg in call.args) or guards.for_some_versions(call, module)


def _as_call(change: Callable[[cst.Call], cst.Call]) -> nodes.Change:
    return lambda updated: change(cst.ensure_type(updated, cst.Call))


def _called(become: Mapping[str, str | None], call: cst.Call) -> cst.Call:
    for old, new in become.items():
        arg = arguments.named(call, old)
        if arg is None:
            continue
        if new is None:
            call = arguments.without(call, list(call.args).index(arg)) or call
        elif arguments.named(call, new) is None:
            call = call.with_deep_changes(arg, keyword=cst.Name(new))
    return call
