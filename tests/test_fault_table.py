"""The table of faults names tests that exist, or says why there is none, and no fault is missing."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| (\d+) \| ([^|`]*(?:`[^|`]*`[^|`]*)*) \| (?:(`[^|]+`) )?\|(?: ([A-Z][^|]+\.) \|)?")
"""Number, what it is, tests, and a sentence about what no test shows."""
LINES = [line for line in (ROOT / "tests/FAULTS.md").read_text("utf-8").splitlines() if line.startswith("| ")]
FOUND = [(line, ROW.fullmatch(line)) for line in LINES[1:]]
PROMISED = range(1, 111)


@cache
def named_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("line", "row"), FOUND)
def test_a_fault_has_tests_that_exist_or_a_reason_why_not(line: str, row: re.Match[str] | None) -> None:
    assert row, line
    assert row[3] or row[4], line
    for named in row[3].split(", ") if row[3] else ():
        path, _, name = named.strip("`").partition("::")
        assert name in named_in(path), named


def test_each_fault_stands_once_and_in_its_place() -> None:
    numbers = [int(row[1]) for _, row in FOUND if row]
    assert numbers == sorted(set(numbers))
    assert set(PROMISED) - set(numbers) == set()
