"""Puts an expression where another stood, in brackets where it would bind otherwise."""

from __future__ import annotations

import libcst as cst

from codemods import nodes

_CLOSED = (
    *(cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.SimpleString, cst.FormattedString),
    *(cst.Dict, cst.List, cst.Set, cst.DictComp, cst.ListComp, cst.SetComp),
)


def before_dot(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression as it can stand before a dot."""
    if node.lpar or isinstance(node, _CLOSED):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def in_place(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression with the brackets of the one that it replaces."""
    return new.with_changes(lpar=[*old.lpar, *new.lpar], rpar=[*new.rpar, *old.rpar])


def in_f_string(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    """Say whether a node stands in an f-string, in which only some quotes are free up to Python 3.11."""
    return seen.within(node, cst.FormattedStringExpression) is not None


def one_line(node: cst.CSTNode) -> bool:
    """Say whether a node stands on one line: then there is no comment in it either."""
    return "\n" not in cst.Module([]).code_for_node(node)
