"""Who lets tests run on another Python reads what of the standard library the code loses there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from codemods import registry
from codemods.model import Releases
from codemods.tree import Files
from workers import config, scan
from workers.model import Proposal, Report

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_CI = ".github/workflows/ci.yml"
_MATRIX = """on: push
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python-version: ["3.10", "{}"]
    steps:
      - run: tox
"""
_PROJECT = b'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'


def _scanned(files: Mapping[str, bytes], wanted: str) -> Report:
    known = registry.catalogue()
    request = scan.Request(
        tree=Files(files),
        catalogue={wanted: known[wanted]},
        config=config.defaults(),
        now=_NOW,
        lookup=lambda names: {n: Releases(n) for n in names},
        migrations=known,
        everything=True,
    )
    return scan.run(request)


def _proposal(code: str, newest: str = "3.12", more: Mapping[str, bytes] = MappingProxyType({})) -> Proposal:
    files = {"pyproject.toml": _PROJECT, _CI: _MATRIX.format(newest).encode(), "shop/a.py": code.encode()}
    (proposal,) = _scanned({**files, **more}, "new-python-in-matrix").proposals
    return proposal


def test_what_the_next_python_lacks_is_told_with_its_place() -> None:
    proposal = _proposal("import telnetlib\n\nhost = telnetlib.Telnet('a')\n")
    assert "### What Python 3.13 changes for this repository" in proposal.body
    assert "1 use of 1 changed API in 1 file; 0 rewritten, 1 for you; " in proposal.body
    assert "- `shop/a.py:3`: `telnetlib` is gone. `telnetlib3` does it" in proposal.body
    assert [edit.path for edit in proposal.edits] == [_CI]


def test_what_the_lowest_python_calls_otherwise_already_is_changed_along() -> None:
    proposal = _proposal("import pipes\n\nprint(pipes.quote('a b'))\n")
    assert [(subject, [e.path for e in edits]) for subject, edits in proposal.commits] == [
        ("Test on Python 3.13", [_CI]),
        ("Migrate: python-pipes-quote", ["shop/a.py"]),
    ]
    assert "1 use of 1 changed API in 1 file; 1 rewritten, 0 for you;" in proposal.body
    assert proposal.versions == ()


def test_what_behaves_otherwise_is_told_to_who_uses_it() -> None:
    proposal = _proposal("import asyncio\n\nloop = asyncio.get_event_loop()\n", "3.13")
    assert "- `asyncio.get_event_loop()` raises `RuntimeError` where no loop is set" in proposal.body


@pytest.mark.parametrize(
    "code",
    [
        "import json\n\nprint(json.dumps({}))\n",
        "try:\n    import crypt\nexcept ImportError:\n    crypt = None\n\nif crypt:\n    crypt.crypt('a')\n",
        "try:\n    from shlex import quote\nexcept ImportError:\n    import pipes\n\n    q = pipes.quote\n",
        "import sys\n\nif sys.version_info < (3, 13):\n    import crypt\n\n    print(crypt.crypt('a'))\n",
        "import sys\nimport unittest\n\nif sys.version_info < (3, 13):\n    s = unittest.makeSuite(int)\n",
        "SETTINGS = {'chunk.size': 3}\nprint('crypt.crypt')\n",
        "from shop.crypt import crypt\n\ncrypt('a')\n",
        "setattr(print, 'crypt.crypt', 1)\n",
        "def f(crypt):\n    return crypt.crypt('a')\n",
        "from imp import reload\n\nreload(3)\n",
    ],
)
def test_where_nothing_goes_nothing_is_said(code: str) -> None:
    proposal = _proposal(code)
    assert "for this repository" not in proposal.body
    assert [edit.path for edit in proposal.edits] == [_CI]


@pytest.mark.parametrize(
    "code",
    [
        "from unittest import mock\n\nwith mock.patch('crypt.crypt'):\n    pass\n",
        "\ndef test(monkeypatch):\n    monkeypatch.setattr('crypt.crypt', print)\n",
    ],
)
def test_what_a_test_replaces_by_its_name_is_told(code: str) -> None:
    assert "`shop/a.py:3`: `crypt` is gone." in _proposal(code).body


def test_what_has_to_be_there_after_all_is_used() -> None:
    code = "try:\n    import crypt\nexcept ImportError:\n    raise SystemExit\n\ncrypt.crypt('a')\n"
    assert "`shop/a.py:6`: `crypt` is gone." in _proposal(code).body


def test_a_name_of_the_library_is_followed_through_the_repository() -> None:
    compat = {"shop/compat.py": b"import telnetlib\nfrom crypt import crypt\n"}
    code = "from shop.compat import crypt, telnetlib\n\ncrypt('a')\ntelnetlib.Telnet('a')\n"
    body = _proposal(code, more=compat).body
    assert "`shop/a.py:3`, `shop/compat.py:2`: `crypt` is gone." in body
    assert "`shop/a.py:4`, `shop/compat.py:1`: `telnetlib` is gone." in body


def test_the_lowest_python_for_which_code_stays_is_said() -> None:
    project = {"pyproject.toml": _PROJECT.replace(b"3.11", b"3.10")}
    code = "from importlib.abc import Traversable\n\n\ndef f(x: Traversable): ...\n"
    body = _proposal(code, "3.13", more=project).body
    assert "Python 3.10 still runs this code, so what that version needs was not rewritten." in body


def test_what_is_done_after_a_failure_is_a_use() -> None:
    code = "import cgitb\n\ntry:\n    print(1 / 0)\nexcept ZeroDivisionError:\n    cgitb.handler()\n"
    assert "- `shop/a.py:6`: `cgitb` is gone." in _proposal(code).body


def test_what_takes_the_place_of_a_built_in_of_python_2_is_used() -> None:
    code = "try:\n    reload\nexcept NameError:\n    from imp import reload\n"
    assert "`shop/a.py:4`: `imp` is gone." in _proposal(code, "3.11").body


_CHUNK = "import chunk\n\nprint(chunk.Chunk)\n"


def test_a_module_of_the_repository_hides_that_of_the_library() -> None:
    own = b"Chunk = 1\n"
    assert "for this repository" not in _proposal(_CHUNK, more={"chunk.py": own}).body
    inside = {"shop/__init__.py": b"", "shop/chunk.py": own}
    assert "`chunk` is gone" in _proposal(_CHUNK, more=inside).body


def test_a_distribution_that_brings_a_module_back_is_enough() -> None:
    project = _PROJECT + b"dependencies = [\"standard-chunk; python_version >= '3.13'\"]\n"
    assert "for this repository" not in _proposal(_CHUNK, more={"pyproject.toml": project}).body


_OLD = _PROJECT.replace(b"3.11", b"3.10")
_SPEC = b"import inspect\n\nprint(inspect.getargspec(print).args)\n"


@pytest.mark.parametrize(("image", "is_told"), [("3.10", True), ("3.12", False)])
def test_a_floor_above_all_that_ran_before_is_another_python(image: str, *, is_told: bool) -> None:
    files = {"pyproject.toml": _OLD, "Dockerfile": f"FROM python:{image}\n".encode(), "shop/a.py": _SPEC}
    (proposal,) = _scanned(files, "python-floor").proposals
    assert ("### What Python 3.11 changes for this repository" in proposal.body) == is_told
    assert ("shop/a.py" in {edit.path for edit in proposal.edits}) == is_told


@pytest.mark.parametrize(("project", "is_due"), [(_PROJECT, True), (b'[project]\nname = "shop"\n', False)])
def test_where_the_floor_is_known_and_high_enough_a_migration_goes_by_itself(
    project: bytes, *, is_due: bool
) -> None:
    files = {"pyproject.toml": project, "shop/a.py": b"from pipes import quote\n\nprint(quote('a b'))\n"}
    assert bool(_scanned(files, "python-pipes-quote").proposals) == is_due
