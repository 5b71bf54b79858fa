"""Certain: what a name is bound to is known only where nothing else binds it."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import certain, nodes


def _last_use(module: cst.Module) -> cst.Name:
    return [name for name in nodes.of(module).all(cst.Name) if name.value == "a"][-1]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("a = f()\na\n", "f()"),
        ("a: int = f()\na\n", "f()"),
        ("a = f()\ndef g():\n    return a\n", "f()"),
        ("a = f()\na = g()\na\n", None),
        ("a = f()\ndef g(a):\n    return a\n", None),
        ("a = b = f()\na\n", None),
        ("a, b = f()\na\n", None),
        ("a = f()\ndef g():\n    global a\n    a = 1\na\n", None),
        ("with f() as a:\n    a\n", None),
        ("a\n", None),
    ],
)
def test_a_name_is_bound_to_the_value_of_its_one_assignment(code: str, value: str | None) -> None:
    module = cst.parse_module(code)
    found = certain.bound_to(_last_use(module), module)

    assert (module.code_for_node(found) if found else None) == value


@pytest.mark.parametrize(
    ("code", "context"),
    [
        ("with f() as a:\n    a\n", "f()"),
        ("with g(), f() as a:\n    a\n", "f()"),
        ("with f() as a:\n    pass\nwith g() as a:\n    a\n", None),
        ("with f() as (a, b):\n    a\n", None),
        ("a = f()\na\n", None),
    ],
)
def test_a_name_is_bound_by_the_one_with_that_enters_its_context(code: str, context: str | None) -> None:
    module = cst.parse_module(code)
    found = certain.entered(_last_use(module), module)

    assert (module.code_for_node(found) if found else None) == context
