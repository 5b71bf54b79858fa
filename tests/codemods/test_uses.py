"""Every way to import a module is found, and what only looks like one is not."""

from __future__ import annotations

import pytest

from codemods import uses
from codemods.tree import Files


def _lines(text: str, *modules: str, path: str = "a.py") -> list[int]:
    return [use.line for use in uses.find(Files({path: text.encode()}), modules)]


@pytest.mark.parametrize(
    "text",
    [
        "import mock\n",
        "import os, mock as m\n",
        "import os as o , mock\n",
        "from mock import patch\n",
        "from mock.mock import patch\n",
        "    try: import mock\n",
        "pass; from mock import call\n",
        ">>> import mock\n",
        '   "import mock\\n",\n',
        'pytest.importorskip("mock")\n',
        "importlib.import_module('mock.mock')\n",
        'find_spec( "mock")\n',
    ],
)
def test_an_import_is_found(text: str) -> None:
    assert _lines(f"\n{text}", "mock") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "import mocker\n",
        "from unittest import mock\n",
        "from .mock import patch\n",
        "import unittest.mock\n",
        "# import mock\n",
        'requires = ["mock"]\n',
        "mock.patch()\n",
        "important mock\n",
    ],
)
def test_what_only_looks_like_an_import(text: str) -> None:
    assert _lines(text, "mock") == []


@pytest.mark.parametrize(
    "text",
    [
        "import backports.zoneinfo\n",
        "from backports.zoneinfo import ZoneInfo\n",
        "from backports import zoneinfo\n",
        "from backports import (\n    lzma,\n    zoneinfo,\n)\n",
    ],
)
def test_a_module_in_a_package_is_found(text: str) -> None:
    assert _lines(text, "backports.zoneinfo") == [1]
    assert _lines(text, "backports.csv") == []


def test_a_word_of_configuration_counts_in_configuration() -> None:
    files = Files({"pytest.ini": b"[pytest]\nmock_use_standalone_module = true\n", "a.txt": b"import mock\n"})
    assert uses.find(files, ["mock"], ["mock_use_standalone_module"]) == [uses.Use("pytest.ini", 2)]
    assert uses.find(files, ["mock"]) == []
