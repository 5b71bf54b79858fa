"""Alignment: what stands below a bracket stays below it when the bracket moves."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import alignment, nodes


def _without_arguments(text: str) -> str:
    """Replace every call of ``old`` by ``new()``."""
    module = cst.parse_module(text)
    calls = nodes.of(module).all(cst.Call)
    found = [n for n in calls if isinstance(n.func, cst.Name) and n.func.value == "old"]
    return alignment.written(module, dict.fromkeys(found, "new()")).code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("old(A, b).c(d)\n", "new().c(d)\n"),
        ("old(A, b).c(d,\n            e)\n", "new().c(d,\n        e)\n"),
        ("old(A, b).c(d,\n    e)\n", "new().c(d,\n    e)\n"),
        ("old(A, b).c(\n            d,\n            e)\n", "new().c(\n            d,\n            e)\n"),
        ("x(old(A, b).c(d,\n              e),\n  f)\n", "x(new().c(d,\n          e),\n  f)\n"),
        ("x(y,\n  old(A, b).c(d,\n              e))\n", "x(y,\n  new().c(d,\n          e))\n"),
        ("old(A, b).c(d, e(f,\n                 g))\n", "new().c(d, e(f,\n             g))\n"),
        (
            "old(A, b).c(d,\n            e(f,\n              g),\n            h)\n",
            "new().c(d,\n        e(f,\n          g),\n        h)\n",
        ),
        (
            "old(A, b).c(d,\n            e(\n                f,\n            ))\n",
            "new().c(d,\n        e(\n            f,\n        ))\n",
        ),
        ("old(A, b).c(\n    d, e(f,\n         g))\n", "new().c(\n    d, e(f,\n         g))\n"),
        ("old(\n    A,\n    b\n).c(d,\n    e)\n", "new().c(d,\n        e)\n"),
        ("old(A,\n    b).c(d,\n         e)\n", "new().c(d,\n        e)\n"),
        (
            'old(A, b).c("""d\n             e""",\n            f)\n',
            'new().c("""d\n             e""",\n        f)\n',
        ),
        ("old(A, b).c(d,\n            # why\n            e)\n", "new().c(d,\n        # why\n        e)\n"),
        ("old(A, b).c(d,\n\n            e\n           )\n", "new().c(d,\n\n        e\n       )\n"),
        ("old(A, b).c(d,\n\t\te)\n", "new().c(d,\n\t\te)\n"),
        (
            "old(A, b).c(old(A, b).c(d,\n                        e))\n",
            "new().c(new().c(d,\n                e))\n",
        ),
        ("if x:\n    old(A, b).c(d,\r\n                e)\n", "if x:\n    new().c(d,\r\n            e)\n"),
        ("x = old(A, b).c + \\\n    d\n", "x = new().c + \\\n    d\n"),
        ('f"{old(A, b).c}"\n', 'f"{new().c}"\n'),
        ("old(A, b).c(d,  # \u2028 é\n            e)", "new().c(d,  # \u2028 é\n        e)"),
    ],
)
def test_what_stands_below_a_bracket_moves_with_it(before: str, after: str) -> None:
    assert _without_arguments(before) == after


def test_nothing_is_the_same_module() -> None:
    module = cst.parse_module("x = 1\n")
    assert alignment.written(module, {}) is module


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
    ("before", "after"),
    [
        ("x.old(a)\n", "x.longer(a)\n"),
        ("x.old(  # why\n    a,\n)\n", "x.longer(  # why\n    a,\n)\n"),
        ("x.old(a,\n      b)\n", "x.longer(a,\n         b)\n"),
        ("f(x.old(\n    a), b)\n", "f(x.longer(\n    a), b)\n"),
        ("f(x.old(a),\n  x.old(b,\n        c))\n", "f(x.longer(a),\n  x.longer(b,\n           c))\n"),
        ("if x: x.old(a,\n            b)\n", "if x: x.longer(a,\n               b)\n"),
    ],
)
def test_what_is_called_gets_another_name(before: str, after: str) -> None:
    module = cst.parse_module(before)
    found = [n.attr for n in nodes.of(module).all(cst.Attribute) if n.attr.value == "old"]
    assert alignment.renamed(module, dict.fromkeys(found, "longer")).code == after


def test_a_module_is_not_read_again_where_no_line_can_move() -> None:
    module = cst.parse_module("def f():\n    old(A, b).c(d)\n\n\ndef g():\n    pass\n")
    calls = [n for n in nodes.of(module).all(cst.Call) if isinstance(n.func, cst.Name)]
    result = alignment.written(module, dict.fromkeys(calls, "new()"))
    assert result.code == module.code.replace("old(A, b)", "new()")
    assert result.body[1] is module.body[1]


def test_lines_below_an_argument_move_with_it() -> None:
    assert _without_arguments("x(\n    old(A, b), e(f,\n                 g))\n") == (
        "x(\n    new(), e(f,\n             g))\n"
    )
