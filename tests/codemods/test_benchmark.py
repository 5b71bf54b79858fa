"""A page may open with a claim about speed, and an improvement for speed must."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from codemods import benchmark, registry, testing
from codemods.benchmark import Benchmark

FRONT = """---
benchmark:
  setup: "names = [str(n) for n in range(1000)]"
  before: any([n == '500' for n in names])
  after: any(n == '500' for n in names)
  times: 1.9        # measured: before / after, CPython 3.11
---
"""
CLAIM = Benchmark(
    "names = [str(n) for n in range(1000)]",
    "any([n == '500' for n in names])",
    "any(n == '500' for n in names)",
    1.9,
)


def claimed(before: str = "a", after: str = "b", times: str = "2", more: str = "") -> str:
    return f"---\nbenchmark:\n  before: {before}\n  after: {after}\n  times: {times}\n{more}---\n"


def test_a_claim_is_read_from_the_front_matter() -> None:
    assert benchmark.read(f"{FRONT}# Page\n") == CLAIM
    assert CLAIM.sentence == (
        "Measured: 1.9 times as fast after the change; CPython 3.11; your figures differ."
    )
    assert CLAIM.code == f"# given\n{CLAIM.setup}\n# before\n{CLAIM.before}\n# after\n{CLAIM.after}"


def test_a_statement_of_several_lines_stands_after_a_bar() -> None:
    read = benchmark.read(claimed(before="|\n    for n in range(9):\n        n: int = 1  # yes\n"))
    assert read == Benchmark("", "for n in range(9):\n    n: int = 1  # yes", "b", 2.0)


@pytest.mark.parametrize("page", ["", "# Page\n", "Text\n---\nbenchmark: 1\n---\n", "---\n---\n# Page\n"])
def test_most_pages_claim_nothing(page: str) -> None:
    assert benchmark.read(page) is None


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("---\nbenchmark:\n# Page\n", "no line `---` closes it"),
        (claimed(before="{n: n for n in x}: 1"), "no YAML; a statement with `: `"),
        ("---\nspeed: 2\n---\n", "front matter: speed is none; known keys are benchmark"),
        ("---\nbenchmark: fast\n---\n", "benchmark: keys and values are wanted"),
        ("---\njust words\n---\n", "front matter: keys and values are wanted"),
        ("---\nbenchmark:\n  before: a\n  times: 2\n---\n", "benchmark: after is missing"),
        (claimed(more="  python: '3.11'\n"), "benchmark: python is none; known keys are setup, before,"),
        (claimed(before="1"), "before is 1; quotes make a statement of it"),
        (claimed(times="fast"), "times is 'fast', not a number above 1"),
        (claimed(times="yes"), "times is True, not a number above 1"),
        (claimed(times="0.9"), "times is 0.9, not a number above 1"),
    ],
)
def test_a_claim_that_is_not_well_formed_is_named(page: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("`", ".")):
        benchmark.read(page)


@pytest.fixture
def fast(package: ModuleType, tmp_path: Path) -> Path:
    """The page of an improvement for speed, which only lacks a claim."""
    room = tmp_path / package.__name__ / "python"
    module = (room / "more_greetings.py").read_text("utf-8").replace("HYGIENE", "SPEED")
    (room / "fast.py").write_text(module, "utf-8")
    (room / "fast.md").write_text((room / "more_greetings.md").read_text("utf-8"), "utf-8")
    importlib.invalidate_caches()
    return room / "fast.md"


def complaints() -> list[str]:
    return testing.complaints(registry.load("pkg.python.fast"))


def test_an_improvement_for_speed_needs_a_claim(fast: Path) -> None:
    assert complaints() == ["a benchmark in the front matter of its page"]
    registry.load.cache_clear()
    fast.write_text(FRONT + fast.read_text("utf-8"), "utf-8")
    assert complaints() == []
    assert registry.load("pkg.python.fast").benchmark == CLAIM


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (claimed(before="any("), ["a benchmark whose `before` is Python"]),
        (claimed(after="any(", more="  setup: 1 +\n"), ["setup", "after"]),
        (claimed(after="a"), ["a benchmark whose `before` and `after` differ"]),
    ],
)
def test_a_claim_is_about_two_statements_of_python(fast: Path, claim: str, expected: list[str]) -> None:
    fast.write_text(claim + fast.read_text("utf-8"), "utf-8")
    found = complaints()
    assert len(found) == len(expected)
    assert all(word in said for word, said in zip(expected, found, strict=True))


def test_front_matter_is_no_case_and_not_for_readers(fast: Path) -> None:
    page = fast.read_text("utf-8")
    fast.write_text(FRONT.replace("setup:", "setup: |\n    ## a heading\n    #") + page, "utf-8")
    improvement = registry.load("pkg.python.fast")
    assert improvement.page == page
    assert testing.cases(registry.page("pkg.python.fast")) == testing.cases(page)
    for case in testing.cases(improvement.page):
        testing.check(improvement, case)
