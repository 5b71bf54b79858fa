"""`Signal` takes no `providing_args` any more in Django 4: the argument said what only people read.

It listed the names that receivers would get, and Django never looked at it. In Django 4 it raises
`TypeError`, and a list by position would be taken for `use_caching`. It goes where it is a plain list or
tuple of texts, and where nothing in the module reads it. What it said to people stays as a comment above the
signal, as Django's notes advise.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from functools import partial

import libcst as cst

from codemods import arguments, certain, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Define signals without `providing_args` as Django 4 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Django never read the argument, but code of yours may look at `signal.providing_args`.",
    references=(
        "https://docs.djangoproject.com/en/3.1/releases/3.1/#features-deprecated-in-3-1",
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
    ),
    needles=(b"Signal",),
    pattern=rb"providing_args|Signal\(\s*[\[(]",
    minutes=2,
    crosses=">=4.0",
    since="3.1",
)

_SIGNALS = frozenset(("django.dispatch.Signal", "django.dispatch.dispatcher.Signal"))
_WORD = re.compile(r"\w+")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose signals do not tell what they provide."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    if any(node.attr.value == "providing_args" for node in nodes.of(module).all(cst.Attribute)):
        return module
    for call in nodes.of(module).all(cst.Call):
        is_signal = known.qualified(call.func) in _SIGNALS and not arguments.starred(call)
        if is_signal and not guards.for_some_versions(call, module) and _without(call) is not call:
            changes[call] = layout.fitted(module, call, _without) or _change
            line = _line_of(module, call)
            if line and (said := _said(module, call, line)):
                changes[line] = partial(_below, said)
    return nodes.replaced(module, changes)


def _line_of(module: cst.Module, call: cst.Call) -> cst.SimpleStatementLine | None:
    """Return the line that does nothing but give a name to a signal."""
    above = nodes.of(module).above
    given = above[call]
    line = above[given]
    alone = isinstance(given, cst.Assign | cst.AnnAssign) and isinstance(line, cst.SimpleStatementLine)
    return line if alone and isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None


def _said(module: cst.Module, call: cst.Call, line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """Return the comments that say what a signal provides; none where those above it name all of that."""
    told = next(arg.value for n, arg in enumerate(call.args) if _is_told(arg, n))
    values = [e.value for e in told.elements] if isinstance(told, cst.List | cst.Tuple) else []
    words = [str(value.evaluated_value) for value in values if isinstance(value, cst.SimpleString)]
    known = {word for e in line.leading_lines if e.comment for word in _WORD.findall(e.comment.value)}
    if known.issuperset(words) or not all(map(_WORD.fullmatch, words)):
        return []
    room = layout.habit(module) - len(layout.indentation(module, line)) - len("# ")
    lines = textwrap.wrap(f"Arguments: {', '.join(words)}", room, break_long_words=False)
    return [cst.EmptyLine(comment=cst.Comment(f"# {text}")) for text in lines]


def _below(said: Sequence[cst.EmptyLine], updated: cst.CSTNode) -> cst.CSTNode:
    line = cst.ensure_type(updated, cst.SimpleStatementLine)
    return line.with_changes(leading_lines=[*line.leading_lines, *said])


def _without(call: cst.Call) -> cst.Call:
    if len(arguments.positional(call)) > 1:  # the second one would become the first
        return call
    told = next((n for n, arg in enumerate(call.args) if _is_told(arg, n)), None)
    return call if told is None else arguments.without(call, told) or call


def _is_told(arg: cst.Arg, index: int) -> bool:
    named = arg.keyword is not None and arg.keyword.value == "providing_args"
    value, by_position = arg.value, arg.keyword is None and index == 0
    texts = isinstance(value, cst.List | cst.Tuple) and all(certain.constant(e.value) for e in value.elements)
    return texts and (named or by_position)


def _change(updated: cst.CSTNode) -> cst.CSTNode:
    return _without(cst.ensure_type(updated, cst.Call))
