"""Writes a call anew as a chain of calls, in the layout that its author chose or that a formatter would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import libcst as cst

from codemods import alignment, brackets, expressions, layout, nodes, writing
from codemods.brackets import Inside
from codemods.imports import plain
from codemods.migrations.sqlalchemy import flattened

_NONE, _SPACE = cst.SimpleWhitespace(""), cst.SimpleWhitespace(" ")
_Form = Literal["flat", "kept", "spread", "exploded"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one argument of the old call (by its index) gives to the new one.

    ``whole`` is its value, ``elements`` are those of a list or a tuple, ``starred`` is the value behind a
    star, ``pair`` the argument with its keyword.
    """

    index: int
    takes: Literal["whole", "elements", "starred", "pair"] = "whole"


@dataclass(frozen=True, slots=True)
class Link:
    """A method that is called on what stands before it, with pieces of the old call."""

    name: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """What a call becomes: the same function with ``pieces`` of the old arguments, then methods."""

    pieces: tuple[Piece, ...]
    links: tuple[Link, ...] = ()


_Place = tuple[int, int]
"""The index of an argument, and that of an element of its list (0: it is none, or the first)."""


@dataclass(frozen=True, slots=True)
class _Style:
    """The forms of the call's own arguments and of those of the last method.

    ``base`` is the indentation within the block, which is indented by ``block`` columns; lines end at
    ``width``. ``begins`` are the columns that the further lines of a value go by: of an argument, by its
    index, or of an element of that.
    ``lines``: the whole stands in brackets, each method on a line of its own. ``dot`` goes before a method.
    """

    own: _Form
    last: _Form
    base: str
    step: str
    block: int
    width: int
    begins: Mapping[_Place, int]
    lines: bool = False
    dot: cst.Dot = field(default_factory=cst.Dot)

    @property
    def column(self) -> int:
        """The column of a line within the brackets."""
        return self.block + len(self.base) + len(self.step)

    def line(self, *, inner: bool) -> cst.ParenthesizedWhitespace:
        """Return the space up to the begin of a line: of one within the brackets, or of the last one."""
        return cst.ParenthesizedWhitespace(
            indent=True, last_line=cst.SimpleWhitespace(self.base + (self.step if inner else ""))
        )

    def has_room(self, args: Sequence[cst.Arg], more: int) -> bool:
        """Say whether arguments have room in one line within the brackets, with so many characters more."""
        text = ", ".join(cst.Module([]).code_for_node(arg.with_changes(comma=_NO_COMMA)) for arg in args)
        return self.column + len(text) + more <= self.width


_NO_COMMA = cst.MaybeSentinel.DEFAULT


def change(module: cst.Module, call: cst.Call, chain: Chain) -> nodes.Change | None:
    """Return the change of a call into a chain; None where a comment would be lost or stand askew.

    The layouts are tried from the shortest on: what fits goes; where nothing fits, the last one.
    """
    styles = list(_styles(module, call, chain))
    fitting = (s for s in styles if layout.fits(module, call, _built(call, chain, s)))
    style = next(fitting, styles[-1] if styles else None)
    return (
        None if style is None else (lambda updated: _built(cst.ensure_type(updated, cst.Call), chain, style))
    )


def _styles(module: cst.Module, call: cst.Call, chain: Chain) -> Iterator[_Style]:
    """Yield the layouts that are possible, the best one first."""
    lines, places = writing.source(module).split("\n"), alignment.positions(module)
    line = lines[places[call].start.line - 1]
    block = len(layout.indentation(module, call))
    base = " " * (len(line) - len(line.lstrip()) - block)
    begins = {
        place: flattened.begin(value, module, lines[places[value].start.line - 1])
        for place, value in _values(call)
    }
    style = _Style("flat", "flat", base, module.default_indent, block, layout.habit(module), begins)
    said = len(nodes.comments(call))
    if said or _is_broken(call):
        kept = replace(style, own="kept")
        if _kept(call, chain.pieces, kept) is not None and said == _remarks_kept(call, chain):
            yield kept
    if said:
        return
    yield style
    several = len(_args(call, chain.pieces)) > 1
    if chain.links and (dot := _continued(module, call)):
        yield replace(style, dot=dot)
    if len(chain.links) > 1 and _is_value(module, call):
        yield from (replace(style, lines=True, own=own) for own in _FORMS[several])
        return
    if chain.links and chain.links[-1].pieces:
        yield replace(style, last="spread")
    if several or not chain.links:
        yield from (replace(style, own=own) for own in _FORMS[several][1:])


