"""Keeps what is changed as short as the lines of its file are, and breaks a call where its author would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import libcst as cst

from codemods import alignment, nodes, writing

_NARROW, _USUAL, _WIDE = 79, 88, 120
_LONG_FILE = 200
_NONE = cst.SimpleWhitespace("")
_BROKEN = cst.ParenthesizedWhitespace(indent=True)

_VALUED = (cst.Expr, cst.Return, cst.Assign, cst.AnnAssign, cst.AugAssign)

CallChange = Callable[[cst.Call], cst.Call]


@lru_cache(maxsize=2)
def habit(module: cst.Module) -> int:
    """Return how long the lines of a file may be: two that are longer than all others say nothing.

    A file says that they have to be short only when it is long itself.
    """
    lengths = sorted((len(line) for line in writing.source(module).splitlines()), reverse=True)
    least = _USUAL if len(lengths) < _LONG_FILE else _NARROW
    return min(max(least, *lengths[2:3], 0), _WIDE)


def fits(module: cst.Module, node: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Say whether no line gets longer than the file allows, or than it was, when a node becomes another."""
    statement = _statement(nodes.of(module), node)
    before = Counter(module.code_for_node(statement).splitlines())
    after = Counter(module.code_for_node(_with(statement, node, new)).splitlines())
    indent = _indentation(module, statement)
    was = max(map(len, before - after), default=0)
    will_be = max(map(len, after - before), default=0)
    return will_be <= was or will_be + indent <= habit(module)


def has_room(module: cst.Module, node: cst.CSTNode, growth: int) -> bool:
    """Say whether the line on which a node ends can become longer by so many characters."""
    if growth <= 0:
        return True
    lines = writing.source(module).split("\n")
    length = len(lines[alignment.positions(module)[node].end.line - 1].rstrip())
    return length + growth <= habit(module)


def may_move(module: cst.Module, node: cst.CSTNode, by: int) -> bool:
    """Say whether the lines of an expression below its first can move to the right by so many columns."""
    indent = _indentation(module, _statement(nodes.of(module), node))
    below = module.code_for_node(node).splitlines()[1:]
    return all(len(line) + indent + by <= habit(module) for line in below)


def fitted(module: cst.Module, call: cst.Call, change: CallChange) -> nodes.Change | None:
    """Return the change of a call, with its arguments on a line of their own where it needs that; or None.

    A call is broken only where a formatter would break it and nothing else: on one line, in no brackets.
    """
    new = change(call)
    if fits(module, call, new):
        return lambda updated: change(cst.ensure_type(updated, cst.Call))
    if _is_outermost(module, call) and fits(module, call, _spread(new)):
        return lambda updated: _spread(change(cst.ensure_type(updated, cst.Call)))
    return None


def _statement(seen: nodes.Seen, node: cst.CSTNode) -> cst.CSTNode:
    kinds = cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.Module
    return next(n for n in (node, *seen.ancestors(node)) if isinstance(n, kinds))


def _with(statement: cst.CSTNode, node: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
    if statement is node:
        return new
    changed = statement.deep_replace(node, new)
    return changed if isinstance(changed, cst.CSTNode) else statement


def _indentation(module: cst.Module, statement: cst.CSTNode) -> int:
    blocks = (n for n in nodes.of(module).ancestors(statement) if isinstance(n, cst.IndentedBlock))
    return sum(len(module.default_indent if b.indent is None else b.indent) for b in blocks)


def _is_outermost(module: cst.Module, call: cst.Call) -> bool:
    """Say whether a call stands on one line without a comment, in no brackets but its own."""
    inner: cst.CSTNode = call
    for outer in nodes.of(module).ancestors(call):
        if isinstance(outer, cst.SimpleStatementLine):
            return "\n" not in module.code_for_node(call) and not nodes.comments(outer.trailing_whitespace)
        is_chained = (isinstance(outer, cst.Call) and outer.func is inner) or (
            isinstance(outer, cst.Attribute | cst.Subscript) and outer.value is inner
        )
        is_valued = isinstance(outer, _VALUED) and outer.value is inner
        if getattr(inner, "lpar", ()) or not (is_chained or is_valued):
            return False
        inner = outer
    return False


def _spread(call: cst.Call) -> cst.Call:
    *rest, last = call.args
    args = [*rest, last.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=_BROKEN)]
    inside = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    return call.with_changes(args=args, whitespace_before_args=inside)


def quoted(module: cst.Module, text: str) -> cst.SimpleString:
    """Return a plain text as a string in the quotes that a module uses more often."""
    kinds = Counter(node.quote for node in nodes.of(module).all(cst.SimpleString))
    return cst.SimpleString(f"'{text}'" if kinds["'"] > kinds['"'] else f'"{text}"')
