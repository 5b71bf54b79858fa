"""Renames what a library calls otherwise by now: names, however they are imported, and keywords."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from codemods import (
    alignment,
    arguments,
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
    """What is to be done to a module: names that become texts, whose imports go, imports that come."""

    texts: dict[cst.CSTNode, str] = field(default_factory=dict)
    become: dict[str, dict[str, str | None]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    lines: dict[str, None] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    moves: dict[cst.ImportFrom, dict[cst.ImportAlias, _Move]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Move:
    """A name that comes from another module: ``place`` and ``name`` there, and what its uses become."""

    place: str
    name: str
    texts: Mapping[cst.CSTNode, str]


def names_in(module: cst.Module, table: Mapping[str, str]) -> cst.Module:
    """Return a module that uses the new names of a table, which leads from dotted names to dotted names.

    A name stays where it is imported for some versions only, where something else binds it too, where a
    string or a comment says that others read it here, or nothing else here does, and where the new one is
    taken. So does one that the module gives to the library itself: ``lib.old = lib.new``.
    """
    uses, imported, above = _uses(module, table), _imports(module, table), nodes.of(module).above
    plan = _Plan()
    given = {old for old, nodes_ in uses.items() if any(nodes.is_set(n, above[n]) for n in nodes_)}
    for old in sorted({*uses, *imported} - given):
        _planned(module, (old, table[old]), uses.get(old, []), imported.get(old, []), plan)
    for node, moves in plan.moves.items():
        _moved(module, node, moves, plan)
    result = _without_twins(module, alignment.renamed(module, plan.texts)) if plan.texts else module
    for source, become in plan.become.items():
        result = imports.changed(result, source, become)
    if plan.gone or plan.lines:
        result = moved.swapped(result, plan.gone, plan.lines)
    return leftovers.tidied(module, imports.in_their_order(module, reach.brought(result, plan.ways)))


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
    place, source = pair[1].rpartition(".")[0], pair[0].rpartition(".")[0]
    inside = [found for found in imported if found[1].asname and place == source]
    for statement, alias in inside:
        if not (guards.for_some_versions(statement, module) or statement.relative):
            plan.texts[alias.name] = pair[1].rpartition(".")[2]
    plain = [found for found in imported if found not in inside]
    if plain:
        at_top = all(nodes.of(module).above[node] in module.body for node, _ in plain)
        if at_top and len(plain) == 1:
            texts = _from_import(module, pair, uses, plain, plan)
        else:
            texts = _in_their_lines(module, pair, uses, plain)
        if texts is None:
            return
        plan.texts |= texts
    _attributes(module, pair, attributes, plan)


def _without_twins(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return a module that imports nothing under the very name that it has, unless it did so before."""
    meant, changes = {a.evaluated_name for a in _twins(before)}, dict[cst.CSTNode, nodes.Change]()
    for alias in _twins(after):
        if alias.evaluated_name not in meant:
            changes[alias] = nodes.to(alias.with_changes(asname=None))
    return nodes.replaced(after, changes)


def _twins(module: cst.Module) -> list[cst.ImportAlias]:
    aliases = nodes.of(module).all(cst.ImportAlias)
    return [a for a in aliases if a.asname and a.evaluated_alias == a.evaluated_name]


def _from_import(
    module: cst.Module,
    pair: tuple[str, str],
    uses: Sequence[cst.Name | cst.Attribute],
    imported: Sequence[tuple[cst.ImportFrom, cst.ImportAlias]],
    plan: _Plan,
) -> Mapping[cst.CSTNode, str] | None:
    """Plan the import of a name; return what its uses become, None where all has to stay as it is."""
    (source, _, _), (place, _, name) = pair[0].rpartition("."), pair[1].rpartition(".")
    known, (node, alias) = names.of(module), imported[0]
    local = alias.evaluated_alias or alias.evaluated_name
    own = [use for use in uses if isinstance(use, cst.Name) and use.value == local]
    stays = local == name or alias.asname is not None
    # What nothing here uses under its old name may be here for others to import.
    if node.relative or not _is_theirs(module, local, own) or not (own or stays):
        return None
    there = None if alias.asname else known.local(pair[1])
    if moved.read_elsewhere(module, local, stays=stays) or not (stays or there or known.free(name)):
        return None
    new = local if alias.asname else there or name
    texts: dict[cst.CSTNode, str] = dict.fromkeys(own, new) if new != local else {}
    if place == source and there is None and name not in plan.become.get(source, {}).values():
        plan.become.setdefault(source, {})[local] = name
        return texts
    if there is None:
        plan.moves.setdefault(node, {})[alias] = _Move(place, name, texts)
        return {}
    if not leftovers.removable(module, local):
        return None
    plan.gone.add(local)
    return texts


def _in_their_lines(
    module: cst.Module,
    pair: tuple[str, str],
    uses: Sequence[cst.Name | cst.Attribute],
    imported: Sequence[tuple[cst.ImportFrom, cst.ImportAlias]],
) -> Mapping[cst.CSTNode, str] | None:
    """Return what renames imports wherever they stand, and all uses; None where all has to stay as it is."""
    (source, _, local), (place, _, name) = pair[0].rpartition("."), pair[1].rpartition(".")
    known, moves = names.of(module), place != source
    own = [use for use in uses if isinstance(use, cst.Name) and use.value == local]
    for node, alias in imported:
        is_alone = not isinstance(node.names, cst.ImportStar) and len(node.names) == 1
        if (
            alias.asname
            or node.relative
            or (moves and not is_alone)
            or guards.for_some_versions(node, module)
        ):
            return None
    is_all = known.bindings(local) == len(imported) and len(own) == len(known.uses(local))
    if not is_all or not (local == name or known.free(name)) or moved.read_elsewhere(module, local):
        return None
    texts: dict[cst.CSTNode, str] = dict.fromkeys((*own, *(alias.name for _, alias in imported)), name)
    return texts | ({node.module: place for node, _ in imported if node.module} if moves else {})


