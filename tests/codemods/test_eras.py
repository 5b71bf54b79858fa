"""Eras: a module that Python 2 may run is told by the project's floor, or else by its traces."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import eras


@pytest.mark.parametrize(
    ("text", "floor", "old"),
    [
        ("from __future__ import print_function", None, True),
        ("from __future__ import print_function", (3, 6), False),
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
    assert eras.may_run_on_python_2(cst.parse_module(text), floor) is old
