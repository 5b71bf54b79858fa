"""How a project uses ruff: whether it alone can tell which comments silence nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import pytest

from codemods import linted
from codemods.tree import Files

PYPROJECT = b"""\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["flask"]

[tool.ruff]
line-length = 90
src = ["/**"]
cache-dir = "/tmp"
fix = true

[tool.ruff.lint]
select = ["E"]
[tool.ruff.lint.flake8-quotes]
inline-quotes = "single"

[tool.other]
x = 1
"""
HOOKS = b"""\
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.12.5
    hooks:
      - id: ruff
        args: [--fix, --exit-non-zero-on-fix]
"""
LOCK = b"""\
version = 1
[[package]]
name = "ruff"
version = "0.12.5"
source = { registry = "https://index.example/simple" }
"""
KNOWN: Mapping[str, bytes] = {"pyproject.toml": PYPROJECT, ".pre-commit-config.yaml": HOOKS}


def read(files: Mapping[str, bytes]) -> linted.Use | None:
    """Return what is known of files."""
    return linted.read(Files(dict(files)))


def versions(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the versions that would be asked."""
    use = read(files)
    return use.versions if use else ()


def test_the_settings_hold_what_decides_and_nothing_else() -> None:
    use = read(KNOWN)
    assert use is not None
    assert use.versions == ("0.12.5",)
    assert tomllib.loads(use.settings["pyproject.toml"].decode()) == {
        "project": {"name": "it", "version": "0", "requires-python": ">=3.11"},
        "tool": {
            "ruff": {
                "line-length": 90,
                "lint": {"select": ["E"], "flake8-quotes": {"inline-quotes": "single"}},
            }
        },
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"uv.lock": LOCK}, ("0.12.5",)),
        ({"requirements-dev.txt": b"ruff==0.11.0\n"}, ("0.11.0", "0.12.5")),
        ({"requirements-dev.txt": b"ruff>=0.11.0\n"}, ("0.12.5",)),
        ({"a.txt": b"flake8\n", "docs/a.md": b"flake8 --select E"}, ("0.12.5",)),
        ({"ci.sh": b"ruff check --fix src\nruff format --check\n"}, ("0.12.5",)),
        ({"tests/data/pyproject.toml": b"[[broken"}, ("0.12.5",)),
        ({"ruff.toml": b'extend = "pyproject.toml"\n'}, ("0.12.5",)),
    ],
)
def test_the_versions_are_those_that_the_project_has(
    files: Mapping[str, bytes], expected: tuple[str, ...]
) -> None:
    assert versions({**KNOWN, **files}) == expected


@pytest.mark.parametrize(
    "files",
    [
        {".pre-commit-config.yaml": b""},
        {".pre-commit-config.yaml": HOOKS.replace(b"v0.12.5", b"main")},
        {".pre-commit-config.yaml": HOOKS.replace(b"v0.12.5", b"v0.0.292")},
        {"requirements-dev.txt": b"ruff==0.11.0\n", "requirements-ci.txt": b"ruff==0.10.0\n"},
        {"pyproject.toml": PYPROJECT.replace(b"ruff", b"rough")},
        {"pyproject.toml": b"[[broken"},
    ],
)
def test_where_no_version_or_too_many_decide_nothing_is_asked(files: Mapping[str, bytes]) -> None:
    assert read({**KNOWN, **files}) is None


@pytest.mark.parametrize(
    "files",
    [
        {"setup.cfg": b"[flake8]\nmax-line-length = 90\n"},
        {".flake8": b"[flake8]\n"},
        {"tox.ini": b"[testenv:lint]\ndeps = flake8-bugbear\n"},
        {"requirements-dev.txt": b"Vulture\n"},
        {"uv.lock": LOCK + LOCK.removeprefix(b"version = 1\n").replace(b"ruff", b"pycodestyle")},
        {".pre-commit-config.yaml": HOOKS + b"  - repo: https://github.com/asottile/yesqa\n    rev: v1\n"},
        {"pyproject.toml": PYPROJECT + b"[tool.vulture]\nmin_confidence = 80\n"},
        {".vscode/settings.json": b'{"flake8.enabled": true}'},
    ],
)
def test_where_another_tool_reads_the_comments_nothing_is_asked(files: Mapping[str, bytes]) -> None:
    assert read({**KNOWN, **files}) is None


@pytest.mark.parametrize(
    "files",
    [
        {".pre-commit-config.yaml": HOOKS.replace(b"--exit-non-zero-on-fix", b"--line-length=120")},
        {".pre-commit-config.yaml": HOOKS.replace(b"[--fix, ", b"\n          - --select=E,W\n          - [")},
        {".github/workflows/ci.yml": b"run: |\n  ruff check \\\n    --preview src\n"},
        {"noxfile.py": b'session.run("ruff", "check", "--extend-select", "I")\n'},
        {"pyproject.toml": PYPROJECT + b'[tool.poe.tasks]\nlint = "ruff check --config other.toml"\n'},
        {"Makefile": b"lint:\n\truff check --isolated .\n"},
    ],
)
def test_where_a_command_has_rules_of_its_own_nothing_is_asked(files: Mapping[str, bytes]) -> None:
    assert read({**KNOWN, **files}) is None


@pytest.mark.parametrize(
    "extended", ["../base.toml", "/etc/passwd", "~/ruff.toml", "$HOME/ruff.toml", "gone.toml"]
)
def test_settings_from_elsewhere_are_not_followed(extended: str) -> None:
    assert read({**KNOWN, "app/ruff.toml": f'extend = "{extended}"\n'.encode()}) is None


@pytest.mark.parametrize("section", ["ruff", "ruff.lint"])
@pytest.mark.parametrize(
    ("ignored", "asks"), [("E501", True), ("RUF100", False), ("RUF", False), ("ALL", False)]
)
def test_who_does_not_want_to_know_is_not_told(section: str, ignored: str, *, asks: bool) -> None:
    own = f'[tool.{section}]\nextend-ignore = ["{ignored}"]\n'.encode()
    assert (read({**KNOWN, "pyproject.toml": own}) is not None) is asks


def test_a_file_is_covered_by_the_nearest_settings_that_can_be_read() -> None:
    use = read(
        {
            "app/pyproject.toml": PYPROJECT,
            "app/tests/data/ruff.toml": b"[[broken",
            "app/inner/pyproject.toml": b"[project]\nname = 'x'\n",
            ".pre-commit-config.yaml": HOOKS,
        }
    )
    assert use is not None
    covered = ("app/a.py", "app/inner/a.py", "app/tests/a.py", "app/tests/data/a.py", "a.py", "other/a.py")
    assert [use.covers(path) for path in covered] == [True, True, True, False, False, False]
