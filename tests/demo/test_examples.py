"""The sample repositories are whole, and the local GitHub shows them as they lie in the folder."""

from __future__ import annotations

import ast

import pytest
import yaml

from demo import examples, index
from demo.github import LocalGitHub


@pytest.mark.parametrize("name", examples.NAMES)
def test_every_file_of_a_sample_parses(name: str) -> None:
    for path, data in examples.files(name).items():
        if path.endswith(".py"):
            ast.parse(data)
        elif path.endswith(".yml"):
            assert yaml.safe_load(data)


@pytest.mark.parametrize("name", examples.NAMES)
def test_a_sample_has_code_tests_workflows_and_dependencies(name: str) -> None:
    paths = set(examples.files(name))
    assert any(p.startswith(".github/workflows/") for p in paths)
    assert any(p.startswith("tests/") for p in paths)
    assert {"pyproject.toml", "requirements.txt"} & paths


def test_the_local_github_has_the_samples_with_their_history(github: LocalGitHub) -> None:
    assert examples.fill(github) == ["acme/billing-api", "acme/data-tools", "acme/ops-scripts"]
    assert github.files("acme/data-tools") == examples.files("data-tools")


def test_the_index_knows_every_distribution_that_a_sample_names() -> None:
    known = index.recorded().keys()
    text = b"".join(d for n in examples.NAMES for p, d in examples.files(n).items() if "requirements" in p)
    names = {line.split(b"==")[0].split(b"[")[0].decode() for line in text.splitlines() if b"==" in line}
    assert names <= known
