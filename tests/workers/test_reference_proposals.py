"""References on their way through a scan: one proposal for each address, under a key that is a branch."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from codemods import registry, testing
from codemods.model import Releases
from codemods.tree import Files
from workers import config, discover, scan
from workers.config import Config

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


def _scanned(given: Config) -> scan.Report:
    catalogue = {id_: i for id_, i in registry.catalogue().items() if i.kind == "dependencies"}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    files = Files(_FILES)
    return scan.run(
        scan.Request(files, discover.select(catalogue, given), given, now, _lookup, everything=True)
    )


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


@pytest.mark.parametrize("key", _KEYS)
def test_a_key_can_be_switched_off(key: str) -> None:
    given = config.read(f"improvements:\n  {key}: false\n", "kotsu.yml")
    assert isinstance(given, Config)
    report = _scanned(given)
    assert sorted(p.key for p in report.proposals) == [k for k in _KEYS if k != key]
    assert [w.key for w in report.withheld] == [key]
