"""Takes away one of two pairs of brackets around the same thing, in the layout that its author chose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import libcst as cst

from codemods import nodes

_Space = cst.BaseParenthesizableWhitespace


@dataclass(frozen=True)
class Inside:
    """What stands between two brackets: the space behind the first, a node, the space before the second."""

    before: _Space
    node: cst.CSTNode
    after: _Space


def of_call(call: cst.Call) -> Inside:
    """Return what stands between the brackets of a call with one argument; a comma behind it goes."""
    (arg,) = call.args
    after = arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg
    return Inside(call.whitespace_before_args, arg.value, after)


def of_list(value: cst.List | cst.ListComp, node: cst.CSTNode) -> Inside:
    """Return what stands between the brackets of a list, with ``node`` for its content."""
    return Inside(value.lbracket.whitespace_after, node, value.rbracket.whitespace_before)


def merged(outer: Inside, inner: Inside) -> Inside | None:
    """Return the content of two pairs of brackets for one pair.

    None where a comment between the pairs would be lost, and where lines would no longer stand below what
    they are aligned with.
    """
    if any(nodes.comments(space) for space in (outer.before, outer.after, inner.before, inner.after)):
        return None
    if isinstance(inner.before, cst.ParenthesizedWhitespace):
        if not isinstance(outer.before, cst.ParenthesizedWhitespace):
            return inner
        by = len(inner.before.last_line.value) - len(outer.before.last_line.value)
        return Inside(outer.before, shifted(inner.node, by), outer.after) if by >= 0 else None
    return None if spans_lines(inner.node) else Inside(outer.before, inner.node, outer.after)


def spans_lines(node: cst.CSTNode) -> bool:
    """Say whether a line ends within a node, but for those within its strings."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cst.ParenthesizedWhitespace):
            return True
        waiting.extend(current.children)
    return False


def touch_a_word(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a bracket in a node's statement stands right beside a keyword, with no space between."""
    statement = nodes.statement(node, nodes.of(module))
    return _TOUCHED.search(module.code_for_node(statement)) is not None


_TOUCHED = re.compile(
    r"[)\]}](?:and|as|async|else|for|from|if|in|is|not|or)\b"
    r"|\b(?:and|assert|await|case|elif|else|for|from|if|in|is|lambda|not|or|raise|return|while|yield)[\[{]"
)


def shifted(node: cst.CSTNode, by: int) -> cst.CSTNode:
    """Return a node whose further lines begin so many columns further left (below zero: further right)."""
    return cast("cst.CSTNode", node.visit(_Shift(by))) if by else node


class _Shift(cst.CSTTransformer):
    def __init__(self, by: int) -> None:
        super().__init__()
        self._by = by

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNode:
        if not isinstance(original_node, cst.ParenthesizedWhitespace):
            return updated_node
        begin = original_node.last_line.value
        kept = begin[self._by :] if self._by >= 0 else f"{begin}{' ' * -self._by}"
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(kept))
