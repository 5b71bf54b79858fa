"""Walks and rewrites syntax trees without paying for white space: most nodes of libcst are nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import libcst as cst

Change = Callable[[cst.CSTNode], cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseStatement]]
"""Makes the new node out of the updated one (whose children may have changed already).

A statement may also become several, or none: then something else must stand in its block.
"""
STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
"""What stands in a block: lines, and statements that have blocks of their own."""
_Node = TypeVar("_Node", bound=cst.CSTNode)

_NO_CODE = frozenset(
    (
        *(
            "header",
            "footer",
            "leading_lines",
            "lines_after_decorators",
            "trailing_whitespace",
            "newline",
            "indent",
        ),
        *("comma", "semicolon", "colon", "dot", "equal", "operator", "asynchronous", "encoding"),
        *("lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace"),
        *("default_indent", "default_newline", "has_trailing_newline"),
    )
)
_fields: dict[type, tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the direct children that are code, in the order of their fields."""
    kind = type(node)
    if kind not in _fields:
        names = (f.name for f in fields(node))
        _fields[kind] = tuple(n for n in names if n not in _NO_CODE and not n.startswith("whitespace"))
    for name in _fields[kind]:
        value = getattr(node, name)
        if type(value) in _PLAIN:
            continue
        if type(value) in _SERIES:
            yield from value
        else:
            yield value


_PLAIN = frozenset((str, type(None), bool, cst.MaybeSentinel))
_SERIES = frozenset((tuple, list))


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all code below it, however deep."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(tuple(children(current))))


@dataclass(frozen=True, eq=False)
class Seen:
    """One module, walked once for everybody: its nodes by their type, and the parent of each."""

    module: cst.Module
    by_type: Mapping[type, tuple[cst.CSTNode, ...]]
    above: Mapping[cst.CSTNode, cst.CSTNode]

    def all(self, *kinds: type[_Node]) -> Iterator[_Node]:
        """Yield the nodes of exactly these types, each type's in the order of the text."""
        for kind in kinds:
            yield from self.by_type.get(kind, ())  # type: ignore[misc]

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what a node stands in, the nearest first, the module last."""
        while node in self.above:
            node = self.above[node]
            yield node

    def within(self, node: cst.CSTNode, *kinds: type[_Node]) -> _Node | None:
        """Return the nearest node of one of these types (or of one derived) that a node stands in."""
        return next((n for n in self.ancestors(node) if isinstance(n, kinds)), None)

    def parameters(self, node: cst.CSTNode) -> Iterator[cst.Param]:
        """Yield the parameters of all functions that a node stands in."""
        functions = (n for n in self.ancestors(node) if isinstance(n, cst.FunctionDef))
        yield from (n for f in functions for n in walk(f.params) if isinstance(n, cst.Param))

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """Return the function that runs a node: not for its defaults, decorators and annotations."""
        inner = node
        for outer in self.ancestors(node):
            if isinstance(outer, cst.FunctionDef | cst.Lambda) and outer.body is inner:
                return outer
            if isinstance(outer, cst.ClassDef) and outer.body is inner:
                return None
            inner = outer
        return None


def statement(node: cst.CSTNode, seen: Seen) -> cst.CSTNode:
    """Return the line or the compound statement in which a node stands; the module for what is above all."""
    found = (n for n in seen.ancestors(node) if isinstance(n, STATEMENTS))
    return next(found, seen.module)


@lru_cache(maxsize=2)
def of(module: cst.Module) -> Seen:
    """Return what is in a module; asked twice for the same module, it is walked once."""
    by_type: dict[type, list[cst.CSTNode]] = {}
    above: dict[cst.CSTNode, cst.CSTNode] = {}
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        by_type.setdefault(type(node), []).append(node)
        below = tuple(children(node))
        for child in below:
            above[child] = node
        waiting.extend(reversed(below))
    return Seen(module, {k: tuple(v) for k, v in by_type.items()}, MappingProxyType(above))


def replaced(module: cst.Module, changes: Mapping[cst.CSTNode, Change]) -> cst.Module:
    """Return a module in which the given nodes have changed; the very same module when there are none.

    ``changes`` are of nodes that `walk` finds.
    """
    return module.visit(_Replace(changes, _paths(module, changes))) if changes else module


def applied(module: cst.Module, node: cst.CSTNode, changes: Mapping[cst.CSTNode, Change]) -> cst.CSTNode:
    """Return what becomes of one node of a module by the changes of it and of nodes below it."""
    result = node.visit(_Replace(changes, _paths(module, changes)))
    return result if isinstance(result, cst.CSTNode) else node


def to(new: cst.CSTNode) -> Change:
    """Return the change that puts a node in another's place, whatever has changed below that."""
    return lambda _: new


def _paths(module: cst.Module, ends: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
    """Return the given nodes and all nodes above them."""
    above = of(module).above
    found: set[cst.CSTNode] = set()
    for end in ends:
        node: cst.CSTNode | None = end
        while node is not None and node not in found:
            found.add(node)
            node = above.get(node)
    return found


class _Replace(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, Change], paths: set[cst.CSTNode]) -> None:
        super().__init__()
        self._changes, self._paths = changes, paths

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self._paths

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.BaseStatement]:
        change = self._changes.get(original_node)
        return updated_node if change is None else change(updated_node)


def assigned(node: cst.CSTNode) -> tuple[cst.BaseExpression | None, cst.BaseExpression | None]:
    """Return the one target of an assignment and its value; None for both where there is no one target."""
    if isinstance(node, cst.Assign):
        return (node.targets[0].target, node.value) if len(node.targets) == 1 else (None, None)
    return (node.target, node.value) if isinstance(node, cst.AnnAssign) else (None, None)


def is_set(node: cst.CSTNode, above: cst.CSTNode | None) -> bool:
    """Say whether an expression is the target of an assignment, which stands directly above it."""
    return isinstance(above, cst.AssignTarget | cst.AnnAssign) and above.target is node


def comments(node: cst.CSTNode) -> list[str]:
    """Return the comments anywhere in a node, with that at its end."""
    found, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cst.Comment):
            found.append(current.value)
        waiting.extend(current.children)
    return found


def remarks(node: cst.CSTNode, above: Mapping[cst.CSTNode, cst.CSTNode]) -> list[str]:
    """Return the comments of the statement in which a node stands, without those of a block below it.

    ``above`` is what `Seen.above` says of the module.
    """
    while not isinstance(node, (*STATEMENTS, cst.Module)):
        node = above[node]
    if isinstance(node, cst.SimpleStatementLine):
        return comments(node)
    body = getattr(node, "body", None)
    return comments(body.header) if isinstance(body, cst.IndentedBlock) else []
