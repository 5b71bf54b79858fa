"""Tells where an edit would make a line too long, or leave lines askew that are aligned to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import libcst as cst
from libcst import metadata

from codemods import nodes

_LIMITS = (79, 88, 100, 120)
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


def fits(module: cst.Module, node: cst.CSTNode, growth: int) -> bool:
    """Say whether the line on which a node ends can become longer by some characters.

    Past 79 only where others of the module are, past one of the other common limits only if it is already.
    """
    lines = _lines(module)
    length = len(lines[_places(module)[node].end.line - 1].rstrip())
    widest = max(map(len, lines))
    limit = next((limit for limit in _LIMITS if max(length, min(widest, _LIMITS[1])) <= limit), widest)
    return growth <= 0 or length + growth <= limit


@lru_cache(maxsize=1)
def _places(module: cst.Module) -> Mapping[cst.CSTNode, metadata.CodeRange]:
    wrapper = metadata.MetadataWrapper(module, unsafe_skip_copy=True)
    return wrapper.resolve(metadata.PositionProvider)


@lru_cache(maxsize=1)
def _lines(module: cst.Module) -> list[str]:
    return module.code.split("\n")
