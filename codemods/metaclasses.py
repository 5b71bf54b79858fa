"""Writes a class's metaclass into its head, in place of the decorator or the base that stood for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import libcst as cst

from codemods import nodes

_WIDTH = 88
_NONE = cst.SimpleWhitespace("")


def takes(found: cst.ClassDef) -> bool:
    """Say whether a metaclass can be added to a class: it has none, and its head holds no comment."""
    said = [*map(nodes.comments, found.bases), *map(nodes.comments, found.keywords)]
    return not any(k.keyword is None or k.keyword.value == "metaclass" for k in found.keywords) and not any(
        said
    )


def without_decorators(found: cst.ClassDef, gone: Collection[int]) -> cst.ClassDef:
    """Return a class without some of its decorators, by their index."""
    return found.with_changes(decorators=[d for n, d in enumerate(found.decorators) if n not in gone])


def from_decorator(found: cst.ClassDef) -> cst.ClassDef:
    """Return a class with the metaclass that its innermost decorator is called with; the decorator goes."""
    call = cst.ensure_type(found.decorators[-1].decorator, cst.Call)
    bases = [arg.value for arg in found.bases]
    if len(bases) == 1 and isinstance(bases[0], cst.Name) and bases[0].value == "object":
        bases = []
    return without_decorators(_headed(found, bases, call.args[0].value), {len(found.decorators) - 1})


def from_base(found: cst.ClassDef) -> cst.ClassDef:
    """Return a class with the metaclass and the bases that its only base is called with.

    With `object`, too, where that is one: the metaclass is given the bases as they are written.
    """
    metaclass, *bases = (arg.value for arg in cst.ensure_type(found.bases[0].value, cst.Call).args)
    return _headed(found, bases, metaclass)


def _headed(
    found: cst.ClassDef, bases: Sequence[cst.BaseExpression], metaclass: cst.BaseExpression
) -> cst.ClassDef:
    equal = cst.AssignEqual(_NONE, _NONE)
    keyword = cst.Arg(metaclass, keyword=cst.Name("metaclass"), equal=equal)
    keywords = [k.with_changes(comma=cst.MaybeSentinel.DEFAULT) for k in found.keywords]
    return found.with_changes(
        bases=[cst.Arg(base) for base in bases],
        keywords=[*keywords, keyword],
        lpar=cst.LeftParen(),
        rpar=cst.RightParen(),
    )


def fits(found: cst.ClassDef) -> bool:
    """Say whether the head of a class stands on one line that is no longer than most projects allow."""
    empty = cst.SimpleStatementSuite([cst.Expr(cst.Ellipsis())])
    bare = found.with_changes(decorators=(), leading_lines=(), lines_after_decorators=(), body=empty)
    head = cst.Module([]).code_for_node(bare).strip()
    return "\n" not in head and len(head) <= _WIDTH
