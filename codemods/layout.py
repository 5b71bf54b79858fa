"""Keeps what is changed as short as the lines of its file are, and breaks a call where its author would."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import libcst as cst

from codemods import alignment, nodes, writing

_NARROW, _USUAL, _WIDE = 79, 88, 120
_LONG_FILE, _FULL_LINE = 200, 74
_LONGEST = 500  # of a line that is looked at
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^'\"]*$|^\s*#.*$")
_TEXT = re.compile(r"\"\"\"|'''|([\"'])(?:(?!\1).){40,}\1")
_BROKEN = cst.ParenthesizedWhitespace(indent=True)

_VALUED = (cst.Expr, cst.Return, cst.Assign, cst.AnnAssign, cst.AugAssign)

CallChange = Callable[[cst.Call], cst.Call]


@lru_cache(maxsize=2)
def _lines(module: cst.Module) -> list[str]:
    return [line.rstrip("\r") for line in writing.source(module).split("\n")]


def _code(module: cst.Module) -> Iterator[str]:
    """Yield the lines of a module without comments, but for those that are long for a text in them."""
    texts = {
        line
        for node in nodes.of(module).all(cst.SimpleString)
        if "\n" in node.value
        for line in node.value.replace("\r", "").split("\n")
    }
    for line in _lines(module):
        if len(line) > _LONGEST:
            yield line
        elif line not in texts and not _TEXT.search(line):
            yield _COMMENT.sub("", line)


@lru_cache(maxsize=2)
def habit(module: cst.Module) -> int:
    """Return how long the lines of a file may be: two that are longer than all others say nothing.

    Neither do comments and texts, which nothing breaks. A file says that its lines have to end at 79 when it
    is long itself, or when some end close to that, and none ends beyond it where black would let it.
    """
    lengths = sorted(map(len, _code(module)), reverse=True)
    tells = len(_lines(module)) >= _LONG_FILE or min(lengths[:3], default=0) > _FULL_LINE
    wider = any(_NARROW < length <= _USUAL for length in lengths)
    least = _NARROW if tells and not wider else _USUAL
    return min(max(least, *lengths[2:3], 0), _WIDE)


def fits(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Say whether no line gets longer than the file allows, or than it was, when a node becomes another."""
    statement = old if isinstance(old, nodes.STATEMENTS) else nodes.statement(old, nodes.of(module))
    return _fits(module, statement, nodes.applied(module, statement, {old: nodes.to(new)}))


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
        if _fits(module, statement, nodes.applied(module, statement, some))
        for node, change in some.items()
    }


def _fits(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode) -> bool:
    before = Counter(module.code_for_node(old).splitlines())
    after = Counter(module.code_for_node(new).splitlines())
    was = max(map(len, before - after), default=0)
    will_be = max(map(len, after - before), default=0)
    return will_be <= was or will_be + len(indentation(module, old)) <= habit(module)


def has_room(module: cst.Module, node: cst.CSTNode, growth: int) -> bool:
    """Say whether the line on which a node ends can become longer by so many characters."""
    if growth <= 0:
        return True
    length = len(_lines(module)[alignment.positions(module)[node].end.line - 1].rstrip())
    return length + growth <= habit(module)


def may_move(module: cst.Module, node: cst.CSTNode, by: int) -> bool:
    """Say whether the lines of an expression below its first can move to the right by so many columns."""
    indent = len(indentation(module, node))
    below = module.code_for_node(node).splitlines()[1:]
    return all(len(line) + indent + by <= habit(module) for line in below)


def fitted(module: cst.Module, call: cst.Call, change: CallChange) -> nodes.Change | None:
    """Return the change of a call, with its arguments on a line of their own where it needs that; or None.

    Where one line is not enough for them, each gets one. A call is broken only where a formatter would break
    it and nothing else: on one line, in no brackets.
    """
    new = change(call)
    if fits(module, call, new):
        return lambda updated: change(cst.ensure_type(updated, cst.Call))
    for broken in (spread, _exploded) if _is_outermost(module, call) else ():
        form = broken(new, module)
        if form and fits(module, call, form):
            return _broken(module, change, broken)
    return None


def _broken(
    module: cst.Module, change: CallChange, broken: Callable[[cst.Call, cst.Module], cst.Call | None]
) -> nodes.Change:
    def to_lines(updated: cst.CSTNode) -> cst.Call:
        new = change(cst.ensure_type(updated, cst.Call))
        return broken(new, module) or new

    return to_lines


def indentation(module: cst.Module, node: cst.CSTNode) -> str:
    """Return the white space before the first line of the statement in which a node stands."""
    blocks = (n for n in nodes.of(module).ancestors(node) if isinstance(n, cst.IndentedBlock))
    return "".join(module.default_indent if b.indent is None else b.indent for b in blocks)


def _is_outermost(module: cst.Module, call: cst.Call) -> bool:
    """Say whether a call stands alone on one line without a comment, in no brackets but its own."""
    inner: cst.CSTNode = call
    for outer in nodes.of(module).ancestors(call):
        if isinstance(outer, cst.SimpleStatementLine):
            is_alone = len(outer.body) == 1 and not nodes.comments(outer.trailing_whitespace)
            return is_alone and "\n" not in module.code_for_node(call)
        if isinstance(outer, cst.With):
            is_alone = len(outer.items) == 1 and not isinstance(outer.lpar, cst.LeftParen)
            is_said = not isinstance(outer.body, cst.IndentedBlock) or nodes.comments(outer.body.header)
            return is_alone and not is_said and "\n" not in module.code_for_node(call)
        is_chained = (isinstance(outer, cst.Call) and outer.func is inner) or (
            isinstance(outer, cst.Attribute | cst.Subscript) and outer.value is inner
        )
        is_valued = isinstance(outer, _VALUED) and outer.value is inner
        is_valued = is_valued or (isinstance(outer, cst.WithItem) and outer.item is inner)
        if getattr(inner, "lpar", ()) or not (is_chained or is_valued):
            return False
        inner = outer
    return False


def spread(call: cst.Call, module: cst.Module) -> cst.Call | None:
    """Return a call of one line with its arguments in a line of their own, as black breaks it.

    None where the call has several lines, nothing to break, or a trailing comma.
    """
    if not call.args or "\n" in module.code_for_node(call) or isinstance(call.args[-1].comma, cst.Comma):
        return None
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(module.default_indent))
    last = call.args[-1].with_changes(whitespace_after_arg=_BROKEN)
    return call.with_changes(args=[*call.args[:-1], last], whitespace_before_args=inner)


def _exploded(call: cst.Call, module: cst.Module) -> cst.Call | None:
    """Return a call of one line with a line for each of its arguments, where `spread` breaks it as well."""
    broken = spread(call, module)
    if broken is None or len(call.args) == 1:
        return None
    between, behind = cst.Comma(whitespace_after=broken.whitespace_before_args), cst.Comma()
    *rest, last = broken.args
    args = [*(arg.with_changes(comma=between) for arg in rest), last.with_changes(comma=behind)]
    return broken.with_changes(args=args)


def quote(module: cst.Module) -> str:
    """Return the quote of most of a module's strings; ``"`` where it has as many of both."""
    kinds = Counter(node.quote for node in nodes.of(module).all(cst.SimpleString))
    return "'" if kinds["'"] > kinds['"'] else '"'


def quoted(module: cst.Module, text: str) -> cst.SimpleString:
    """Return a plain text as a string in the quotes that a module uses more often."""
    return cst.SimpleString(f"{quote(module)}{text}{quote(module)}")
