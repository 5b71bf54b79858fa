"""Takes a function or a class out of a file, with the imports that it alone needed."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods import alignment, engine, leftovers, nodes, writing
from codemods.source import Source, Todo

_Definition = cst.FunctionDef | cst.ClassDef


def without(source: Source, line: int, todo: Todo | None = None) -> bytes | None:
    """Return a file without the definition whose name stands on a line (from 1), and the TODO above it.

    None where a comment about something else might go with it, or nothing would be left of its class.
    """
    if source.widths != "utf-8":
        return None
    try:
        module = engine.module(source.path, source.data)
    except engine.Unreadable:
        return None
    seen, where = nodes.of(module), alignment.positions(module)
    every: list[_Definition] = [*seen.all(cst.FunctionDef), *seen.all(cst.ClassDef)]
    node = next((n for n in every if where[n.name].start.line == line), None)
    home = seen.above[node] if node else None
    if node is None or not isinstance(home, cst.Module | cst.IndentedBlock) or len(home.body) < 2:  # noqa: PLR2004 -- itself and another
        return None
    header = _header(module, node, todo) if _is_bare(node, todo) else None
    if header is None:
        return None
    body = _rest(home.body, node)
    change: dict[cst.CSTNode, nodes.Change] = {home: lambda new: new.with_changes(body=body)}
    after = nodes.replaced(module, change) if home is not module else module.with_changes(body=body)
    tidy = leftovers.tidied(module, after.with_changes(header=header))
    if tidy is module:
        return None
    return source.data[: source.offset] + writing.edited(module, tidy).encode()


def _is_bare(node: _Definition, todo: Todo | None) -> bool:
    """Say whether no comment stands above a definition but the TODO, and none behind its last line."""
    asked = {c.text.strip() for c in todo.comments} if todo else set()
    footer = node.body.footer if isinstance(node.body, cst.IndentedBlock) else ()
    above = [*node.leading_lines, *node.lines_after_decorators]
    said = [line.comment.value.strip() for line in (*above, *footer) if line.comment]
    return set(said) <= asked and not any(line.comment for line in footer)


def _header(module: cst.Module, node: _Definition, todo: Todo | None) -> Sequence[cst.EmptyLine] | None:
    """Return what stays of the comments at the top of a file, None where some may be about what goes.

    libcst gives all that stand above the first statement to the module.
    """
    if module.body[0] is not node:
        return module.header
    lines = list(module.header)
    while lines and lines[-1].comment:
        lines.pop()
    above = [line.comment.value.strip() for line in module.header[len(lines) :] if line.comment]
    asked = [c.text.strip() for c in todo.comments] if todo else []
    return lines if above == asked else None


def _rest(body: Sequence[cst.BaseStatement], node: _Definition) -> list[cst.BaseStatement]:
    """Return what stays; what comes to stand first keeps no more blank lines above it than that had."""
    index = list(body).index(node)
    rest = [statement for statement in body if statement is not node]
    if index == 0:
        blank = [line for line in node.leading_lines if not line.comment]
        lines = list(getattr(rest[0], "leading_lines", ()))
        while lines and not lines[0].comment:
            lines.pop(0)
        rest[0] = rest[0].with_changes(leading_lines=[*blank, *lines])
    return rest
