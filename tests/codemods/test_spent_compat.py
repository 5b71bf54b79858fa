"""A module that only hands on the standard library goes where all who use it can do without."""

from __future__ import annotations

from datetime import date

import pytest

from codemods.dependencies import spent_compat
from codemods.model import Facts, Finding
from codemods.tree import Files

_COMPAT = b'''"""Compatibility."""

from functools import lru_cache
from typing import TypedDict as Table

__all__ = ["Table", "lru_cache"]
'''
_LIBRARY = b"""[build-system]
requires = ["hatchling"]

[project]
name = "shop"
"""


def _found(files: dict[str, bytes]) -> list[Finding]:
    return list(spent_compat.find(Files(files), Facts(today=date(2026, 11, 26))))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/prices.py", b"from shop.compat import lru_cache\n"),
        ("shop/prices.py", b"from .compat import lru_cache\n"),
        ("shop/taxes/prices.py", b"from ..compat import lru_cache\n"),
        ("tests/test_prices.py", b"from shop.compat import lru_cache\n"),
    ],
)
def test_what_is_taken_from_it_comes_from_the_standard_library(path: str, line: bytes) -> None:
    text = b"import os\n\n" + line + b"\n\n@lru_cache\ndef net():\n    return os.name\n"
    user, gone = _found({"shop/compat.py": _COMPAT, path: text})
    assert user.edit is not None
    assert user.edit.after is not None
    assert b"from functools import lru_cache\n" in user.edit.after
    assert b"compat" not in user.edit.after
    assert gone.edit is not None
    assert (gone.edit.path, gone.edit.after) == ("shop/compat.py", None)
    assert user.target == gone.target == "shop.compat"


@pytest.mark.parametrize(
    "text",
    [
        b"from shop import compat\n\nprint(compat)\n",
        b"from shop.compat import *\n",
        b"from shop.compat import lru_cache  # noqa: F401\n",
        b'import importlib\n\nimportlib.import_module("shop.compat")\n',
        b"try:\n    from shop.compat import lru_cache\nexcept ImportError:\n    lru_cache = None\n",
    ],
)
def test_where_one_of_them_may_still_name_it_it_is_only_told_of(text: bytes) -> None:
    (found,) = _found({"shop/compat.py": _COMPAT, "shop/prices.py": text})
    assert found.edit is None
    assert (
        found.message
        == "`shop/compat.py` only hands on the standard library; it is named in `shop/prices.py`"
    )


@pytest.mark.parametrize("path", ["docs/api.rst", "pyproject.toml", "shop/prices.pyi"])
def test_where_a_text_names_it_it_is_only_told_of(path: str) -> None:
    text = b"from shop.compat import lru_cache\n\nprint(lru_cache)\n"
    (found,) = _found({"shop/compat.py": _COMPAT, "shop/prices.py": text, path: b"# shop.compat\n"})
    assert found.edit is None


def test_a_public_module_of_a_library_is_only_told_of() -> None:
    text = b"from shop.compat import lru_cache\n\nprint(lru_cache)\n"
    (found,) = _found({"pyproject.toml": _LIBRARY, "shop/compat.py": _COMPAT, "shop/prices.py": text})
    assert found.edit is None


@pytest.mark.parametrize(
    "more",
    [
        b"try:\n    import json\nexcept ImportError:\n    json = None\n",
        b"def text(value):\n    return str(value)\n",
        b"from .other import thing\n",
        b"from attr import define\n",
        b"from functools import *\n",
        b"PY3 = True\n",
    ],
)
def test_a_module_with_anything_else_is_left_alone(more: bytes) -> None:
    text = b"from shop.compat import lru_cache\n\nprint(lru_cache)\n"
    assert _found({"shop/compat.py": _COMPAT + more, "shop/prices.py": text}) == []


def test_a_module_that_nobody_names_is_left_alone() -> None:
    assert _found({"shop/compat.py": _COMPAT}) == []
