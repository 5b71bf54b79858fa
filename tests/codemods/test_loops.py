"""What a loop binds and goes over, and brackets that are one pair too many."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import brackets, loops, nodes


def _loop(text: str) -> tuple[cst.For, cst.Module]:
    module = cst.parse_module(text)
    return next(nodes.of(module).all(cst.For)), module


def _reads(text: str) -> int | None:
    loop, module = _loop(text)
    found = loops.readers(cst.ensure_type(loop.target, cst.Name), loop, module)
    return None if found is None else len(found)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("for x in xs:\n        pass", 0),
        ("for x in xs:\n        print(x)\n    return x", 2),
        ("for x in xs:\n        pass\n    x, y = 1, 2\n    with a as x:\n        pass", 0),
        ("for x in xs:\n        pass\n    return lambda: x", 1),
        ("for x in xs:\n        pass\n    return [x for x in xs]", 0),
        ("for x in xs:\n        print(locals())", None),
        ("global x\n    for x in xs:\n        pass", None),
    ],
)
def test_a_name_is_read_or_only_bound(body: str, count: int | None) -> None:
    assert _reads(f"def f(xs):\n    {body}\n") == count


def test_a_name_of_a_module_may_be_read_elsewhere() -> None:
    assert _reads("for x in xs:\n    pass\n") is None
    assert _reads("for _ in xs:\n    pass\n") == 0
    assert _reads("class A:\n    for _ in xs:\n        pass\n") is None


@pytest.mark.parametrize(
    ("given", "at_rest", "measured"),
    [
        ("[1]", True, True),
        ("d.items()", True, True),
        ("zip(d.values(), 'ab')", True, True),
        ("zip(d, rows)", False, True),
        ("map(f, rows)", False, True),
        ("rows", False, False),
        ("known", True, True),
        ("(await d).items()", False, False),
    ],
)
def test_what_a_loop_goes_over_is_at_rest(given: str, at_rest: bool, measured: bool) -> None:  # noqa: FBT001 -- pytest gives it
    loop, module = _loop(f"async def f(rows, known, d):\n    for x in {given}:\n        len(known)\n")
    assert loops.over_container(loop.iter, module) is at_rest
    assert loops.may_be_measured(loop.iter, module) is measured


def _merged(text: str) -> str | None:
    call = cst.ensure_type(cst.parse_expression(text), cst.Call)
    given = cst.ensure_type(call.args[0].value, cst.List)
    found = brackets.merged(brackets.of_call(call), brackets.of_list(given, given.elements[0]))
    if found is None:
        return None
    parts = (found.before, found.node, found.after)
    return "".join(cst.Module([]).code_for_node(part) for part in parts)


def test_one_pair_of_brackets_keeps_the_lines() -> None:
    assert _merged("f([a])") == "a"
    assert _merged("f([\n    a\n])") == "\n    a\n"
    assert _merged("f(\n    [a],\n)") == "\n    a\n"
    assert (
        _merged("f(\n    [\n        a(\n            b\n        )\n    ]\n)") == "\n    a(\n        b\n    )\n"
    )


def test_what_would_be_lost_or_askew_keeps_its_brackets() -> None:
    assert _merged("f([a(b,\n     c)])") is None
    assert _merged("f(  # why\n    [a]\n)") is None
    assert _merged("f([  # why\n    a\n])") is None
