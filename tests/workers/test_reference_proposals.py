"""References on their way through a scan: one proposal for each address, under a key that is a branch."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from codemods import registry, testing
from codemods.model import Releases, Upgrade
from codemods.tree import Files
from workers import background, config, discover, scan
from workers.config import Config
from workers.model import Background, Note

_NEW = "2" * 40
_TAGS = {
    "git+https://github.com/octo/act": ["v1 2024-01-01", "v2 2025-01-01"],
    "git+https://gitlab.com/tools/hooks": ["v1.0 2024-01-01", f"v1.1 2025-01-01 {_NEW}"],
    "image+docker.io/library/nginx": ["1.27.0 2024-01-01", "1.29.0 2025-01-01"],
}
_FILES = {
    ".github/workflows/a.yml": b"on: push\njobs:\n  a:\n    steps:\n      - uses: Octo/Act@v1\n",
    ".pre-commit-config.yaml": b"repos:\n- repo: https://gitlab.com/tools/hooks\n  rev: v1.0\n",
    "Dockerfile": b"FROM nginx:1.27.0\n",
}
_KEYS = ["upgrade-action/octo/act", "upgrade-hook/gitlab.com/tools/hooks", "upgrade-image/nginx"]


def _lookup(names: frozenset[str]) -> Mapping[str, Releases]:
    assert names == set(_TAGS)
    return testing.facts({"tags": _TAGS}).releases


def _scanned(
    given: Config, ask: background.Ask = background.nothing, files: Mapping[str, bytes] = _FILES
) -> scan.Report:
    catalogue = {id_: i for id_, i in registry.catalogue().items() if i.kind == "dependencies"}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    chosen = discover.select(catalogue, given)
    request = scan.Request(Files(files), chosen, given, now, _lookup, everything=True, background=ask)
    return scan.run(request)


def test_each_address_is_one_proposal() -> None:
    report = _scanned(config.defaults())
    assert sorted(p.key for p in report.proposals) == _KEYS
    assert {e.path: e.after for p in report.proposals for e in p.edits} == {
        ".github/workflows/a.yml": _FILES[".github/workflows/a.yml"].replace(b"v1", b"v2"),
        ".pre-commit-config.yaml": _FILES[".pre-commit-config.yaml"].replace(b"v1.0", b"v1.1"),
        "Dockerfile": b"FROM nginx:1.29.0\n",
    }
    for proposal in report.proposals:
        subprocess.run(["git", "check-ref-format", "--branch", proposal.branch], check=True)


def test_what_comes_from_a_repository_says_which() -> None:
    asked: list[Upgrade] = []

    def note(upgrades: Sequence[Upgrade], _: Mapping[str, Releases]) -> Mapping[Upgrade, Background]:
        asked.extend(upgrades)
        return {
            u: Background(u.repository, (Note("v2", "News", f"{u.repository}/releases/v2"),))
            for u in upgrades
        }

    report = _scanned(config.defaults(), note)
    assert {(u.name, u.repository, u.released) for u in asked} == {
        ("Octo/Act", "https://github.com/octo/act", "2025-01-01"),
        ("gitlab.com/tools/hooks", "https://gitlab.com/tools/hooks", "2025-01-01"),
    }
    body = next(p.body for p in report.proposals if p.key == _KEYS[0])
    assert (
        "| Octo/Act ([releases](https://github.com/octo/act/releases)) | 1 → 2 | 2025-01-01, 692 days" in body
    )
    assert "Release notes of Octo/Act, 1 to 2" in body


def test_what_goes_wrong_with_notes_is_a_problem_and_costs_no_proposal() -> None:
    def fail(_: Sequence[Upgrade], __: Mapping[str, Releases]) -> Mapping[Upgrade, Background]:
        raise ValueError("oops")

    report = _scanned(config.defaults(), fail)
    assert sorted(p.key for p in report.proposals) == _KEYS
    assert [p.message for p in report.problems] == ["release notes failed: ValueError: oops"]


def test_a_place_that_stays_is_named_where_the_others_move() -> None:
    files = {**_FILES, ".github/workflows/b.yml": _FILES[".github/workflows/a.yml"].replace(b"v1", b"v0")}
    report = _scanned(config.defaults(), files=files)
    body = next(p.body for p in report.proposals if p.key == _KEYS[0])
    assert "- `.github/workflows/b.yml:5`: `Octo/Act` v0 is none of its tags: it may be a branch" in body


@pytest.mark.parametrize("key", _KEYS)
def test_a_key_can_be_switched_off(key: str) -> None:
    given = config.read(f"improvements:\n  {key}: false\n", "kotsu.yml")
    assert isinstance(given, Config)
    report = _scanned(given)
    assert sorted(p.key for p in report.proposals) == [k for k in _KEYS if k != key]
    assert [w.key for w in report.withheld] == [key]
