"""Fresh names: a new variable is called as the file calls such things, and hides nothing."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import fresh, nodes

_OPEN = "with open(a) as {0}:\n    {0}.x\n"


def _name(text: str) -> str | None:
    seen = nodes.of(cst.parse_module(text))
    place = next(n for n in seen.all(cst.Return))
    return fresh.name(place, seen, cst.With, ("file", "f"))


def test_without_an_example_the_first_name_is_taken() -> None:
    assert _name("def g():\n    return 1\n") == "file"


def test_the_name_that_the_module_uses_most_is_taken() -> None:
    assert _name(_OPEN.format("f") + "def g():\n    return 1\n") == "f"


@pytest.mark.parametrize(
    "text",
    [
        "def g(file):\n    return 1\n",
        "def g():\n    print(file)\n    return 1\n",
        "def g():\n    with open(a) as file:\n        return 1\n",
        "def g():\n    with open(a) as file:\n        pass\n    file.x\n    return 1\n",
        "import file\ndef g():\n    return 1\n",
        "def g():\n    def h():\n        nonlocal file\n    return 1\n",
    ],
)
def test_a_name_that_means_something_is_not_taken(text: str) -> None:
    assert _name(text) == "f"


def test_attributes_and_keywords_are_no_variables() -> None:
    assert _name("def g():\n    return a.file(file=1)\n") == "file"


def test_no_name_may_be_left() -> None:
    assert _name("def g(f, file):\n    return 1\n") is None


def test_at_the_top_of_a_module_a_star_may_have_brought_any_name() -> None:
    seen = nodes.of(cst.parse_module("from a import *\nb = 1\n"))
    assert fresh.name(seen.module.body[1], seen, cst.With, ("file",)) is None
