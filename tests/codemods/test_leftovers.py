"""Leftovers: what goes with an import, and what does not."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import leftovers


def test_an_import_with_a_star_stays() -> None:
    module = cst.parse_module("import io\nfrom x import *\nx = 1\n")
    assert leftovers.without(module, {"io"}).code == "from x import *\nx = 1\n"


def test_comments_for_linters_are_told_from_others() -> None:
    assert leftovers.for_tools("# noqa: F401")
    assert not leftovers.for_tools("# for Python 2")


def test_an_import_below_a_line_for_linters_stays() -> None:
    module = cst.parse_module('"""Words."""\n# pylint: disable=unused-import\nimport io\nimport os  # noqa\n')
    assert not leftovers.removable(module, "io")
    assert leftovers.removable(module, "os")


def test_what_stands_behind_a_dot_is_no_mention_of_a_name() -> None:
    texts = [cst.SimpleString(text) for text in ('"pyproject.toml"', '"shop.toml.loads"')]
    assert not leftovers.mentioned("", texts, {"toml"})
    assert leftovers.mentioned("", [*texts, cst.SimpleString('"toml.loads"')], {"toml"}) == {"toml"}


@pytest.mark.parametrize("end", [",\n", "\n"])
def test_a_comment_behind_the_name_that_is_the_last_now_stays(end: str) -> None:
    module = cst.parse_module(f"from x import (\n    a,  # why\n    b{end})\n")
    assert leftovers.without(module, {"b"}).code == "from x import (\n    a,  # why\n)\n"
