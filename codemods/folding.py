"""Folds a statement that the lowest Python decides to what it always does, and takes the TODO on it away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import libcst as cst

from codemods import backports, changes, leftovers, names, nesting, nodes, splices, verdicts
from codemods.model import Splice
from codemods.source import Source, Todo

_PRAGMA = (
    "# noqa",
    "# type:",
    "# pragma",
    "# pylint:",
    "# pyright:",
    "# mypy:",
    "# isort:",
    "# fmt:",
    "# nosec",
)
_DEFINITION = (cst.FunctionDef, cst.ClassDef)
_ENDS = (cst.Return, cst.Raise, cst.Continue, cst.Break)
_DECIDES = (cst.Yield, cst.Global, cst.Nonlocal)
"""What decides of which kind a function is, or its names, even where it never runs."""

Minor = tuple[int, int]


@dataclass(frozen=True)
class _Fold:
    """A statement and the block of it that always runs; None where none does."""

    statement: cst.Try | cst.If
    block: cst.IndentedBlock | None

    @cached_property
    def above(self) -> frozenset[int]:
        """The comments above the statement, by identity."""
        return frozenset(id(c) for line in self.statement.leading_lines for c in _comments(line))

    @cached_property
    def staying(self) -> list[cst.Comment]:
        """The comments of what stays."""
        return [c for line in self.block.body for c in _comments(line)] if self.block else []

    @cached_property
    def going(self) -> list[cst.Comment]:
        """The comments of all that goes: not of what stands above."""
        stays = self.above | {id(c) for c in self.staying}
        return [c for c in _comments(self.statement) if id(c) not in stays]


def fold(source: Source, todo: Todo, floor: Minor) -> Splice | None:
    """Return the splice that folds the statement on which a TODO stands, None where nothing is sure.

    The TODO stands right above the statement or anywhere in what goes, also on an import that stays. Nothing
    that somebody wrote goes but with a branch that never runs: no other comment than a pragma.
    """
    read = _read(source)
    if read is None or not todo.whole:
        return None
    module, comments = read
    if todo.comments[0] not in source.comments:
        return None  # Something else stands before it in its comment.
    mine = {id(comments[source.comments.index(comment)]) for comment in todo.comments}
    for statement in nodes.walk(module):
        found = _decided(module, statement, floor)
        if found and _is_on(found, _above(module, found), mine):
            return _written(source, module, found, mine) if _spares(module, found, mine) else None
    return None


def without(source: Source, name: str, edits: Sequence[Splice]) -> Splice | None:
    """Return the splice that takes the import of a name away where these edits leave it unused."""
    read = _read(source)
    after = parsed(splices.apply(source.data, edits)[source.offset :].decode()) if read else None
    if read is None or after is None:
        return None
    every = list(nodes.walk(after))
    # One name is that of the import itself.
    newly = _count(nodes.walk(read[0]), name) > _count(every, name) == 1
    if not newly or leftovers.mentioned(after.code, every, {name}) or not leftovers.removable(after, name):
        return None
    rest = leftovers.without(read[0], {name})
    if not _is_constant(read[0].body[0]) and rest.body and _is_constant(rest.body[0]):
        return None
    splice = _with_gap(source, _splice(source, rest.code))
    return None if any(e.start < splice.end and splice.start < e.end for e in edits) else splice


def _with_gap(source: Source, splice: Splice) -> Splice:
    """Let the empty lines below what goes go too, where there is nothing above or an empty line already."""
    before, after = source.data[source.offset : splice.start], source.data[splice.end :]
    gap = re.match(rb"(?:[ \t]*\r?\n)*", after)
    alone = not splice.text and re.search(rb"(?:^|\n[ \t]*\r?\n)$", before)
    return replace(splice, end=splice.end + gap.end()) if gap and alone else splice


def _count(found: Iterable[cst.CSTNode], name: str) -> int:
    return sum(isinstance(node, cst.Name) and node.value == name for node in found)


def _decided(module: cst.Module, statement: cst.CSTNode, floor: Minor) -> _Fold | None:
    """Return how a statement is folded, None when it is not of the kind or something is unsure."""
    if isinstance(statement, cst.Try):
        kept = backports.kept(statement, floor)
        return _Fold(statement, kept) if kept else None
    if not isinstance(statement, cst.If) or isinstance(statement.orelse, cst.If):
        return None
    true = verdicts.of(statement.test, names.of(module), floor)
    if true is None or (true and not statement.orelse):
        return None
    part = statement if true else statement.orelse
    if part is None:
        return _Fold(statement, None)
    block = part.body
    if not isinstance(block, cst.IndentedBlock) or _is_empty(block):
        return None
    return _Fold(statement, block)


def _is_empty(block: cst.IndentedBlock) -> bool:
    line = block.body[0]
    does_nothing = isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Pass)
    return does_nothing or _is_constant(line)


def _is_constant(line: cst.CSTNode) -> bool:
    """Say whether a line only holds an ellipsis, or a text: one that comes to stand first is a docstring."""
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    value = statement.value if isinstance(statement, cst.Expr) else None
    return isinstance(value, cst.Ellipsis | cst.SimpleString | cst.ConcatenatedString)


@lru_cache(maxsize=1)
def _read(source: Source) -> tuple[cst.Module, tuple[cst.Comment, ...]] | None:
    """Return a file's tree and its comments; None where both readings of the file differ."""
    if not source.is_python or source.widths != "utf-8" or nesting.too_deep(source.text):
        return None
    module = parsed(source.text)
    if module is None:
        return None
    comments = tuple(_comments(module))
    same = [c.value.rstrip() for c in comments] == [c.text.rstrip() for c in source.comments]
    return (module, comments) if same else None


