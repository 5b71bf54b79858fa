"""Finds and removes assignments at the top of a module that only Django would have read."""

from __future__ import annotations

import re

import libcst as cst

from codemods import leftovers, nodes

_OF_THE_FILE = re.compile(r"#!|#.*coding[:=]")


def alone(line: cst.BaseStatement, name: str) -> cst.BaseExpression | None:
    """Return what a line gives to a name; None where it does more, or a comment for people is about it."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    target, value = nodes.assigned(line.body[0])
    said = all(map(leftovers.for_tools, nodes.comments(line)))
    return value if isinstance(target, cst.Name) and target.value == name and said else None


def without(module: cst.Module, line: cst.BaseStatement) -> cst.Module:
    """Return a module without a line; the same one where the comment at its head may be about that."""
    body = [other for other in module.body if other is not line]
    if module.body[0] is not line:
        return module.with_changes(body=body)
    last = module.header[-1].comment if module.header else None
    if last and not _OF_THE_FILE.match(last.value):
        return module
    if not body:
        return module.with_changes(body=body, has_trailing_newline=bool(module.header))
    leading = list[cst.EmptyLine](getattr(body[0], "leading_lines", ()))
    while leading and leading[0].comment is None:
        del leading[0]
    return module.with_changes(body=[body[0].with_changes(leading_lines=leading), *body[1:]])
