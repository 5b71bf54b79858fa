"""The table of faults names tests that exist, and no fault that must have one is missing."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| (\d+) \| ([^|`]*(?:`[^|`]*`[^|`]*)*) \| (`[^|]+`) \|")
LINES = [line for line in (ROOT / "tests/FAULTS.md").read_text("utf-8").splitlines() if line.startswith("| ")]
FOUND = [(line, ROW.fullmatch(line)) for line in LINES[1:]]
PROMISED = {*range(13, 17), *range(18, 29), *range(43, 51), *range(66, 79), 110}


@cache
def named_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("line", "row"), FOUND)
def test_a_fault_has_tests_that_exist(line: str, row: re.Match[str] | None) -> None:
    assert row, line
    for named in row[3].split(", "):
        path, _, name = named.strip("`").partition("::")
        assert name in named_in(path), named


def test_each_fault_stands_once_and_in_its_place() -> None:
    numbers = [int(row[1]) for _, row in FOUND if row]
    assert numbers == sorted(set(numbers))
    assert set(numbers) >= PROMISED
