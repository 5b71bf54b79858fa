"""Layout: what is changed stays as short as the lines around it are."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from codemods import arguments, layout, nodes

_LONG = "a" * 33


def _with_keyword(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("keyword", cst.Name("False")))


def _fitted(before: str) -> str:
    module = cst.parse_module(textwrap.dedent(before))
    call = next(c for c in nodes.of(module).all(cst.Call) if cst.ensure_type(c.func, cst.Name).value == "f")
    change = layout.fitted(module, call, _with_keyword)
    return nodes.replaced(module, {call: change} if change else {}).code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = f(x)\n", "a = f(x, keyword=False)\n"),
        (
            f"if x:\n    return f({_LONG}, {_LONG[:25]})\n",
            f"if x:\n    return f(\n        {_LONG}, {_LONG[:25]}, keyword=False\n    )\n",
        ),
        (
            f"return f({_LONG}, {_LONG}, {_LONG[:20]})\n",
            f"return f(\n    {_LONG},\n    {_LONG},\n    {_LONG[:20]},\n    keyword=False,\n)\n",
        ),
        (f"a = f({_LONG}, {_LONG}); b = 1\n", None),
        (f"a = f(x).{_LONG}.{_LONG}\n", f"a = f(\n    x, keyword=False\n).{_LONG}.{_LONG}\n"),
        (f"a = f(x)  # {_LONG}{_LONG}{_LONG}\n", None),
        (f"a = [f({_LONG}, {_LONG})]\n", None),
        (f"a = (f({_LONG}, {_LONG}))\n", None),
        (f"if f({_LONG}, {_LONG}): pass\n", None),
    ],
)
def test_a_call_gets_a_line_for_its_arguments_where_a_formatter_would_give_it_one(
    before: str, after: str | None
) -> None:
    assert _fitted(before) == (after or before)


def test_a_file_of_long_lines_may_have_another() -> None:
    long = f"{'b' * 102}\n"
    line = f"a = bcd = f({_LONG}, {_LONG[:26]})\n"

    assert "\n    " in _fitted(line + long * 2)
    assert _fitted(line + long * 3) == line.replace(")", ", keyword=False)") + long * 3


def test_lines_have_limits_whatever_a_file_does() -> None:
    assert layout.habit(cst.parse_module("a\n")) == 88
    assert layout.habit(cst.parse_module("a\n" * 200)) == 79
    assert layout.habit(cst.parse_module(f"{'b' * 76}\n" * 3)) == 79
    assert layout.habit(cst.parse_module(f"{'b' * 72}\n" * 3)) == 88
    assert layout.habit(cst.parse_module(f"{'b' * 83}\n" * 200)) == 88
    assert layout.habit(cst.parse_module("a\n" * 200 + f"{'b' * 83}\n")) == 88
    assert layout.habit(cst.parse_module(f"{'b' * 300}\n" * 9)) == 120


@pytest.mark.parametrize(
    "line",
    [
        f"# {'-' * 100}",
        f"a = b  # {'-' * 100}",
        f"a = '{'-' * 100}'",
        f'"""\n{"-" * 100}\n"""',
    ],
)
def test_texts_say_nothing_about_the_lines(line: str) -> None:
    assert layout.habit(cst.parse_module(f"{line}\n" * 3)) == 88


@pytest.mark.parametrize(
    ("code", "text"), [("a = 'b', 'c', \"d\"\n", "'x'"), ("a = 'b', \"c\"\n", '"x"'), ("", '"x"')]
)
def test_a_string_has_the_quotes_of_the_others(code: str, text: str) -> None:
    assert layout.quoted(cst.parse_module(code), "x").value == text


def test_lines_below_the_first_move_only_where_there_is_room() -> None:
    module = cst.parse_module("if x:\n    f(a,\n      " + "b" * 80 + ")\n")
    (call,) = nodes.of(module).all(cst.Call)
    assert layout.may_move(module, call, 1)
    assert not layout.may_move(module, call, 2)


@pytest.mark.parametrize(("added", "fits"), [(88, True), (89, False)])
def test_the_indentation_counts(added: int, *, fits: bool) -> None:
    module = cst.parse_module("class A:\n    def f(self):\n        return 1\n")
    line = next(n for n in nodes.of(module).all(cst.SimpleStatementLine))
    assert layout.fits(module, line, cst.parse_statement("x" * (added - 8))) is fits


def test_a_line_that_was_long_before_may_stay() -> None:
    module = cst.parse_module(f"if a:  # {'x' * 90}\n    b\n")
    longer = cst.parse_statement(f"if a:  # {'x' * 90}\n    b + c\n")
    assert layout.fits(module, module.body[0], longer)


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
    spread = layout.spread(call, module)
    assert (spread and module.code_for_node(spread)) == after


def test_what_fits_alone_may_not_fit_together() -> None:
    module = cst.parse_module(f"a = {'x' * 30}(1) + {'y' * 30}(2)\nb = c(3)\n")
    longer = {call: nodes.to(cst.parse_expression("z" * 42)) for call in nodes.of(module).all(cst.Call)}
    first, second, third = longer
    assert list(layout.fitting(module, longer)) == [third]
    assert list(layout.fitting(module, {first: longer[first]})) == [first]
    assert list(layout.fitting(module, {second: longer[second]})) == [second]
