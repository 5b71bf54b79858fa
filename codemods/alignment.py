"""Tells where an edit would leave further lines of a statement askew: those aligned with what it moves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import libcst as cst
from libcst import metadata

from codemods import nodes

_OPEN = ("(", "[", "{")


def holds(module: cst.Module, node: cst.CSTNode) -> bool:
    """Say whether the line below a node goes on with the statement, aligned with something behind its start.

    What replaces such a node must be as long as it is, or the line would stand askew.
    """
    places = _places(module)
    place = places[node]
    if place.end.line != place.start.line:
        return True
    above = nodes.of(module).ancestors(node)
    statement = next(
        (n for n in above if isinstance(n, cst.SimpleStatementLine | cst.BaseCompoundStatement)), None
    )
    if statement is None:
        return False
    last = places[statement].end.line
    body = getattr(statement, "body", None)
    if isinstance(body, cst.IndentedBlock):
        last = places[body].start.line - 1
    if place.start.line >= last:
        return False
    lines = _lines(module)
    here, below = lines[place.start.line - 1], lines[place.start.line]
    if here.partition("#")[0].rstrip().endswith(_OPEN):
        return False
    return len(below) - len(below.lstrip()) > place.start.column


@lru_cache(maxsize=1)
def _places(module: cst.Module) -> Mapping[cst.CSTNode, metadata.CodeRange]:
    wrapper = metadata.MetadataWrapper(module, unsafe_skip_copy=True)
    return wrapper.resolve(metadata.PositionProvider)


@lru_cache(maxsize=1)
def _lines(module: cst.Module) -> list[str]:
    return module.code.split("\n")