def _is_theirs(module: cst.Module, local: str, own: Sequence[cst.Name]) -> bool:
    """Say whether an import alone binds a name at the top, and what else has the name stands elsewhere."""
    known = names.of(module)
    others = [use for use in known.uses(local) if use not in own]
    if known.bindings(local) == 1:
        return not others
    return bool(own) and all(map(known.bound_once, own)) and not any(map(known.at_top, others))


def _moved(
    module: cst.Module, node: cst.ImportFrom, moves: Mapping[cst.ImportAlias, _Move], plan: _Plan
) -> None:
    """Plan the imports from elsewhere: in the same line where all of it is one from the same library."""
    if isinstance(node.names, cst.ImportStar):
        raise TypeError("a star moves nothing")
    places, fresh = {move.place for move in moves.values()}, {move.name for move in moves.values()}
    is_whole = len(moves) == len(fresh) == len(node.names) and len(places) == 1
    (place, *_) = places
    standard = place.partition(".")[0] in sys.stdlib_module_names
    stays = is_whole and not standard and all(imports.source_of(n) != place for n in _froms(module))
    movable = all(leftovers.removable(module, a.evaluated_alias or a.evaluated_name) for a in moves)
    if stays and (imports.in_order(module, node, place) or not movable):
        plan.texts |= {alias.name: moves[alias].name for alias in node.names}
        plan.texts |= {node.module: place} if node.module else {}
        for move in moves.values():
            plan.texts |= move.texts
        return
    for alias, move in moves.items():
        local = alias.evaluated_alias or alias.evaluated_name
        if leftovers.removable(module, local):
            plan.gone.add(local)
            plan.lines[f"from {move.place} import {move.name}{f' as {local}' if alias.asname else ''}"] = None
            plan.texts |= move.texts


def _froms(module: cst.Module) -> Iterable[cst.ImportFrom]:
    return (node for node in imports.of(module.body) if isinstance(node, cst.ImportFrom))


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
            plan.texts[node.attr] = name
        elif known.qualified(node.value) == source and (way := reach.to(pair[1], module)):
            if _is_skipped(way.source, module):
                continue
            plan.texts[node] = module.code_for_node(way.expression)
            plan.ways.append(way)
        elif known.local(pair[0]) == name and _comes(name, place, plan):
            plan.texts[node] = name


def _is_skipped(source: str, module: cst.Module) -> bool:
    """Say whether tests are skipped where a library is missing: an import above that would fail first."""
    known, top = names.of(module), source.partition(".")[0]
    asked = (c for c in nodes.of(module).all(cst.Call) if known.qualified(c.func) == "pytest.importorskip")
    texts = (c.args[0].value for c in asked if c.args)
    return any(isinstance(t, cst.SimpleString) and str(t.raw_value).partition(".")[0] == top for t in texts)


def _comes(local: str, place: str, plan: _Plan) -> bool:
    """Say whether a name that the module has already comes from its new place from now on."""
    every = ((alias, move) for moves in plan.moves.values() for alias, move in moves.items())
    return any(alias.evaluated_name == local == move.name and move.place == place for alias, move in every)


def _by_name(call: cst.Call, module: cst.Module) -> str:
    return names.of(module).qualified(call.func) or ""


def keywords_in(
    module: cst.Module,
    table: Mapping[str, Mapping[str, str | None]],
    called: Callable[[cst.Call, cst.Module], str] = _by_name,
) -> cst.Module:
    """Return a module whose calls use the new keywords.

    The table leads from the dotted name of what is ``called`` (of a method: what that says) to its old
    keywords, and from each to the new one (None: the argument goes). A call that hands on ``**`` stays, and
    so does one that has the new one.
    """
    longer: dict[cst.CSTNode, str] = {}
    for call, become in _calls(module, table, called):
        longer |= _above_lines(module, call, become)
    result = alignment.renamed(module, longer) if longer else module
    changes = dict[cst.CSTNode, nodes.Change]()
    for call, become in _calls(result, table, called):
        renamed = partial(_called, become)
        changes[call] = layout.fitted(result, call, renamed) or as_call(renamed)
    return leftovers.tidied(module, nodes.replaced(result, changes))


def _calls(
    module: cst.Module,
    table: Mapping[str, Mapping[str, str | None]],
    called: Callable[[cst.Call, cst.Module], str],
) -> Iterator[tuple[cst.Call, Mapping[str, str | None]]]:
    """Yield each call that becomes another, with its keywords of the table."""
    for call in nodes.of(module).all(cst.Call):
        become = table.get(called(call, module))
        if become and not _is_undecided(call, module) and _called(become, call) is not call:
            yield call, become


def _above_lines(
    module: cst.Module, call: cst.Call, become: Mapping[str, str | None]
) -> dict[cst.CSTNode, str]:
    """Return the new names of keywords in a call of several lines, which may be aligned behind them."""
    found: dict[cst.CSTNode, str] = {}
    for arg in call.args if "\n" in module.code_for_node(call) else ():
        new = become.get(arg.keyword.value) if arg.keyword else None
        if arg.keyword and new and arguments.named(call, new) is None:
            found[arg.keyword] = new
    return found


def _is_undecided(call: cst.Call, module: cst.Module) -> bool:
    """Say whether it cannot be seen what a call is given, or whether it is meant for one version alone."""
    return any(arg.star == "**" for arg in call.args) or guards.for_some_versions(call, module)


def as_call(change: Callable[[cst.Call], cst.Call]) -> nodes.Change:
    """Return the change of a node that is a call."""
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
