"""References over several files: all places of an address move together, each in its own shape."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemods import testing
from codemods.dependencies import upgrade_action, upgrade_hook
from codemods.model import Facts, Finding, Releases
from codemods.tree import Files

_ADDRESS = "git+https://github.com/octo/act"
_OLD, _NEW = "1" * 40, "2" * 40
_TAGS = [
    f"v1 2024-01-01 {_OLD}",
    f"v1.0.0 2024-01-01 {_OLD}",
    f"v2 2025-01-01 {_NEW}",
    f"v2.0.0 2025-01-01 {_NEW}",
]


def _workflow(*uses: str) -> bytes:
    steps = "".join(f"      - uses: {text}\n" for text in uses)
    return f"on: push\njobs:\n  a:\n    steps:\n{steps}".encode()


def _find(files: Mapping[str, bytes], tags: list[str] = _TAGS, **more: object) -> list[Finding]:
    return list(upgrade_action.find(Files(files), testing.facts({"tags": {_ADDRESS: tags}, **more})))


def test_places_in_several_files_move_each_in_its_shape() -> None:
    files = {
        ".github/workflows/a.yml": _workflow("octo/act@v1", "Octo/Act/sub@v1.0.0"),
        "action.yml": b"runs:\n  steps:\n  - uses: octo/act@%b # v1.0.0\n" % _OLD.encode(),
    }
    found = _find(files)
    after = {f.edit.path: f.edit.after for f in found if f.edit}
    assert after[".github/workflows/a.yml"] == _workflow("octo/act@v2", "Octo/Act/sub@v2.0.0")
    assert after["action.yml"] == b"runs:\n  steps:\n  - uses: octo/act@%b # v2.0.0\n" % _NEW.encode()
    assert {f.target for f in found} == {"octo/act"}
    assert {f.title for f in found} == {"Upgrade octo/act to v2.0.0"}
    assert [f.message for f in found][:1] == ["`octo/act` v1 → v2"]


def test_a_hold_in_one_file_keeps_the_other() -> None:
    files = {
        ".github/workflows/a.yml": _workflow("octo/act@v1"),
        ".github/workflows/b.yml": _workflow("octo/act@v1 # kotsu: hold"),
    }
    (found,) = _find(files)
    assert (found.path, found.edit) == (".github/workflows/b.yml", None)


def test_a_hold_at_the_newest_keeps_nothing() -> None:
    files = {
        ".github/workflows/a.yml": _workflow("octo/act@v1"),
        ".github/workflows/b.yml": _workflow("octo/act@v2 # kotsu: hold"),
    }
    assert [f.path for f in _find(files) if f.edit] == [".github/workflows/a.yml"]


def test_only_addresses_with_a_version_are_asked_for() -> None:
    tree = Files(
        {
            ".github/workflows/a.yml": _workflow("octo/act@v1", "octo/other@main", f"octo/bare@{_OLD}"),
            ".pre-commit-config.yaml": b"repos:\n- repo: https://github.com/psf/black\n  rev: 23.1.0\n",
        }
    )
    assert upgrade_action.ask(tree) == {_ADDRESS}
    assert upgrade_hook.ask(tree) == {"git+https://github.com/psf/black"}


def test_an_error_is_said_once() -> None:
    facts = Facts(
        today=testing.facts({}).today, releases={_ADDRESS: Releases(_ADDRESS, error="it is not there")}
    )
    tree = Files({".github/workflows/a.yml": _workflow("octo/act@v1", "octo/act@v1")})
    assert [f.message for f in upgrade_action.find(tree, facts)] == ["`octo/act`: it is not there"]


def test_without_a_release_age_a_date_is_not_needed() -> None:
    files = {".github/workflows/a.yml": _workflow("octo/act@v1.0.0")}
    assert [f.edit for f in _find(files, ["v1.0.0", "v2.0.0"])] == [None]
    assert all(f.edit for f in _find(files, ["v1.0.0", "v2.0.0"], release_age=0))


def test_a_commit_does_not_move_without_the_commit_of_the_new_tag() -> None:
    files = {".github/workflows/a.yml": _workflow(f"octo/act@{_OLD} # v1.0.0")}
    (found,) = _find(files, [f"v1.0.0 2024-01-01 {_OLD}", "v2.0.0 2025-01-01"])
    assert found.edit is None
    assert "no digest" in found.message


def test_sealed_files_and_vendored_ones_stay() -> None:
    held = {"vendor/x/action.yml": b"runs:\n  steps:\n  - uses: octo/act@v1\n"}
    assert _find(held) == []


def test_hostile_yaml_is_a_problem_or_nothing() -> None:
    bomb = b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (n, n) for n in range(50))
    for data in (
        b"jobs: " + b"[" * 5000,
        bomb + b"uses: 1",
        b"uses: !!python/object:os.system x",
        b"\xff uses",
    ):
        assert _find({".github/workflows/a.yml": data}) == []


def test_the_same_is_not_said_of_each_place() -> None:
    files = {".github/workflows/a.yml": _workflow(*["octo/act@v1.0.0"] * 5)}
    (found,) = _find(files, ["v1.0.0", "v2.0.0"])
    assert (found.line, found.edit) == (5, None)
    assert "its age is unknown" in found.message


_RUFF = "git+https://github.com/astral-sh/ruff-pre-commit"
_HOOK = (
    b"repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: %b\n    hooks: [{id: ruff}]\n"
)
_RUFFS = ["v0.4.0 2024-04-18", "v0.9.0 2025-01-09", "v0.14.0 2025-10-07"]
_LOCK = b'[[package]]\nname = "ruff"\nversion = "%b"\nsource = { registry = "https://pypi.org/simple" }\n'


def _hooks(files: Mapping[str, bytes], rev: bytes = b"v0.4.0") -> list[Finding]:
    tree = Files({".pre-commit-config.yaml": _HOOK % rev, **files})
    return list(upgrade_hook.find(tree, testing.facts({"tags": {_RUFF: _RUFFS}})))


@pytest.mark.parametrize(
    "files",
    [
        {"uv.lock": _LOCK % b"0.9.0"},
        {"poetry.lock": _LOCK.partition(b"source")[0] % b"0.9.0"},
        {"requirements/dev.txt": b"ruff==0.9.0\n"},
        {"uv.lock": _LOCK % b"0.9.0", "requirements-dev.txt": b"ruff==0.9.0\n"},
    ],
)
def test_a_hook_follows_the_version_that_the_project_has_of_its_tool(files: dict[str, bytes]) -> None:
    (found,) = _hooks(files)
    assert found.edit
    assert found.edit.after == _HOOK % b"v0.9.0"
    assert "v0.14.0 is not 0.9.0, which `" in found.message


@pytest.mark.parametrize("rev", [b"v0.9.0", b"v0.14.0"])
def test_a_hook_at_that_version_or_beyond_it_stays(rev: bytes) -> None:
    assert not any(f.edit for f in _hooks({"uv.lock": _LOCK % b"0.9.0"}, rev))


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": b"ruff>=0.4\n"},
        {"uv.lock": _LOCK % b"0.9.0", "requirements.txt": b"ruff==0.8.0\n"},
        {"uv.lock": _LOCK.replace(b"ruff", b"black") % b"0.9.0"},
        {"uv.lock": _LOCK % b"?"},
    ],
)
def test_a_hook_whose_tool_has_no_one_version_here_moves_to_the_newest(files: dict[str, bytes]) -> None:
    (found,) = _hooks(files)
    assert found.edit
    assert found.edit.after == _HOOK % b"v0.14.0"
