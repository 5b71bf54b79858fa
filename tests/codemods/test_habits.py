"""Habits: what an edit makes of a line's length is judged by the file itself."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import habits, nodes


@pytest.mark.parametrize(("longest", "width"), [(20, 79), (84, 84), (120, 88)])
def test_a_line_may_become_as_long_as_others_are(longest: int, width: int) -> None:
    assert habits.width(cst.parse_module(f"a = 1\n# {'x' * (longest - 2)}\n")) == width


@pytest.mark.parametrize(("added", "fits"), [(79, True), (80, False)])
def test_the_indentation_counts(added: int, *, fits: bool) -> None:
    module = cst.parse_module("class A:\n    def f(self):\n        return 1\n")
    line = next(n for n in nodes.of(module).all(cst.SimpleStatementLine))
    longer = cst.parse_statement("x" * (added - 8))
    assert habits.fits(module, line, longer) is fits


def test_a_line_that_was_long_before_may_stay() -> None:
    module = cst.parse_module(f"if a:  # {'x' * 90}\n    b\n")
    longer = cst.parse_statement(f"if a:  # {'x' * 90}\n    b + c\n")
    assert habits.fits(module, module.body[0], longer)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a, b=1)", "f(\n    a, b=1\n)"),
        ("f(a, )", None),
        ("f()", None),
        ("f(a,\n  b)", None),
    ],
)
def test_a_call_is_spread_over_lines(before: str, after: str | None) -> None:
    module = cst.parse_module(f"{before}\n")
    (call,) = nodes.of(module).all(cst.Call)
    spread = habits.spread(call, module)
    assert (spread and module.code_for_node(spread)) == after


def test_what_fits_alone_may_not_fit_together() -> None:
    module = cst.parse_module(f"a = {'x' * 30}(1) + {'y' * 30}(2)\nb = c(3)\n")
    longer = {call: nodes.to(cst.parse_expression("z" * 38)) for call in nodes.of(module).all(cst.Call)}
    first, second, third = longer
    assert list(habits.fitting(module, longer)) == [third]
    assert list(habits.fitting(module, {first: longer[first]})) == [first]
    assert list(habits.fitting(module, {second: longer[second]})) == [second]
