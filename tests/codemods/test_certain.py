"""What a value certainly is, and what a name may hide."""

from __future__ import annotations

from textwrap import dedent

import libcst as cst
import pytest

from codemods import certain, names, nodes


def _last(text: str) -> tuple[cst.BaseExpression, cst.Module]:
    """Return the argument of the last call of ``ask`` in a module."""
    module = cst.parse_module(dedent(text))
    calls = [
        n for n in nodes.of(module).all(cst.Call) if isinstance(n.func, cst.Name) and n.func.value == "ask"
    ]
    return calls[-1].args[0].value, module


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ask({})", "dict"),
        ("ask([x for x in y])", "list"),
        ("ask(b'a' b'b')", "bytes"),
        ("ask('a' f'{b}')", "str"),
        ("ask(sorted(x))", "list"),
        ("d = {}\nask(d)", "dict"),
        ("d: dict[str, int] = load()\nask(d)", "dict"),
        ("import typing as t\ndef f(d: t.Dict[str, int]): ask(d)", "dict"),
        ("from collections import defaultdict\ndef f(d: defaultdict): ask(d)", "dict"),
        ("def f(**options): ask(options)", "dict"),
        ("def f(*parts): ask(parts)", "tuple"),
        ("def f():\n    d = {}\n    def g(): return ask(d)", "dict"),
        ("d = {}\ne = d\nask(e)", "dict"),
    ],
)
def test_what_is_certain(text: str, kind: str) -> None:
    assert certain.type_of(*_last(text)) == kind


@pytest.mark.parametrize(
    "text",
    [
        "ask(d)",
        "d = load()\nask(d)",
        "d = {}\nd = load()\nask(d)",
        "d = {}\nfor d in x: ask(d)",
        "d = {}\nd |= x\nask(d)",
        "d = {}\ndef f():\n    global d\n    d = x\nask(d)",
        "d = {}\ndef f(d): ask(d)",
        "def f(d: dict = None): ask(d)",
        "def f(d): ask(d)",
        "def f(d: dict):\n    def g():\n        for d in x: ask(d)",
        "def f(d: dict):\n    def g(d): ask(d)",
        "def dict(): pass\nask(dict())",
        "from x import *\nask(dict())",
        "class A:\n    d = {}\n    def f(self): ask(d)",
        "with open(x) as d: ask(d)",
        "d, e = {}, {}\nask(d)",
        "def f(d: Mapping): ask(d)",
        "if (d := {}): ask(d)",
        "import d\nask(d)",
        "a = b\nb = a\nask(a)",
    ],
)
def test_what_is_not_certain(text: str) -> None:
    assert certain.type_of(*_last(text)) is None


@pytest.mark.parametrize(
    "text", ["ask(a.b[c] == d and not e)", "ask(isinstance(a, str))", "ask(f'{a} {len(b)}')", "ask(-1)"]
)
def test_what_does_nothing_else(text: str) -> None:
    assert certain.pure(*_last(text))


@pytest.mark.parametrize(
    "text",
    [
        "ask(f())",
        "ask(a.b())",
        "async def f(): ask(await a)",
        "def f(): ask((yield))",
        "ask((a := 1))",
        "ask([f(x) for x in y])",
        "ask(len(*a))",
        "def len(x): pass\nask(len(a))",
    ],
)
def test_what_may_do_more(text: str) -> None:
    assert not certain.pure(*_last(text))


@pytest.mark.parametrize("text", ["ask(1)", "ask(-1.5)", "ask('a' 'b')", "ask(None)", "ask(2j)"])
def test_what_can_never_be_another_value(text: str) -> None:
    assert certain.constant(_last(text)[0])


@pytest.mark.parametrize(
    "text", ["ask(a)", "ask(-a)", "ask((1,))", "ask(f'a')", "ask('a' f'b')", "ask(1 + 1)"]
)
def test_what_is_no_literal(text: str) -> None:
    assert not certain.constant(_last(text)[0])


def test_a_built_in_is_one_where_nothing_hides_it() -> None:
    value, module = _last("import builtins\nask(builtins.open)")
    assert names.of(module).builtin(value) == "open"
    value, module = _last("ask(open)")
    assert names.of(module).builtin(value) == "open"
    for hidden in ("def open(): pass", "from x import *", "import open", "class A:\n    open = 1"):
        value, module = _last(f"{hidden}\nask(open)")
        assert names.of(module).builtin(value) is None
    value, module = _last("ask(opened)")
    assert names.of(module).builtin(value) is None


def test_a_function_runs_its_body_and_not_its_defaults() -> None:
    module = cst.parse_module("@a\ndef f(x=b) -> c:\n    d\n    class K:\n        e\n    lambda y=g: h\n")
    seen = nodes.of(module)
    where = {n.value: seen.function(n) for n in seen.all(cst.Name)}
    function = next(seen.all(cst.FunctionDef))
    assert [where[n] for n in "abce"] == [None] * 4
    assert where["d"] is function
    assert where["g"] is function
    assert isinstance(where["h"], cst.Lambda)
