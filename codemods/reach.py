"""Finds how a module can name an object of the standard library: as it does already, or with an import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from codemods import imports, names


@dataclass(frozen=True)
class Way:
    """How an object is named: ``expression``, once ``name`` is imported from ``source`` (``""``: it is)."""

    expression: cst.BaseExpression
    source: str = ""
    name: str = ""


def to(qualified: str, module: cst.Module) -> Way | None:
    """Return how ``functools.cache`` can be named anywhere in a module; None where no name is free for it.

    A name that is imported from there goes first, then the imported module, then an import that is added.
    Only imports count that stand at the top of the module without a condition.
    """
    known = names.of(module)
    source, _, name = qualified.rpartition(".")
    if local := known.local(qualified):
        return Way(cst.Name(local))
    if base := known.local(source):
        return Way(cst.Attribute(cst.Name(base), cst.Name(name)))
    return Way(cst.Name(name), source, name) if known.free(name) else None


def brought(module: cst.Module, ways: Iterable[Way]) -> cst.Module:
    """Return a module with the imports that some ways need."""
    for way in ways:
        if way.source:
            module = imports.add(module, way.source, way.name)
    return module