def _comments(node: cst.CSTNode) -> Iterator[cst.Comment]:
    """Yield the comments of a node in the order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cst.Comment):
            yield current
        waiting.extend(reversed(current.children))


def _above(module: cst.Module, found: _Fold) -> Sequence[cst.EmptyLine]:
    """Return the lines above a statement; those above the first one are the module's."""
    lines = found.statement.leading_lines
    return (*module.header, *lines) if module.body[0] is found.statement else lines


def _is_on(found: _Fold, above: Sequence[cst.EmptyLine], mine: set[int]) -> bool:
    """Say whether all comments of a TODO stand together at one of the places of a statement."""
    nearest = {id(line.comment) for line in above[-len(mine) :]}
    # In a branch of a test that stays a TODO may speak of what stays.
    imports = found.staying if isinstance(found.statement, cst.Try) else []
    return nearest == mine or any(mine <= {id(c) for c in place} for place in (found.going, imports))


def _spares(module: cst.Module, found: _Fold, mine: set[int]) -> bool:
    """Say whether nothing that somebody wrote is lost: other comments that go are pragmas."""
    lost = list(found.going)
    if found.block is None:
        lost += [line.comment for line in _above(module, found) if line.comment]
    return all(id(c) in mine or c.value.startswith(_PRAGMA) for c in lost)


def _written(source: Source, module: cst.Module, found: _Fold, mine: set[int]) -> Splice | None:
    parent = nodes.of(module).above[found.statement]
    if not isinstance(parent, cst.Module | cst.IndentedBlock) or not (found.block or len(parent.body) > 1):
        return None
    place = next(n for n, child in enumerate(parent.body) if child is found.statement)
    if not _fits(found, last=place == len(parent.body) - 1):
        return None
    stays = _unwrapped(_above(module, found), found.block, mine) if found.block else ()
    body = [*parent.body[:place], *stays, *parent.body[place + 1 :]]
    if place == 0 and _is_constant(body[0]):
        return None
    change: dict[cst.CSTNode, nodes.Change] = {parent: lambda node: node.with_changes(body=body)}
    after = nodes.replaced(module, change)
    if place == 0 and parent is module:
        after = after.with_changes(header=())
    return _splice(source, after.code) if parsed(after.code) else None


def _fits(found: _Fold, *, last: bool) -> bool:
    """Say whether the block can stand without its statement, and what goes is missed by nobody.

    Definitions want empty lines around them further out, and behind what ends a function nothing is reached.
    """
    lines = found.block.body if found.block else ()
    stays = {n for line in lines for n in nodes.walk(line)}
    if any(isinstance(n, _DECIDES) for n in nodes.walk(found.statement) if n not in stays):
        return False
    if any(isinstance(line, _DEFINITION) for line in lines):
        return False
    end = lines[-1] if lines else None
    return last or not (isinstance(end, cst.SimpleStatementLine) and isinstance(end.body[-1], _ENDS))


def _unwrapped(
    above: Sequence[cst.EmptyLine], block: cst.IndentedBlock, mine: set[int]
) -> Iterator[cst.BaseStatement]:
    """Yield the statements of a block as they stand without it, and without the comments of the TODO."""
    first, *more = block.body
    lines = [line for line in (*above, *_leading(first)) if id(line.comment) not in mine]
    for line in (first.with_changes(leading_lines=lines), *more):
        trailing = getattr(line, "trailing_whitespace", None)
        if trailing and id(trailing.comment) in mine:
            bare = trailing.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
            yield line.with_changes(trailing_whitespace=bare)
        else:
            yield line


def _leading(statement: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    if isinstance(statement, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        return statement.leading_lines
    return ()


def parsed(text: str) -> cst.Module | None:
    """Return the tree of a text, None where it is no Python or does not come back the same."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError:
        return None
    return module if module.code == text else None


def _splice(source: Source, text: str) -> Splice:
    """Return the lines in which two texts differ, as one splice on the bytes of the first."""
    old, new = changes.lines(source.text), changes.lines(text)
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    start = source.offset + len("".join(old[:head]).encode())
    end = start + len("".join(old[head : len(old) - tail]).encode())
    return Splice(start, end, "".join(new[head : len(new) - tail]).encode())
