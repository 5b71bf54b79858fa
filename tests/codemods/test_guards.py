"""Guards: which code other Pythons may run."""

from __future__ import annotations

import textwrap
from datetime import date

import libcst as cst
import pytest

from codemods import guards, nodes
from codemods.model import About, Applicability, Category, Facts


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
    ("test", "answer"),
    [
        ("lib.__version__ >= '2'", True),
        ("PYDANTIC_V2", True),
        ("SQLA_LT_2", True),
        ("not numpy_gte_1_20", True),
        ("compat.NP2", True),
        ("under_2_0()", True),
        ("array.is_2d", False),
        ("encoding == 'UTF8'", False),
        ("row2 > 3", False),
        ("result", False),
        ("multiple_2", False),
    ],
)
def test_a_name_may_speak_of_a_version(test: str, *, answer: bool) -> None:
    module, node = _first_pass(f"if {test}:\n    pass")
    assert guards.for_some_versions(node, module) is answer


@pytest.mark.parametrize(
    "text",
    [
        "if np.__version__ < '2':\n    pass",
        "if PYDANTIC_V2:\n    x\nelse:\n    pass",
        "if PANDAS_GT_100:\n    pass",
        "if not numpy_gte_2:\n    pass",
        "try:\n    pass\nexcept (AttributeError, KeyError):\n    x",
    ],
)
def test_a_condition_on_a_version_is_for_some(text: str) -> None:
    module, node = _first_pass(text)
    assert guards.for_some_versions(node, module)


@pytest.mark.parametrize(
    "text", ["if weight_gt_max:\n    pass", "if first:\n    pass", "try:\n    pass\nexcept Exception:\n    x"]
)
def test_other_conditions_are_for_every_version(text: str) -> None:
    module, node = _first_pass(text)
    assert not guards.for_some_versions(node, module)


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


@pytest.mark.parametrize(
    ("text", "floor", "old"),
    [
        ("from __future__ import print_function", None, True),
        ("from __future__ import print_function", (3, 6), False),
        ("from __future__ import print_function\nprint(f'{x}')", None, False),
        ("from __future__ import annotations", None, False),
        ("import six.moves", None, True),
        ("from django.utils import six", None, True),
        ("import sixth", None, False),
        ("isinstance(a, basestring)", None, True),
        ("print(1)", None, False),
        ("print(1)", (2, 7), True),
    ],
)
def test_a_module_that_python_2_may_run(text: str, floor: tuple[int, int] | None, *, old: bool) -> None:
    facts = Facts(today=date(2026, 1, 1), floor=floor)
    assert guards.may_run_on_2(cst.parse_module(text), facts) is old


@pytest.mark.parametrize(
    "text",
    [
        "x(1,\n  y)  # noqa: A1",
        "x(1,  # kotsu: ignore[some-id]\n  y)",
        "try:\n    x\nexcept y:  # noqa: A1\n    z",
        "try:\n    x\nexcept (\n    y,  # noqa: A1\n):\n    z",
        "@y\n@other  # noqa: A1\ndef f():\n    pass",
        "@y\ndef f():  # noqa: A1\n    pass",
        "if y: z  # noqa: A1",
    ],
)
def test_a_comment_in_the_statement_silences(text: str) -> None:
    assert _silenced(text)


@pytest.mark.parametrize(
    "text",
    [
        "x(1, y)  # noqa: B1",
        "z  # noqa: A1\ny",
        "if y:\n    z  # noqa: A1",
        "if y:\n    z\nelse:  # noqa: A1\n    z",
        "@y\ndef f():\n    pass  # noqa: A1",
    ],
)
def test_a_comment_elsewhere_does_not(text: str) -> None:
    assert not _silenced(text)


def _silenced(text: str) -> bool:
    module = cst.parse_module(text)
    node = next(n for n in nodes.of(module).all(cst.Name) if n.value == "y")
    about = About("", Category.UPGRADE, Applicability.SAFE, "", (), (), 1, codes=("A1",))
    return guards.silenced(node, module, about, "some-id")
