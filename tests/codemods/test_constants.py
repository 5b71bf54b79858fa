"""Constants: what a module sets at its top is found, and a new line stands below the imports."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import constants


def test_what_one_name_is_set_to_is_found() -> None:
    module = cst.parse_module("import a\nb: int = 1\nc, d = 2, 3\ne: str\nf = g = 4\nh = 5; i = 6\n")
    assert [(index, name) for index, name, _ in constants.assigned(module)] == [(1, "b"), (5, "h"), (5, "i")]


@pytest.mark.parametrize(
    ("before", "needed", "after"),
    [
        ("import a\n\nb = 1\n", (), "import a\n\nN = 1\n\nb = 1\n"),
        ("import a\nb = a\nimport c\n", (1,), "import a\n\nN = 1\nb = a\nimport c\n"),
        ("def f(): pass\nimport a\n", (), "N = 1\n\n\ndef f(): pass\nimport a\n"),
        ('"""Doc."""\n', (), '"""Doc."""\n\nN = 1\n'),
    ],
)
def test_a_line_stands_below_the_imports_and_above_its_uses(
    before: str, needed: tuple[int, ...], after: str
) -> None:
    assert constants.added(cst.parse_module(before), ["N = 1"], needed).code == after
