"""Measures an edit by the habits of the file: how wide its lines are, and how it quotes and breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import libcst as cst

from codemods import nodes, writing

_NARROW, _WIDE = 79, 88


@lru_cache(maxsize=2)
def width(module: cst.Module) -> int:
    """Return how long a line may become: as long as the module's longest, but from 79 to 88 characters."""
    longest = max(map(len, writing.source(module).splitlines()), default=0)
    return max(_NARROW, min(_WIDE, longest))


def quote(module: cst.Module) -> str:
    """Return the quote of most of a module's strings; ``"`` where it has as many of both."""
    ends = [str(n.quote) for n in nodes.of(module).all(cst.SimpleString)]
    return "'" if ends.count("'") > ends.count('"') else '"'


def indentation(module: cst.Module, node: cst.CSTNode) -> str:
    """Return the white space before the first line of the statement in which a node stands."""
    blocks = (n for n in nodes.of(module).ancestors(node) if isinstance(n, cst.IndentedBlock))
    return "".join(module.default_indent if b.indent is None else b.indent for b in blocks)


def fits(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Say whether a new statement (or handler) in an old one's place makes no line longer than is usual.

    Lines that it shares with the old one may be as long as they are.
    """
    indent, before = indentation(module, old), set(_lines(module, old))
    grown = (line for line in _lines(module, new) if line not in before)
    return all(len(indent + line) <= width(module) for line in grown)


def fitting(
    module: cst.Module, changes: Mapping[cst.CSTNode, nodes.Change]
) -> dict[cst.CSTNode, nodes.Change]:
    """Return the changes of expressions that fit: all of those of one statement together, or none."""
    seen = nodes.of(module)
    by_statement: dict[cst.CSTNode, dict[cst.CSTNode, nodes.Change]] = {}
    for node, change in changes.items():
        by_statement.setdefault(nodes.statement(node, seen), {})[node] = change
    return {
        node: change
        for statement, some in by_statement.items()
        if fits(module, statement, nodes.applied(module, statement, some))
        for node, change in some.items()
    }


def _lines(module: cst.Module, node: cst.CSTNode) -> Sequence[str]:
    return module.code_for_node(node).splitlines()


def spread(call: cst.Call, module: cst.Module) -> cst.Call | None:
    """Return a call of one line with its arguments in a line of their own, as black breaks it.

    None where the call has several lines or nothing to break.
    """
    if not call.args or "\n" in module.code_for_node(call) or isinstance(call.args[-1].comma, cst.Comma):
        return None
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(module.default_indent))
    last = call.args[-1].with_changes(whitespace_after_arg=cst.ParenthesizedWhitespace(indent=True))
    return call.with_changes(args=[*call.args[:-1], last], whitespace_before_args=inner)
