"""Walks the tree that Python's own parser makes of a file, once for all improvements that sift it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import TypeVar, get_args

_Node = TypeVar("_Node", bound=ast.AST)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Loop = ast.For | ast.AsyncFor | ast.While


def all_of(tree: ast.AST, *kinds: type[_Node]) -> Iterator[_Node]:
    """Yield the nodes of exactly these types, in no order that matters."""
    found = _by_type(tree)
    for kind in kinds:
        yield from found.get(kind, ())  # type: ignore[misc]


def comprehensions(tree: ast.AST) -> Iterator[Comprehension]:
    """Yield the comprehensions of all kinds."""
    for kind in get_args(Comprehension):
        yield from all_of(tree, kind)


def loops(tree: ast.AST) -> Iterator[Loop]:
    """Yield the statements that repeat others."""
    for kind in get_args(Loop):
        yield from all_of(tree, kind)


@lru_cache(maxsize=1)
def _by_type(tree: ast.AST) -> Mapping[type, list[ast.AST]]:
    found: dict[type, list[ast.AST]] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found.setdefault(type(node), []).append(node)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and name not in _NO_CODE:
                waiting.append(value)
    return found


_NO_CODE = frozenset(("ctx", "op"))
"""Fields that say how a node is meant, and hold nothing."""


def known_as(tree: ast.AST, names: Collection[str]) -> set[str]:
    """Return some names, and those that imports give to what has one of them."""
    return {*names, *(a.asname for a in all_of(tree, ast.alias) if a.name in names and a.asname)}


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls, ``""`` for what is no call of a name or an attribute."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
