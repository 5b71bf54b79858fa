"""What was to be removed by now goes only where nothing in the whole tree names it."""

from __future__ import annotations

from datetime import date

import pytest
from packaging.version import Version

from codemods import deprecations
from codemods.dependencies import due_deprecation
from codemods.model import Facts, Finding
from codemods.tree import Files

_LIBRARY = b"""[build-system]
requires = ["hatchling"]

[project]
name = "shop"
version = "2.1"
"""
_OLD = b"""RATE = 1.19


@deprecated("Will be removed in shop 2.0.")
def old_net(price):
    return price
"""


def _found(files: dict[str, bytes], own: str = "2.1") -> list[Finding]:
    facts = Facts(today=date(2026, 11, 26), own_version=Version(own))
    return list(due_deprecation.find(Files(files), facts))


def test_a_public_name_of_a_library_is_only_told_of() -> None:
    (found,) = _found({"pyproject.toml": _LIBRARY, "shop/prices.py": _OLD})
    assert found.edit is None
    assert found.message.endswith("nothing here names it; others may")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/_prices.py", _OLD),
        ("shop/prices.py", _OLD.replace(b"old_net", b"_old_net")),
    ],
)
def test_a_private_name_of_a_library_goes(path: str, text: bytes) -> None:
    (found,) = _found({"pyproject.toml": _LIBRARY, path: text})
    assert found.edit is not None
    assert found.edit.after == b"RATE = 1.19\n"
    assert found.target.endswith("old_net")


def test_an_application_is_called_by_nobody_else() -> None:
    private = _LIBRARY + b'classifiers = ["Private :: Do Not Upload"]\n'
    (found,) = _found({"pyproject.toml": private, "shop/prices.py": _OLD})
    assert found.edit is not None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/api.rst", b".. autofunction:: shop.prices.old_net\n"),
        ("tests/test_prices.py", b"from shop.prices import old_net\n"),
        ("setup.cfg", b"[options.entry_points]\nconsole_scripts =\n    net = shop.prices:old_net\n"),
        ("templates/price.html", b"{{ price | old_net }}\n"),
        ("shop/prices.pyi", b"def old_net(price: int) -> int: ...\n"),
        ("shop/call.py", b'getattr(prices, "old_net")(1)\n'),
        ("shop/changes.py", b"from shop.prices import old_net\n"),
    ],
)
def test_whatever_names_it_keeps_it(path: str, text: bytes) -> None:
    assert _found({"shop/prices.py": _OLD.replace(b"shop 2.0", b"2.0"), path: text}) == []


@pytest.mark.parametrize("path", ["CHANGELOG.md", "docs/releases/1.9.rst", "NEWS"])
def test_what_tells_of_the_past_does_not_keep_it(path: str) -> None:
    files = {"shop/prices.py": _OLD.replace(b"shop 2.0", b"2.0"), path: b"`old_net` is deprecated.\n"}
    assert len(_found(files)) == 1


def test_two_of_one_name_may_belong_together() -> None:
    text = _OLD.replace(b"shop 2.0", b"2.0")
    assert _found({"shop/prices.py": text, "shop/taxes.py": text}) == []


def test_another_project_in_the_tree_has_versions_of_its_own() -> None:
    other = _LIBRARY.replace(b'"shop"', b'"plank"').replace(b"2.1", b"1.0")
    files = {
        "pyproject.toml": _LIBRARY,
        "plank/pyproject.toml": other,
        "plank/plank.py": _OLD.replace(b"shop 2.0", b"2.0"),
    }
    assert _found(files) == []


@pytest.mark.parametrize("own", ["2.0.dev0", "2.0rc1", "1.9"])
def test_a_version_in_the_making_has_not_come(own: str) -> None:
    assert _found({"shop/prices.py": _OLD.replace(b"shop 2.0", b"2.0")}, own) == []


def test_a_number_that_may_be_pythons_is_not_taken_for_the_projects() -> None:
    text = _OLD.replace(b"shop 2.0", b"3.9")
    assert _found({"shop/prices.py": text}, "4.0") == []


@pytest.mark.parametrize(
    "said",
    [
        "will be removed in 2.0",
        "Deprecated since 1.4, to be removed in version 2.0.",
        "scheduled for removal in v2.0",
        "It will go away on 2026-01-01",
    ],
)
def test_these_words_say_the_end(said: str) -> None:
    assert deprecations.ending(said)


@pytest.mark.parametrize(
    "said",
    [
        "deprecated in 2.0",
        "was removed in 2.0 of the format",
        "might be removed in 2.0",
        "won't be removed in 2.0",
        "will be removed in 2.0+",
        "will be removed in 2.x",
        "will be removed in Python 3.14",
        "will be removed in a future version",
        "will be removed in 2.0 or later",
    ],
)
def test_these_words_do_not(said: str) -> None:
    assert deprecations.ending(said) is None
