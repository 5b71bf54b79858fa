"""Imports that come from somewhere else: which may go, and what takes their place."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import moved


def test_only_names_that_one_library_alone_gives_are_told() -> None:
    text = "import six\nfrom six import moves, u\nif six.PY3:\n    u = 1\nsix.b(u, moves)\n"
    assert dict(moved.only(cst.parse_module(text), "six")) == {"six": "six", "moves": "six.moves"}


@pytest.mark.parametrize(
    "text",
    [
        "import old  # noqa: F401\nold.f()\n",
        "import old\n__all__ = ['old']\nold.f()\n",
        "import sys\n# Others look here.\nimport old\nold.f()\n",
        "if True:\n    import old\nold.f()\n",
    ],
)
def test_an_import_stays_where_others_read_it(text: str) -> None:
    assert not moved.may_go(cst.parse_module(text), "old")


def test_new_imports_stand_where_their_author_would_put_them() -> None:
    before = cst.parse_module("import sys\n\nfrom old import a, b\n\na(b, sys)\n")
    lines = ["import os.path", "from io import StringIO as a", "from sys import b"]
    after = moved.swapped(before, {"a", "b"}, lines)
    assert (
        after.code
        == "import os.path\nimport sys\nfrom io import StringIO as a\nfrom sys import b\n\na(b, sys)\n"
    )


@pytest.mark.parametrize(
    "line", ["from lib.b import a", "from lib_more import a", "from lib_more import x as a"]
)
def test_a_related_import_takes_the_place_of_the_one_that_goes(line: str) -> None:
    before = "import os\n\nfrom lib.a import a\nimport own\n"
    after = moved.swapped(cst.parse_module(before), {"a"}, [line]).code
    assert after == before.replace("from lib.a import a", line)


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (
            "import sys\n\nfrom lib.a import a, b\n\nimport own\n",
            "from lib.b import a",
            "import sys\n\nfrom lib.a import b\nfrom lib.b import a\n\nimport own\n",
        ),
        (
            "from lib import b\nfrom lib.a import a\n",
            "from lib import a",
            "from lib import a, b\n",
        ),
    ],
)
def test_it_does_not_where_something_is_left_or_there_already(before: str, line: str, after: str) -> None:
    assert moved.swapped(cst.parse_module(before), {"a"}, [line]).code == after
