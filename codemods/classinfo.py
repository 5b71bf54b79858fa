"""Reads the classes that `isinstance` and `issubclass` are asked for, and names none of them twice."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import arguments, names, nodes

Several = cst.Tuple | cst.BinaryOperation
"""A tuple of classes, or a sum of such tuples."""


def asked(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a node is the second argument of `isinstance` or `issubclass`."""
    above = nodes.of(module).above
    arg = above[node]
    call = above.get(arg)
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call) or arguments.starred(call):
        return False
    by_position = arguments.positional(call)
    known = names.of(module).builtin(call.func) in {"isinstance", "issubclass"}
    return known and len(by_position) == 2 and by_position[1] is arg  # noqa: PLR2004 -- the object and the classes


def around(node: cst.CSTNode, module: cst.Module) -> Several | None:
    """Return the tuple, or the sum, in which a node stands directly, where `isinstance` is asked for that."""
    above = nodes.of(module).above
    outer = above[node]
    while isinstance(outer, cst.Element | cst.BinaryOperation) and isinstance(above[outer], Several):
        outer = above[outer]
    return outer if isinstance(outer, Several) and asked(outer, module) else None


def operands(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield what is added up in a sum."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        yield from (*operands(node.left), *operands(node.right))
    else:
        yield node


def flat(updated: cst.CSTNode) -> cst.CSTNode:
    """Return a tuple or a sum as one tuple without what stands in it twice; one class needs no tuple.

    A name that is added to tuples has to stand for one class now.
    """
    whole = updated
    if isinstance(whole, cst.Tuple):
        elements = list(whole.elements)
    elif isinstance(whole, cst.BinaryOperation):
        parts = [p.elements if isinstance(p, cst.Tuple) else [cst.Element(p)] for p in operands(whole)]
        elements = [cst.Element(e.value) for part in parts for e in part]
    else:
        raise TypeError("neither a tuple nor a sum")
    first = {cst.Module([]).code_for_node(e.value): e for e in reversed(elements)}
    kept = [e for e in elements if e in first.values()]
    if (len(kept) == len(elements) and isinstance(whole, cst.Tuple)) or any(map(nodes.comments, elements)):
        return whole
    if len(kept) == 1:
        return kept[0].value
    kept[-1] = kept[-1].with_changes(comma=elements[-1].comma)
    bracketed = whole.lpar or [cst.LeftParen()], whole.rpar or [cst.RightParen()]
    tuple_ = whole if isinstance(whole, cst.Tuple) else cst.Tuple([])
    return tuple_.with_changes(elements=kept, lpar=bracketed[0], rpar=bracketed[1])
