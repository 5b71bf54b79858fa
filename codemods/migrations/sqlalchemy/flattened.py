"""Puts the value of an argument on one line, or moves its further lines with its first."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import alignment, brackets, layout

_NONE, _SPACE = cst.SimpleWhitespace(""), cst.SimpleWhitespace(" ")
_OPENING = cst.LeftParen | cst.LeftSquareBracket | cst.LeftCurlyBrace | cst.Dot | cst.Attribute
_CLOSING = cst.RightParen | cst.RightSquareBracket | cst.RightCurlyBrace | cst.Dot
_TIGHT = frozenset(("whitespace_before_args", "whitespace_after_func", "whitespace_after_arg"))


def flat(arg: cst.Arg) -> cst.Arg:
    """Return an argument on one line, without brackets around all of it."""
    bare = _bare(arg)
    return cst.ensure_type(bare.visit(_Flatten()), cst.Arg) if _is_broken(bare) else bare


def placed(arg: cst.Arg, begin: int, column: int) -> cst.Arg:
    """Return an argument whose first line begins at a column, with its further lines moved along.

    ``begin`` is the column that they go by, as `begin` tells it.
    """
    return cst.ensure_type(brackets.shifted(_bare(arg), begin - column), cst.Arg)


def begin(value: cst.BaseExpression, module: cst.Module, line: str) -> int:
    """Return the column that the further lines of a value go by: its own, or that of its ``line``."""
    start = alignment.positions(module)[value].start.column
    block = len(layout.indentation(module, value))
    is_aligned = all(len(n.last_line.value) + (block if n.indent else 0) >= start for n in _breaks(value))
    return start if is_aligned else len(line) - len(line.lstrip())


def _bare(arg: cst.Arg) -> cst.Arg:
    value = arg.value
    if not value.lpar or isinstance(value, cst.Tuple | cst.GeneratorExp | cst.Yield | cst.NamedExpr):
        return arg
    return arg.with_changes(value=value.with_changes(lpar=(), rpar=()))


def _breaks(node: cst.CSTNode) -> Iterator[cst.ParenthesizedWhitespace]:
    """Yield the line breaks within a node, but for those of its strings."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cst.ParenthesizedWhitespace):
            yield current
        waiting.extend(current.children)


def _is_broken(node: cst.CSTNode) -> bool:
    return next(_breaks(node), None) is not None


class _Flatten(cst.CSTTransformer):
    """Makes a space of each line break, but within a bracket, where nothing is needed."""

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNode:
        if isinstance(updated_node, cst.ParenthesizedWhitespace):
            return _SPACE
        node: cst.CSTNode = updated_node
        for name in _spaces(node):
            if isinstance(getattr(original_node, name), cst.ParenthesizedWhitespace) and _is_tight(
                node, name
            ):
                node = node.with_changes(**{name: _NONE})
        return _without_last_comma(node)


def _spaces(node: cst.CSTNode) -> list[str]:
    return [name for name in type(node).__slots__ if name.startswith("whitespace")]


def _is_tight(node: cst.CSTNode, name: str) -> bool:
    opens = isinstance(node, _OPENING) and name.startswith("whitespace_after")
    closes = isinstance(node, _CLOSING) and name.startswith("whitespace_before")
    return opens or closes or name in _TIGHT


def _without_last_comma(node: cst.CSTNode) -> cst.CSTNode:
    """Return a node without the comma behind its last part: the bracket stands beside it now."""
    field = (
        "args" if isinstance(node, cst.Call) else "elements" if isinstance(node, cst.List | cst.Dict) else ""
    )
    parts = list(getattr(node, field)) if field else []
    if not parts or not isinstance(parts[-1].comma, cst.Comma):
        return node
    parts[-1] = parts[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(**{field: parts})
