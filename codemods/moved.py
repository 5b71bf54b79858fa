"""Lets the names that a module imports come from elsewhere: an import goes, others take its place."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

import libcst as cst

from codemods import imports, leftovers, names, nodes, scopes, writing

_OTHERS_READ_IT = re.compile(r"F401|unused-import|unused-wildcard")
_MAY_NAME = re.compile(r"[\w.\[\], |\"']*")
"""What a name in ``__all__`` is made of, or a type; `translated-url` is neither."""


def only(module: cst.Module, top: str) -> Iterator[tuple[str, str]]:
    """Yield each name in use that imports at the top of the module alone bind, to one thing from a library.

    ``top`` is the library; with the name comes what it stands for, wherever it is used.
    """
    known = names.of(module)
    found: dict[str, list[str]] = {}
    for node in imports.of(module.body):
        for local, full in scopes.imports(node):
            found.setdefault(local, []).append(full)
    for local, (full, *more) in found.items():
        if full.partition(".")[0] != top or set(more) - {full} or len(more) + 1 != known.bindings(local):
            continue
        uses = known.uses(local)
        if uses and all(known.qualified(use) == full for use in uses):
            yield local, full


def whole(module: cst.Module, top: str) -> dict[str, str]:
    """Return what `only` tells, where that is all that the module imports from the library; else nothing."""
    seen = nodes.of(module)
    every: list[leftovers.Import] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    bound = {pair for node in every for pair in scopes.imports(node) if pair[1].partition(".")[0] == top}
    ours = dict(only(module, top)) if bound and not names.of(module).stars else {}
    return ours if set(ours.items()) == bound else {}


def may_go(module: cst.Module, local: str, *, stays: bool = False) -> bool:
    """Say whether the one import of a name can go, as far as this module tells.

    Not where a comment beyond those for linters stands on it, nor where a string, a type comment or the code
    of a linter says that others read the name here. ``stays``: another import will bind the name.
    """
    return leftovers.removable(module, local) and not read_elsewhere(module, local, stays=stays)


def read_elsewhere(module: cst.Module, local: str, *, stays: bool = False) -> bool:
    """Say whether the code of a linter, a string or a type comment says that others read a name here."""
    lines = [n for n in module.body if any(local in dict(scopes.imports(i)) for i in imports.of([n]))]
    if any(_OTHERS_READ_IT.search(comment) for line in lines for comment in nodes.comments(line)):
        return True
    every = nodes.of(module).all(cst.SimpleString)
    strings = (n for n in every if _MAY_NAME.fullmatch(str(n.raw_value)) and not _is_key(n, module))
    return not stays and bool(leftovers.mentioned(writing.source(module), strings, {local}))


def _is_key(node: cst.SimpleString, module: cst.Module) -> bool:
    """Say whether a string is a key: of a dict that is written out, or of what no import stands for."""
    seen = nodes.of(module)
    above = seen.above[node]
    if isinstance(above, cst.DictElement):
        return above.key is node
    subscript = seen.within(node, cst.Subscript) if isinstance(above, cst.Index) else None
    return subscript is not None and not (
        names.of(module).qualified(subscript.value) or names.of(module).builtin(subscript.value)
    )


def swapped(module: cst.Module, gone: Collection[str], lines: Iterable[str]) -> cst.Module:
    """Return a module without the imports of some names, and with others, each a line with one name.

    Where the one line from a library goes, an import from a related one stands in its place.
    """
    waiting, left = list(dict.fromkeys(lines)), set(gone)
    old = {_source_of(line) for line in module.body if _imported(line) & left} - {None}
    result = module
    for line in list(waiting):
        if line in waiting and (place := _freed(result, left, line)):
            heirs = {_source(other): other for other in waiting if _freed(result, left, other) is place}
            left -= _imported(place)
            result = _inherited(result, place, sorted(heirs.values()))
            waiting = [other for other in waiting if other not in heirs.values()]
    result = leftovers.without(result, left) if left else result
    for line in waiting:
        beside = next((n for n in result.body if _source_of(n) in old), None)
        result = _brought(result, line, beside)
    return result


def _imported(line: cst.CSTNode) -> set[str]:
    return {name for node in imports.of([line]) for name, _ in scopes.imports(node)}


def _source_of(line: cst.CSTNode) -> str | None:
    """Return the module of a library that a line takes names from; None of any other line."""
    found = imports.of([line])
    source = imports.named(found[0]) if len(found) == 1 else ""
    return source if source and source.partition(".")[0] not in sys.stdlib_module_names else None


def _freed(module: cst.Module, gone: Collection[str], text: str) -> cst.SimpleStatementLine | None:
    """Return the line that goes and that an import of a related package can take the place of."""
    new = imports.of([cst.parse_statement(text)])[0]
    if not isinstance(new, cst.ImportFrom) or isinstance(new.names, cst.ImportStar):
        return None
    own = imports.package(imports.source_of(new))
    freed, kin = [], 0
    for line in module.body:
        found = imports.of([line])
        if len(found) != 1 or imports.package(imports.named(found[0])) != own:
            continue
        pairs = [] if isinstance(found[0].names, cst.ImportStar) else list(scopes.imports(found[0]))
        goes = pairs and {name for name, _ in pairs} <= set(gone)
        if goes and isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
            freed.append(line)
        else:
            kin += 1
    # Among others of the same library it finds its place by its name.
    return freed[0] if freed and not kin else None


def _source(text: str) -> str:
    """Return what the line of an import says before its names."""
    return text.partition(" import ")[0]


def _inherited(module: cst.Module, place: cst.SimpleStatementLine, texts: Sequence[str]) -> cst.Module:
    """Return a module in which lines stand in the place of one, the first with its comments."""
    first, *rest = (cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine) for text in texts)
    heirs = [place.with_changes(body=first.body), *rest]
    at = next(n for n, line in enumerate(module.body) if line is place)
    return module.with_changes(body=[*module.body[:at], *heirs, *module.body[at + 1 :]])


def _brought(module: cst.Module, line: str, beside: cst.CSTNode | None) -> cst.Module:
    """Return a module with an import: within the one there is from the same module, or in a new line."""
    node = imports.of([cst.parse_statement(line)])[0]
    if isinstance(node.names, cst.ImportStar) or node.names[0].asname:
        return imports.place(module, line, beside)
    if isinstance(node, cst.Import):
        return imports.bring(module, scopes.dotted(node.names[0].name))
    ((name, _),) = scopes.imports(node)
    return imports.add(module, imports.source_of(node), name, beside)
