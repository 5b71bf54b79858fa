"""Only the statements that changed are written; the text around them stays as it is, byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst
import pytest

from codemods import nodes, registry, testing, writing


def _module(text: str) -> cst.Module:
    return writing.remember(cst.parse_module(text), text)


def _renamed(module: cst.Module) -> cst.Module:
    """Write ``new`` for every ``old``."""
    found = [n for n in nodes.of(module).all(cst.Name) if n.value == "old"]
    return nodes.replaced(module, {n: lambda node: node.with_changes(value="new") for n in found})


@pytest.mark.parametrize(
    "text",
    [
        "a\nold\nb\n",
        "old\n",
        "# head\n\nold  # why\n# foot\n",
        "class A:\n    def f(self):\n        return old\n\n\ndef g():\n    old\n",
        "old\nold\n",
        "old\nb\nold\n",
        "a\nold",
        "a\r\nold\r\nb\r\n",
        "\x0c\nold\n\x0c\nb\n",
        "if a:\n\told\nelse:\n\tb\n",
        "a; old; b\n",
        "old(\n    a,\n  b)\n",
        "\\\nold\n",
        "class A:\n  def f(self):\n      # why\n      old\n      # end\n  def g(self): b\n",
        "if a:\n    if b:\n        old\n\n    c\nelse:\n    d\n",
        "def f():\n    x = [\n        old,\n    ]\n    return '''\n  b'''\n",
        "try:\n    a\nexcept E:\n    old\n",
        "def f():\n    old\n\ndef g():\n    old\n",
        "class A:\n\tdef f(self):\n\t\told\n",
        "class A:\r\n    def f(self):\r\n        old\r\n        b\r\n",
        "for a in b:\n    old; c\n    d\nelse:\n    e\n",
        "x = '''\nold\n'''\nold\n",
    ],
)
def test_a_text_is_what_it_was_but_for_what_changed(text: str) -> None:
    module = _module(text)
    becomes = text.replace("'''\nold\n'''", "STRING").replace("old", "new").replace("STRING", "'''\nold\n'''")
    assert writing.edited(module, _renamed(module)) == becomes


_LINE = cst.ensure_type(cst.parse_statement("new\n"), cst.SimpleStatementLine)
_CHANGES: dict[str, tuple[Callable[[list[cst.CSTNode]], list[cst.CSTNode]], str]] = {
    "a first line is added": (lambda body: [_LINE, *body], "new\na\nb\nc\n"),
    "a last line is added": (lambda body: [*body, _LINE], "a\nb\nc\nnew\n"),
    "a line is added between": (lambda body: [body[0], _LINE, *body[1:]], "a\nnew\nb\nc\n"),
    "lines are added at both ends": (lambda body: [_LINE, *body, _LINE], "new\na\nb\nc\nnew\n"),
    "lines are added everywhere": (
        lambda body: [_LINE, body[0], _LINE, body[1], _LINE, body[2], _LINE],
        "new\na\nnew\nb\nnew\nc\nnew\n",
    ),
    "a line goes": (lambda body: [body[0], body[2]], "a\nc\n"),
    "all lines go": (lambda _: [], "\n"),
    "lines change places": (lambda body: [body[2], body[0], body[1]], "c\na\nb\n"),
    "a line stands twice": (lambda body: [body[0], *body], "a\na\nb\nc\n"),
}


@pytest.mark.parametrize("situation", _CHANGES)
def test_lines_come_and_go(situation: str) -> None:
    change, becomes = _CHANGES[situation]
    module = _module("a\nb\nc\n")
    after = module.with_changes(body=change(list(module.body)))
    assert writing.edited(module, after) == after.code == (becomes if after.body else after.code)


def _cases() -> Iterator[object]:
    for id_, module in registry.ids().items():
        for case in testing.cases(registry.page(module)) if ".python." in module else ():
            if case.changes:
                yield pytest.param(module, case, id=f"{id_}: {case.title}")


@pytest.mark.parametrize(("module", "case"), list(_cases()))
def test_what_improvements_change_is_written_as_the_whole_would_be(module: str, case: testing.Case) -> None:
    improvement, before = registry.load(module), _module(case.before)
    asked = case.facts.only(improvement.about, dict(case.facts.options))
    after = improvement.module.rewrite(before, asked)
    assert writing.edited(before, after) == after.code


def test_a_tree_that_is_not_its_text_is_refused() -> None:
    module = writing.remember(cst.parse_module("old\nold\n"), "old\nold  \nb\n")
    with pytest.raises(writing.DifferentError):
        writing.edited(module, _renamed(module))


def test_the_text_of_a_module_that_was_not_remembered_is_written() -> None:
    module = cst.parse_module("old\n")
    assert writing.source(module) == "old\n"
    assert writing.edited(module, _renamed(module)) == "new\n"


def test_a_module_that_was_parsed_anew_is_as_it_was_read() -> None:
    module, anew = _module("old\n"), _module("\\\nnew\n")
    assert writing.edited(module, anew) == "\\\nnew\n"
