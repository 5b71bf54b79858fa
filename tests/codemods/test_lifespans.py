"""What has a life of its own is found where a project stands on it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemods import lifespans
from codemods.tree import Files

_CI = """on: push
jobs:
  test:
    runs-on: ubuntu-22.04
    strategy:
      matrix:
        python-version: ["3.9", "3.12", "pypy-3.10"]
    steps:
      - uses: actions/setup-node@v4
        with: {node-version: 18}
      - uses: actions/setup-python@v5
        with: {python-version: "${{ matrix.python-version }}"}
"""


def _tree(files: Mapping[str, str]) -> Files:
    return Files({path: text.encode() for path, text in files.items()})


def _ran(files: Mapping[str, str]) -> list[tuple[str, str, int]]:
    return [(one.subject, one.path, one.line) for one in lifespans.ran(_tree(files))]


def _used(files: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(one.kind, one.subject) for one in lifespans.used(_tree(files))}


def test_each_python_is_told_once_where_it_is_plainest() -> None:
    files = {
        ".github/workflows/ci.yml": _CI,
        "Dockerfile": "FROM python:3.12-slim\n",
        "pyproject.toml": "[project]\nname = 'shop'\nrequires-python = '>=3.9'\n",
    }
    assert _ran(files) == [("Python 3.9", "pyproject.toml", 3), ("Python 3.12", "Dockerfile", 1)]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pyproject.toml": "[tool.ruff]\ntarget-version = 'py39'\n"},
        {"tests/data/pyproject.toml": "[project]\nname = 'x'\nrequires-python = '>=3.9'\n"},
        {"README.md": "It runs on Python 3.9.\n"},
    ],
)
def test_where_a_project_stands_on_no_python_there_is_none(files: Mapping[str, str]) -> None:
    assert _ran(files) == []


def test_images_runners_and_packages_are_told_apart() -> None:
    files = {
        ".github/workflows/ci.yml": _CI,
        "Dockerfile": "FROM node:20-bookworm\n",
        "compose.yaml": "services:\n  db:\n    image: postgres:14\n",
        "requirements.txt": "django==4.2.3\n",
    }
    assert _used(files) == {
        ("image", "Node.js 20"),
        ("image", "Debian 12"),
        ("image", "PostgreSQL 14"),
        ("action", "The runner ubuntu-22.04"),
        ("action", "Node.js 18"),
        ("package", "Django 4.2"),
    }


def test_what_the_calendar_does_not_know_has_no_end() -> None:
    (unknown,) = lifespans.used(_tree({"compose.yaml": "services:\n  db:\n    image: postgres:99\n"}))
    assert (unknown.cycle, unknown.subject) == (None, "PostgreSQL 99")


def test_a_package_without_a_cap_is_the_newest_and_ends_with_nobody() -> None:
    assert _used({"requirements.txt": "django>=4.2\n"}) == set()
