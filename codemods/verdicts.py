"""Decides a test of the running Python's version by the lowest one that a project supports."""

from __future__ import annotations

import re

import libcst as cst

from codemods.names import Names

Minor = tuple[int, int]

_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_SIX = {"six.PY2": False, "six.PY3": True}
_THREE = 3


def of(test: cst.BaseExpression, known: Names, floor: Minor) -> bool | None:
    """Return what a test is on every Python from ``floor`` on, None where that is not certain.

    Read are comparisons of ``sys.version_info`` (whole, its first parts, or its major number) with literal
    numbers, ``six.PY2``, ``six.PY3``, and ``not`` before any of them. No Python 4 is thought of.
    """
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        inner = of(test.expression, known, floor)
        return None if inner is None else not inner
    if isinstance(test, cst.Name | cst.Attribute):
        verdict = _SIX.get(known.qualified(test) or "")
        return verdict if floor[0] == _THREE else None
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        target = test.comparisons[0]
        operator = re.sub(r"\s", "", cst.Module([]).code_for_node(target.operator))
        if operator in _MIRRORED:
            left, right = test.left, target.comparator
            if isinstance(left, cst.Tuple | cst.Integer):
                left, right, operator = right, left, _MIRRORED[operator]
            return _compared(left, operator, right, known, floor)
    return None


def _compared(
    left: cst.BaseExpression, operator: str, right: cst.BaseExpression, known: Names, floor: Minor
) -> bool | None:
    if _is_major(left, known):
        return _major(operator, right) if floor[0] == _THREE else None
    wanted = _numbers(right)
    if wanted is None:
        return None
    if known.qualified(left) == "sys.version_info":
        # The whole has five parts, so it is never equal to the few that people write, but greater.
        return _ordered((*floor, 0, "", 0), operator, wanted)
    parts = _first_parts(left, known)
    if parts is None:
        return None
    lowest = (*floor, 0)[:parts]
    if operator in {"==", "!="} and len(wanted) == parts:
        return _equal(lowest, operator, wanted)
    return _ordered(lowest, operator, wanted)


def _ordered(lowest: tuple[object, ...], operator: str, wanted: tuple[int, ...]) -> bool | None:
    """Compare with all versions from the lowest on: they are greater for certain, or it depends."""
    reached = lowest >= wanted
    passed = reached and lowest != wanted
    return {
        ">=": True if reached else None,
        ">": True if passed else None,
        "<": False if reached else None,
        "<=": False if passed else None,
    }.get(operator)


def _equal(lowest: tuple[int, ...], operator: str, wanted: tuple[int, ...]) -> bool | None:
    if wanted < lowest:
        return operator == "!="
    if len(wanted) == 1 and wanted == lowest:
        return operator == "=="
    return None


def _major(operator: str, right: cst.BaseExpression) -> bool | None:
    """Compare the number 3 with 2 or 3; what asks for a Python 4 stays."""
    if not isinstance(right, cst.Integer) or right.value not in {"2", "3"}:
        return None
    is_three = right.value == "3"
    return {
        "==": is_three,
        "!=": not is_three,
        ">=": True,
        "<": False,
        ">": None if is_three else True,
        "<=": None if is_three else False,
    }[operator]


def _is_major(node: cst.BaseExpression, known: Names) -> bool:
    if isinstance(node, cst.Attribute):
        return known.qualified(node) == "sys.version_info.major"
    index = _only_index(node, known)
    return isinstance(index, cst.Index) and isinstance(index.value, cst.Integer) and index.value.value == "0"


def _first_parts(node: cst.BaseExpression, known: Names) -> int | None:
    """Return 2 for ``sys.version_info[:2]``."""
    index = _only_index(node, known)
    if not isinstance(index, cst.Slice) or index.step is not None or not isinstance(index.upper, cst.Integer):
        return None
    start = index.lower is None or (isinstance(index.lower, cst.Integer) and index.lower.value == "0")
    return int(index.upper.value) if start and index.upper.value in {"1", "2", "3"} else None


def _only_index(node: cst.BaseExpression, known: Names) -> cst.BaseSlice | None:
    if not isinstance(node, cst.Subscript) or known.qualified(node.value) != "sys.version_info":
        return None
    return node.slice[0].slice if len(node.slice) == 1 else None


def _numbers(node: cst.BaseExpression) -> tuple[int, ...] | None:
    """Return the numbers of a literal tuple of one to three."""
    if not isinstance(node, cst.Tuple) or not 1 <= len(node.elements) <= 3:  # noqa: PLR2004 -- major, minor, micro
        return None
    values = [e.value for e in node.elements]
    plain = [v.value for v in values if isinstance(v, cst.Integer) and v.value.isdecimal()]
    return tuple(map(int, plain)) if len(plain) == len(values) else None
