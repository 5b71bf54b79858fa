"""What is idle is asked of ruff once for a state of a file, and only where somebody wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codemods import registry
from codemods.idle import Idle, Report
from codemods.linted import Use
from codemods.tree import Files
from tests.workers.test_discover import Remembering
from workers import config, facts, indexes, linter, model, scan, solver
from workers.linter import Judge
from workers.sandbox import NoAnswerError
from workers.solver import Solver

RUFF = b"""\
[tool.ruff]
line-length = 30
lint.select = ["E501", "F401", "B006"]
lint.per-file-ignores = { "shop/old.py" = ["RUF100"] }
"""
FILES: Mapping[str, bytes] = {
    "pyproject.toml": RUFF,
    "requirements-dev.txt": b"ruff==0.12.5\n",
    "shop/__init__.py": b"",
    "shop/a.py": b"x = 1  # noqa: E501\n",
    "shop/b.py": b"y = 2\n",
    "vendor/c.py": b"x = 1  # noqa: E501\n",
}


@dataclass
class Asked:
    """A ruff that finds nothing at all, and remembers what it was asked about."""

    files: list[Mapping[str, bytes]] = field(default_factory=list)
    fails: bool = False

    def judge(self, _use: Use, files: Mapping[str, bytes]) -> Mapping[str, Idle]:
        self.files.append(files)
        if self.fails:
            raise NoAnswerError("ruff 0.12.5 cannot be brought from the index")
        return {path: {1: ("E501",)} for path, data in files.items() if b"noqa" in data}

    @property
    def paths(self) -> list[list[str]]:
        """The paths of each question."""
        return [sorted(files) for files in self.files]


def found(files: Mapping[str, bytes], judge: Judge, memory: Remembering | None = None) -> Mapping[str, Idle]:
    """Return what is idle in all files but those of others."""
    told, problems = linter.found(Files(files), lambda path: "vendor" not in path, judge, memory)
    assert not problems
    return told


def test_only_files_that_name_codes_are_asked_about() -> None:
    asked = Asked()
    assert found(FILES, asked.judge) == {"shop/a.py": {1: ("E501",)}}
    assert asked.files == [{"shop/a.py": FILES["shop/a.py"], "shop/__init__.py": b""}]


def test_a_package_is_there_without_what_it_holds() -> None:
    asked = Asked()
    found({**FILES, "shop/__init__.py": b"import secret\n"}, asked.judge)
    assert asked.files[0]["shop/__init__.py"] == b""


def test_a_package_that_names_codes_itself_is_asked_about() -> None:
    asked = Asked()
    data = b"import x  # noqa: F401\n"
    assert "shop/__init__.py" in found({**FILES, "shop/__init__.py": data}, asked.judge)
    assert asked.files[0]["shop/__init__.py"] == data


@pytest.mark.parametrize("files", [{"shop/a.py": b"x = 1  # noqa\n"}, {"requirements-dev.txt": b"ruff\n"}])
def test_where_there_is_nothing_to_tell_nobody_is_asked(files: Mapping[str, bytes]) -> None:
    asked = Asked()
    assert found({**FILES, **files}, asked.judge) == {}
    assert not asked.files


def test_a_second_scan_asks_nothing() -> None:
    asked, memory = Asked(), Remembering()
    first = found(FILES, asked.judge, memory)
    assert found(FILES, asked.judge, memory) == first
    assert len(asked.files) == 1


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"shop/b.py": b"y = 3  # noqa: F401\n"}, "shop/b.py"),
        ({"shop/a.py": b"z = 1  # noqa: E501\n"}, "shop/a.py"),
        ({"requirements-dev.txt": b"ruff==0.12.6\n"}, "shop/a.py"),
        ({"pyproject.toml": RUFF.replace(b"30", b"31")}, "shop/a.py"),
        ({"__init__.py": b""}, "shop/a.py"),
    ],
)
def test_what_may_have_changed_is_asked_again(changed: Mapping[str, bytes], again: str) -> None:
    asked, memory = Asked(), Remembering()
    found(FILES, asked.judge, memory)
    found({**FILES, **changed}, asked.judge, memory)
    assert [path for path in asked.paths[1] if "__init__" not in path] == [again]


def test_a_file_that_was_not_judged_is_a_problem_and_is_asked_for_again() -> None:
    asked, memory = Asked(fails=True), Remembering()
    for _ in range(2):
        told, (problem,) = linter.found(Files(FILES), "shop/a.py".__eq__, asked.judge, memory)
        assert told == {}
        assert problem.path == "shop/a.py"
        assert not problem.beside
        assert problem.message.endswith("ruff 0.12.5 cannot be brought from the index")
    assert len(asked.files) == 2


def scanned(
    files: Mapping[str, bytes], judge: Judge, said: str = "onboarding: false", **more: Any
) -> model.Report:
    """Return what a scan makes of files."""
    given = config.read(said.encode(), "kotsu.yml")
    assert isinstance(given, config.Config)
    request = scan.Request(
        tree=Files(files),
        catalogue={"idle-noqa": registry.catalogue()["idle-noqa"]} if given.runs("idle-noqa") else {},
        config=given,
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        lookup=facts.nothing,
        solver=Solver(lambda *_: "", lambda _: b"", judge=judge),
        everything=True,
    )
    return scan.run(replace(request, **more))


def test_a_scan_proposes_what_is_idle() -> None:
    (proposal,) = scanned(FILES, Asked().judge).proposals
    assert {edit.path: edit.after for edit in proposal.edits} == {"shop/a.py": b"x = 1\n"}


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("improvements: {idle-noqa: false}", {}),
        ("ignore: [shop/**]", {}),
        ("", {"solver": None}),
        ("", {"proofs": 0}),
        ("", {"paths": frozenset(["shop/b.py"])}),
    ],
)
def test_a_scan_that_is_not_to_know_asks_nothing(said: str, more: Mapping[str, Any]) -> None:
    asked = Asked()
    assert not scanned(FILES, asked.judge, said, **more).proposals
    assert not asked.files


_LINES: Idle = {1: ("E501",)}
_BEFORE = linter._Look({"a.py": Report({"F401": 1}, _LINES)}, frozenset(["a.py"]))


@pytest.mark.parametrize(
    ("after", "is_idle"),
    [
        (Report({"F401": 1}), True),
        (Report({"F401": 1, "E501": 1}), False),
        (Report(), False),
        (Report({"F401": 1}, whole=False), False),
    ],
)
@pytest.mark.parametrize("formatted", [True, False])
def test_what_is_found_to_be_different_without_it_is_not_idle(
    after: Report, *, is_idle: bool, formatted: bool
) -> None:
    looks = [_BEFORE, linter._Look({"a.py": after}, frozenset(["a.py"] if formatted else []))]
    told = linter._idle(lambda _: looks.pop(0), {"a.py": b"x = 1  # noqa: E501\n"})
    assert told == ({"a.py": _LINES} if is_idle and formatted else {})


@pytest.mark.index
def test_the_real_ruff_tells_what_is_idle(tmp_path: Path) -> None:
    files = {
        **FILES,
        "requirements-lint.txt": b"ruff==0.9.10\n",
        "shop/a.py": b"""\
x = 1  # noqa: E501
y = "a line that is longer than thirty"  # noqa: E501
import os  # noqa: F401, E501, S101
def f(a=[]): ...  # noqa: B006
z = 1  # noqa
""",
        "shop/old.py": b"x = 1  # noqa: E501\n",
        "shop/new.py": b"x = = 1  # noqa: E501\n",
        "shop/held.py": b"x[\n    1  # noqa: E501\n]\n",
    }
    judge = solver.on(indexes.PYPI, tmp_path / "store").judge
    assert found(files, judge) == {"shop/a.py": {1: ("E501",), 3: ("E501",)}}
    assert not list((tmp_path / "boxes").iterdir())
