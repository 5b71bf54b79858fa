"""Lets the names that a module imports come from elsewhere: an import goes, others take its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from codemods import imports, leftovers, names, nodes, scopes, writing

_OTHERS_READ_IT = re.compile(r"F401|unused-import|unused-wildcard")


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
    strings = (node for node in nodes.of(module).all(cst.SimpleString) if not _is_key(node, module))
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
    """Return a module without the imports of some names, and with others, each a line with one name."""
    result = leftovers.without(module, gone) if gone else module
    for line in lines:
        result = _brought(result, line)
    return result


def _brought(module: cst.Module, line: str) -> cst.Module:
    """Return a module with an import: within the one there is from the same module, or in a new line."""
    node = imports.of([cst.parse_statement(line)])[0]
    if isinstance(node.names, cst.ImportStar) or node.names[0].asname:
        return imports.place(module, line)
    if isinstance(node, cst.Import):
        return imports.bring(module, scopes.dotted(node.names[0].name))
    ((name, _),) = scopes.imports(node)
    return imports.add(module, imports.source_of(node), name)
