"""Finds how a module can name an object of the standard library: as it does already, or with an import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import imports, leftovers, names, scopes


@dataclass(frozen=True)
class Way:
    """How an object is named: ``expression``, once ``name`` is imported from ``source`` (``""``: it is)."""

    expression: cst.BaseExpression
    source: str = ""
    name: str = ""


def to(qualified: str, module: cst.Module) -> Way | None:
    """Return how ``functools.cache`` can be named anywhere in a module; None where no name is free for it.

    A name that is imported from there goes first, then the imported module (unless other names are imported
    from it), then an import that is added.
    Only imports count that stand at the top of the module without a condition.
    """
    known = names.of(module)
    source, _, name = qualified.rpartition(".")
    if local := known.local(qualified):
        return Way(cst.Name(local))
    base = known.local(source)
    if base and not (known.free(name) and _from(module, source)):
        return Way(cst.Attribute(cst.Name(base), cst.Name(name)))
    return Way(cst.Name(name), source, name) if known.free(name) else None


def brought(module: cst.Module, ways: Iterable[Way]) -> cst.Module:
    """Return a module with the imports that some ways need."""
    for way in ways:
        if way.source:
            module = imports.add(module, way.source, way.name)
    return module


def instead(before: cst.Module, after: cst.Module, ways: Iterable[Way]) -> cst.Module:
    """Return a changed module with the imports that some ways need, and without those that nothing needs.

    Where the only import from a source goes, the first that comes from there takes its place.
    """
    needed = list(dict.fromkeys((way.source, way.name) for way in ways if way.source))
    for source, name in needed:
        tidy = leftovers.tidied(before, after)
        kept, had = _from(tidy, source), _from(after, source)
        if not kept and len(had) == 1 and isinstance(had[0].names, Sequence) and len(had[0].names) == 1:
            ((local, _),) = scopes.imports(had[0])
            after = imports.changed(after, source, {local: name})
    return brought(leftovers.tidied(before, after), ways)


def _from(module: cst.Module, source: str) -> list[cst.ImportFrom]:
    """Return the imports at the top of a module that name a source."""
    found = (node for node in imports.of(module.body) if isinstance(node, cst.ImportFrom))
    return [node for node in found if imports.source_of(node) == source]
