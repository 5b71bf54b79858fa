"""Guards: which code other Pythons may run."""

from __future__ import annotations

import textwrap
from datetime import date

import libcst as cst
import pytest

from codemods import guards, nodes
from codemods.model import Facts


def _first_pass(text: str) -> tuple[cst.Module, cst.CSTNode]:
    module = cst.parse_module(textwrap.dedent(text))
    return module, next(nodes.of(module).all(cst.Pass))


@pytest.mark.parametrize(
    "text",
    [
        "if sys.version_info < (3, 10):\n    pass",
        "if six.PY2:\n    x\nelse:\n    pass",
        "if is_py3:\n    def f():\n        pass",
        "if hasattr(os, 'fspath'):\n    pass",
        "try:\n    pass\nexcept ImportError:\n    x",
        "try:\n    x\nexcept (ImportError, KeyError):\n    pass",
        "try:\n    pass\nexcept:\n    x",
    ],
)
def test_a_condition_on_the_python_guards(text: str) -> None:
    module, node = _first_pass(text)
    assert guards.guarded(node, module)


@pytest.mark.parametrize(
    "text", ["pass", "if x:\n    pass", "try:\n    pass\nexcept KeyError:\n    x", "def f():\n    pass"]
)
def test_other_conditions_do_not(text: str) -> None:
    module, node = _first_pass(text)
    assert not guards.guarded(node, module)


@pytest.mark.parametrize(
    ("text", "floor", "answer"),
    [
        ("print(1)", None, False),
        ("print(f'{x}')", None, True),
        ("raise A from b", None, True),
        ("raise A", None, False),
        ("def f(x: int): pass", None, True),
        ("print(f'{x}')", (2, 7), False),
        ("print(1)", (3, 9), True),
    ],
)
def test_the_floor_says_it_or_else_the_syntax(
    text: str, floor: tuple[int, int] | None, *, answer: bool
) -> None:
    facts = Facts(today=date(2026, 1, 1), floor=floor)
    assert guards.runs_on_3(cst.parse_module(text), facts, (3, 3)) is answer