def _values(call: cst.Call) -> Iterator[tuple[_Place, cst.BaseExpression]]:
    for index, arg in enumerate(call.args):
        if isinstance(arg.value, cst.List | cst.Tuple):
            yield from (((index, n), element.value) for n, element in enumerate(arg.value.elements))
        else:
            yield (index, 0), arg.value


_FORMS: Mapping[bool, tuple[_Form, ...]] = {False: ("flat", "spread"), True: ("flat", "spread", "exploded")}
"""How arguments may be laid out: one of them, and several."""


def _is_value(module: cst.Module, call: cst.Call) -> bool:
    """Say whether a call is all that a statement assigns or returns, in no brackets."""
    return not call.lpar and isinstance(nodes.of(module).above[call], cst.Assign | cst.AnnAssign | cst.Return)


def _continued(module: cst.Module, call: cst.Call) -> cst.Dot | None:
    """Return the dot behind a call, where the next method stands on a line that a backslash continues."""
    above = nodes.of(module).above[call]
    if not isinstance(above, cst.Attribute) or above.value is not call:
        return None
    return above.dot if "\\" in cst.Module([]).code_for_node(above.dot) else None


def _is_broken(call: cst.Call) -> bool:
    """Say whether the elements of a list begin on a line of their own."""
    values = [arg.value for arg in call.args if isinstance(arg.value, cst.List)]
    return any(isinstance(v.lbracket.whitespace_after, cst.ParenthesizedWhitespace) for v in values)


def _remarks_kept(call: cst.Call, chain: Chain) -> int:
    return sum(len(nodes.comments(call.args[piece.index].value)) for piece in chain.pieces)


def _built(call: cst.Call, chain: Chain, style: _Style) -> cst.Call:
    inner = replace(style, base=style.base + style.step) if style.lines else style
    made = _laid(call.with_changes(lpar=(), rpar=()), call, chain.pieces, inner)
    for number, link in enumerate(chain.links, 1):
        form = style.last if number == len(chain.links) else "flat"
        args = _args(call, link.pieces)
        if style.lines and not style.has_room([flattened.flat(arg) for arg, _ in args], len(link.name) + 3):
            form = "spread"
        dot = cst.Dot(whitespace_before=style.line(inner=True)) if style.lines else style.dot
        func = cst.Attribute(made, cst.Name(link.name), dot)
        made = _formed(cst.Call(func), args, form, inner)
    if style.lines:
        opened = cst.LeftParen(whitespace_after=style.line(inner=True))
        closed = cst.RightParen(whitespace_before=style.line(inner=False))
        made = made.with_changes(lpar=[opened], rpar=[closed])
    return cst.ensure_type(expressions.in_place(made, call), cst.Call)


def _laid(made: cst.Call, call: cst.Call, pieces: Sequence[Piece], style: _Style) -> cst.Call:
    if style.own == "kept" and (kept := _kept(call, pieces, style)) is not None:
        return made.with_changes(args=kept.args, whitespace_before_args=kept.whitespace_before_args)
    laid = _formed(made, _args(call, pieces), style.own, style)
    return laid if style.lines or style.own == "flat" else _closed_as(call, laid)


def _closed_as(call: cst.Call, laid: cst.Call) -> cst.Call:
    """Return a call of several lines whose last bracket stands where it stood on a line of its own."""
    *rest, last = laid.args
    was = call.args[-1]
    comma = was.comma
    behind = comma.whitespace_after if isinstance(comma, cst.Comma) else was.whitespace_after_arg
    if not isinstance(behind, cst.ParenthesizedWhitespace):
        return laid
    if isinstance(last.comma, cst.Comma):
        last = last.with_changes(comma=last.comma.with_changes(whitespace_after=plain(behind)))
    else:
        last = last.with_changes(whitespace_after_arg=plain(behind))
    return laid.with_changes(args=[*rest, last])


