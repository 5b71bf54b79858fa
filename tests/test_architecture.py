"""The house rules, held by the test run and not by memory."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "codemods", "demo", "workers")
SAMPLES = ROOT / "demo" / "samples"  # other people's code, so to speak: it is there to be improved
MODULES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py") if SAMPLES not in p.parents)
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]["contracts"]
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
SAYS_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "misc",
    "service",
    "services",
    "util",
    "utils",
}


def run(*command: str) -> None:
    """Run a tool of this environment; what it says is the failure's text."""
    tool = (
        [sys.executable, *command]
        if command[0] == "-m"
        else [str(Path(sys.executable).parent / command[0]), *command[1:]]
    )
    done = subprocess.run(
        tool, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_imports_go_in_one_direction() -> None:
    run("lint-imports", "--no-logo", "--no-cache")


def test_the_linter_is_content() -> None:
    run("ruff", "check", ".")


def test_the_formatter_is_content() -> None:
    run("ruff", "format", "--check", ".")


def test_the_types_are_right() -> None:
    run("-m", "mypy")


def named(contract: dict[str, Any]) -> list[str]:
    """The modules a contract speaks of, and what it forbids, without wildcards."""
    lists = ("layers", "modules", "source_modules", "forbidden_modules", "ancestors")
    return [name.removesuffix(".*") for key in lists for name in contract.get(key, [])]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c["name"])
def test_a_contract_speaks_of_what_exists(contract: dict[str, Any]) -> None:
    assert named(contract)
    assert [name for name in named(contract) if find_spec(name) is None] == []


def test_every_door_is_used_by_its_own_room() -> None:
    graph = grimp.build_graph(*ROOMS, include_external_packages=True)
    for contract in CONTRACTS:
        doors = contract.get("ignore_imports", [])
        found = [e for e in doors if graph.find_matching_direct_imports(import_expression=e)]
        assert bool(found) == bool(doors), contract["name"]


def test_every_room_is_watched() -> None:
    layers = next(c["layers"] for c in CONTRACTS if c["type"] == "layers")
    assert set(layers) == set(ROOMS)


def paths(of: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", of, ids=lambda p: str(p.relative_to(ROOT)))


@paths(MODULES)
def test_a_module_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= LONGEST_FILE
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION] == []
    opening = (ast.get_docstring(tree) or "").split("\n\n")[0]
    assert opening.endswith("."), "a module opens with one sentence that ends with a period"
    assert not re.search(r"[.!?]\s+[A-Z]", opening), "it is one sentence"


@paths(MODULES)
def test_a_name_says_something(path: Path) -> None:
    words = {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
    assert words.isdisjoint(SAYS_NOTHING)


@paths(MODULES)
def test_an_exception_to_a_rule_has_a_reason(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    bare = [line.strip() for line in lines if re.search(r"(?<!\")# noqa(?!: [A-Z0-9, ]+ -- \S)", line)]
    bare += [line.strip() for line in lines if re.search(r"# type: ignore(?!\[)", line)]
    assert bare == []
