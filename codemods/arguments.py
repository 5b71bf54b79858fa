"""Adds and removes the arguments of a call in the layout its author chose."""

from __future__ import annotations

import libcst as cst

from codemods import nodes
from codemods.imports import plain

_NONE = cst.SimpleWhitespace("")
_SPACE = cst.SimpleWhitespace(" ")


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Return the argument ``name=value``."""
    tight = cst.AssignEqual(whitespace_before=_NONE, whitespace_after=_NONE)
    return cst.Arg(keyword=cst.Name(name), value=value, equal=tight)


def starred(call: cst.Call) -> bool:
    """Say whether a call hands on ``*args`` or ``**kwargs``: what it passes cannot be told then."""
    return any(arg.star for arg in call.args)


def positional(call: cst.Call) -> list[cst.Arg]:
    """Return the arguments that are given by position."""
    return [arg for arg in call.args if arg.keyword is None and not arg.star]


def named(call: cst.Call, name: str) -> cst.Arg | None:
    """Return the argument that is given by this keyword, or None."""
    return next((arg for arg in call.args if arg.keyword and arg.keyword.value == name), None)


def appended(call: cst.Call, new: cst.Arg) -> cst.Call:
    """Return a call with one more argument at the end, on its own line where each argument has one.

    A comment behind the last argument stays with it.
    """
    if not call.args:
        kept = nodes.comments(call.whitespace_before_args)
        return call.with_changes(
            args=[new], whitespace_before_args=call.whitespace_before_args if kept else _NONE
        )
    *rest, last = call.args
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        # Without brackets of its own it may stand there only as long as it is alone.
        last = last.with_deep_changes(last.value, lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    trailing = isinstance(last.comma, cst.Comma)
    tail = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    before = _space_before(rest[-1]) if rest else call.whitespace_before_args
    own_line = isinstance(before, cst.ParenthesizedWhitespace) and (bool(rest) or trailing)
    between: cst.BaseParenthesizableWhitespace = plain(before) if own_line else _SPACE
    if isinstance(tail, cst.ParenthesizedWhitespace) and isinstance(between, cst.ParenthesizedWhitespace):
        between = tail.with_changes(indent=between.indent, last_line=between.last_line)
        tail = plain(tail)
    last = last.with_changes(comma=cst.Comma(whitespace_after=between), whitespace_after_arg=_NONE)
    if trailing:
        new = new.with_changes(comma=cst.Comma(whitespace_after=tail))
    else:
        new = new.with_changes(whitespace_after_arg=tail)
    return call.with_changes(args=[*rest, last, new])


def _space_before(previous: cst.Arg) -> cst.BaseParenthesizableWhitespace:
    return previous.comma.whitespace_after if isinstance(previous.comma, cst.Comma) else _SPACE


def without(call: cst.Call, index: int) -> cst.Call | None:
    """Return a call without its argument number ``index``; None when a comment would be lost."""
    args = list(call.args)
    gone = args.pop(index)
    if nodes.comments(gone):
        return None
    if not args:
        lost = nodes.comments(call.whitespace_before_args)
        return None if lost else call.with_changes(args=(), whitespace_before_args=_NONE)
    if index == len(args):
        last = args[-1]
        if isinstance(last.comma, cst.Comma) and nodes.comments(last.comma):
            return None
        args[-1] = last.with_changes(comma=gone.comma, whitespace_after_arg=gone.whitespace_after_arg)
    elif index and _ends_line(gone) and not _ends_line(args[index - 1]):
        args[index - 1] = args[index - 1].with_changes(comma=gone.comma)
    return call.with_changes(args=args)


def _ends_line(arg: cst.Arg) -> bool:
    return isinstance(_space_before(arg), cst.ParenthesizedWhitespace)
