"""Keeps lines aligned with what they stand under: moves them with it, or says that they would be askew."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import libcst as cst
from libcst import metadata

from codemods import nodes, writing

_OPEN = ("(", "[", "{")
_LINE_END = re.compile(r"(\r\n?|\n)")
_NO_CODE = frozenset((tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))


@dataclass(frozen=True, slots=True, order=True)
class _Part:
    """What becomes another text: from a line and a column to another; lines count from 1."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(slots=True)
class _Moves:
    """How far each line is moved, and how far what stands behind a column of a line moves with a part.

    ``gone`` are the lines that go with the end of a line within a part.
    """

    line: dict[int, int] = field(default_factory=dict)
    behind: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def of(self, line: int, column: int) -> int:
        """Return how far what stands in a place moves."""
        parts = (distance for after, distance in self.behind.get(line, ()) if after <= column)
        return self.line.get(line, 0) + sum(parts)


def renamed(module: cst.Module, texts: Mapping[cst.CSTNode, str]) -> cst.Module:
    """Return a module in which parts of what is called become other names, as `written` does."""
    if any(_may_move_lines(node, module) for node in texts):
        return written(module, texts)
    return nodes.replaced(module, {node: partial(_named, text) for node, text in texts.items()})


def _named(text: str, updated: cst.CSTNode) -> cst.CSTNode:
    new = cst.parse_expression(text)
    return new.with_changes(lpar=getattr(updated, "lpar", ()), rpar=getattr(updated, "rpar", ()))


def _may_move_lines(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether lines continue a statement, but for those of one call whose bracket ends its line."""
    seen = nodes.of(module)
    call = seen.within(node, cst.Call, cst.Arg)
    if not isinstance(call, cst.Call) or not isinstance(seen.above[call], cst.Expr):
        statement = seen.within(node, cst.SimpleStatementLine) or module
        return len(module.code_for_node(statement).strip().splitlines()) > 1
    is_opened = isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
    return not is_opened and len(module.code_for_node(call).splitlines()) > 1


def written(module: cst.Module, texts: Mapping[cst.CSTNode, str]) -> cst.Module:
    """Return a module in which each of these expressions is replaced by a text of one line.

    A line that continues a bracket and stands below what follows the bracket moves with it. The expressions
    do not overlap, and have no parentheses of their own. The lines of a module are measured only where one
    may have to move: that costs more than to read it.
    """
    if not any(_may_move_lines(node, module) for node in texts):
        return nodes.replaced(module, {n: nodes.to(cst.parse_expression(t)) for n, t in texts.items()})
    places = positions(module)
    spans = {node: places[node] for node in texts}
    parts = sorted(
        _Part((span.start.line, span.start.column), (span.end.line, span.end.column), texts[node])
        for node, span in spans.items()
    )
    text = _text(writing.source(module), parts)
    return writing.remember(cst.parse_module(text), text)


def _text(text: str, parts: Sequence[_Part]) -> str:
    pieces = _LINE_END.split(text)
    lines = [a + b for a, b in zip(pieces[::2], [*pieces[1::2], ""], strict=True)]
    moves = _moves(lines, parts)
    for part in reversed(parts):
        (first, start), (last, end) = part.start, part.end
        joined = lines[first - 1][:start] + part.text + lines[last - 1][end:]
        lines[first - 1 : last] = [joined, *[""] * (last - first)]
    return "".join(_moved(line, moves.line.get(n, 0)) for n, line in enumerate(lines, 1))


def _moved(line: str, distance: int) -> str:
    return line[-distance:] if distance < 0 else " " * distance + line


def _moves(lines: Sequence[str], parts: Sequence[_Part]) -> _Moves:
    moves = _Moves()
    for part in parts:
        (first, start), (last, end) = part.start, part.end
        kept = 0 if first == last else moves.of(first, start)
        moves.behind.setdefault(last, []).append((end, start + len(part.text) - end + kept))
        moves.gone.update(range(first + 1, last + 1))
    try:
        _follow(lines, moves)
    except (tokenize.TokenError, SyntaxError):
        moves.line.clear()  # newer syntax than this Python's: the lines stay where they are
    return moves


def _follow(lines: Sequence[str], moves: _Moves) -> None:
    """Find the lines that move: those within a bracket, below the first thing in it, when that moves."""
    opened: list[tuple[int, int]] = []
    waiting = iter(lines)
    reached = 0
    for token in tokenize.generate_tokens(lambda: next(waiting, "")):
        if token.type in _NO_CODE:
            continue
        line = token.start[0]
        if line > reached and line not in moves.gone and opened:
            moves.line[line] = _distance(opened[-1], token, lines, moves)
        reached = token.end[0]
        if token.type == tokenize.OP and token.string in "([{":
            opened.append(token.start)
        elif token.type == tokenize.OP and token.string in ")]}" and opened:
            opened.pop()


def _distance(
    bracket: tuple[int, int], token: tokenize.TokenInfo, lines: Sequence[str], moves: _Moves
) -> int:
    """Return how far the line moves that a token within a bracket begins."""
    (line, column), indent = bracket, token.start[1]
    if lines[token.start[0] - 1][:indent].strip(" "):
        return 0
    is_last = lines[line - 1][column + 1 :].lstrip()[:1] in {"", "#"}
    below = indent > column or (indent == column and token.string in ")]}")
    distance = moves.line.get(line, 0) if is_last else moves.of(line, column) if below else 0
    return max(distance, -indent)


def holds(module: cst.Module, node: cst.CSTNode) -> bool:
    """Say whether the line below a node goes on with the statement, aligned with something behind its start.

    What replaces such a node must be as long as it is, or the line would stand askew.
    """
    places = positions(module)
    place = places[node]
    if place.end.line != place.start.line:
        return True
    statement = nodes.statement(node, nodes.of(module))
    if statement is module:
        return False
    last = places[statement].end.line
    body = getattr(statement, "body", None)
    if isinstance(body, cst.IndentedBlock):
        last = places[body].start.line - 1
    if place.start.line >= last:
        return False
    lines = writing.source(module).split("\n")
    here, below = lines[place.start.line - 1], lines[place.start.line]
    if here.partition("#")[0].rstrip().endswith(_OPEN):
        return False
    return len(below) - len(below.lstrip()) > place.start.column


@lru_cache(maxsize=2)
def positions(module: cst.Module) -> Mapping[cst.CSTNode, metadata.CodeRange]:
    """Return where each node of a module stands, in lines from 1 and columns from 0."""
    wrapper = metadata.MetadataWrapper(module, unsafe_skip_copy=True)
    return wrapper.resolve(metadata.PositionProvider)