def _kept(call: cst.Call, pieces: Sequence[Piece], style: _Style) -> cst.Call | None:
    """Return a call with the elements of its first list for its arguments, as they stand there; or None.

    What else it is given comes behind them as it is, where all of it stands on lines of its own.
    """
    if not pieces or pieces[0].takes != "elements" or pieces[0].index:
        return None
    value, rest = call.args[0].value, list(call.args[1:]) if len(pieces) > 1 else []
    if not isinstance(value, cst.List) or not value.elements:
        return None
    holder = cst.Call(cst.Name("_"), [_from_element(element) for element in value.elements])
    outer = Inside(call.whitespace_before_args, holder, _NONE if rest else style.line(inner=False))
    inner, end = brackets.of_list(value, holder), value.rbracket.whitespace_before
    found = brackets.merged(outer, replace(inner, after=plain(end)))
    if found is None or not isinstance(found.node, cst.Call):
        return None
    *more, last = found.node.args
    behind, comma = found.after, last.comma
    if rest:
        comma = call.args[0].comma
        is_whole = [piece.index for piece in pieces] == list(range(len(call.args)))
        if not is_whole or found.before is not outer.before or not isinstance(comma, cst.Comma):
            return None
        behind = comma.whitespace_after
    if nodes.comments(end):
        if not isinstance(behind, cst.ParenthesizedWhitespace):
            return None
        behind = end.with_changes(last_line=behind.last_line, indent=behind.indent)
    if isinstance(comma, cst.Comma):
        last = last.with_changes(comma=comma.with_changes(whitespace_after=behind))
    else:
        last = last.with_changes(whitespace_after_arg=behind)
    return found.node.with_changes(args=[*more, last, *rest], whitespace_before_args=found.before)


def _args(call: cst.Call, pieces: Sequence[Piece]) -> list[tuple[cst.Arg, _Place]]:
    """Return the new arguments that pieces of a call give, each with the place where its value stood."""
    found: list[tuple[cst.Arg, _Place]] = []
    for piece in pieces:
        arg = call.args[piece.index]
        if piece.takes == "elements" and isinstance(arg.value, cst.List | cst.Tuple):
            elements = enumerate(arg.value.elements)
            found += [(_from_element(element), (piece.index, n)) for n, element in elements]
        elif piece.takes == "pair":
            found.append((arg, (piece.index, 0)))
        else:
            star: Literal["", "*"] = "*" if piece.takes == "starred" else ""
            found.append((cst.Arg(arg.value, star=star), (piece.index, 0)))
    return found


def _from_element(element: cst.BaseElement) -> cst.Arg:
    star: Literal["", "*"] = "*" if isinstance(element, cst.StarredElement) else ""
    return cst.Arg(element.value, star=star, comma=element.comma)


def _formed(made: cst.Call, args: Sequence[tuple[cst.Arg, _Place]], form: _Form, style: _Style) -> cst.Call:
    """Return a call with these arguments, laid out anew."""
    flat = [flattened.flat(arg) for arg, _ in args]
    if form == "flat" or not flat:
        return made.with_changes(args=_joined(flat, _SPACE), whitespace_before_args=_NONE)
    inner, last = style.line(inner=True), style.line(inner=False)
    if form == "exploded" or len(flat) == 1:
        flat = [
            one
            if style.has_room([one], 1)
            else flattened.placed(arg, style.begins.get(place, 0), style.column + len(arg.star))
            for one, (arg, place) in zip(flat, args, strict=True)
        ]
    *rest, final = _joined(flat, inner if form == "exploded" else _SPACE)
    if form == "exploded":
        final = final.with_changes(comma=cst.Comma(whitespace_after=last))
    else:
        final = final.with_changes(whitespace_after_arg=last)
    return made.with_changes(args=[*rest, final], whitespace_before_args=inner)


def _joined(args: Sequence[cst.Arg], between: cst.BaseParenthesizableWhitespace) -> list[cst.Arg]:
    comma, last = cst.Comma(whitespace_after=between), len(args) - 1
    return [
        arg.with_changes(comma=comma if n < last else _NO_COMMA, whitespace_after_arg=_NONE)
        for n, arg in enumerate(args)
    ]
