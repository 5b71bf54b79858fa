"""Alignment: an edit must not leave the lines below it askew."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import alignment, nodes


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("x = old(a)\n", False),
        ("x = old(a,\n        b)\n", True),
        ("x = old(\n    a,\n)\n", True),
        ("f(old(a),\n  b)\n", False),
        ("f(old(a), g(b,\n            c))\n", True),
        ("f(old(a), [\n    b,\n])\n", False),
        ("if old(a):\n        pass\n", False),
        ("if (old(a) and\n        b):\n    pass\n", True),
    ],
)
def test_lines_are_aligned_with_what_stands_behind_a_call(text: str, *, held: bool) -> None:
    module = cst.parse_module(text)
    call = next(n for n in nodes.of(module).all(cst.Call) if n.func.deep_equals(cst.Name("old")))
    assert alignment.holds(module, call) is held


@pytest.mark.parametrize(
    ("text", "growth", "fits"),
    [
        ("x\n", 78, True),
        ("x\n", 79, False),
        (f"x\n{'y' * 80}\n", 87, True),
        (f"x\n{'y' * 110}\n", 88, False),
        (f"{'x' * 90}\n", 10, True),
        (f"{'x' * 90}\n", 11, False),
        (f"{'x' * 130}\n", 1, False),
        (f"{'x' * 130}\n", -1, True),
    ],
)
def test_a_line_becomes_no_longer_than_the_module_has_them(text: str, growth: int, *, fits: bool) -> None:
    module = cst.parse_module(text)
    assert alignment.fits(module, module.body[0], growth) is fits
