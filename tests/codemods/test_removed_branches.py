"""What goes with a Python that is gone is proved by running: before and after do the same.

Every edit on the pages of the improvements below is run on the Python of these tests, and on each newer one
that this machine has. What is not defined on a page is anything at all, and what is done with it
is compared too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codemods import registry, testing

_FOLDED = ("due-todo", "dead-version-branch")
_NEWER = ("python3.12", "python3.13", "python3.14")
_IMPORTED = frozenset(("sys", "six", "version_info"))
"""Names that nothing else used, and whose import goes along."""

_RUN = '''
import builtins, contextlib, inspect, io, json, re, sys, time

said = []
for clock in ("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "time", "time_ns"):
    setattr(time, clock, lambda: 7)


class Anything:
    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(f"{self._name}.{name}")

    def __call__(self, *given, **named):
        said.append(f"{self._name}{given}{named}")
        return Anything(f"{self._name}()")

    def __iter__(self):
        return iter(())

    def __repr__(self):
        return f"<{self._name}>"


class Known(dict):
    def __missing__(self, name):
        return Anything(name)


def told(value):
    return re.sub(r" at 0x[0-9a-f]+", "", f"{type(value).__name__} {value!r}")


def tried(action):
    try:
        return told(action())
    except BaseException as error:
        return told(error)


def called(value):
    """Say what a function does with as many arguments as it wants."""
    if inspect.isclass(value):
        return {name: told(held) for name, held in vars(value).items() if not name.startswith("__")}
    if not inspect.isfunction(inspect.unwrap(value)):
        return None
    count = len(inspect.signature(value).parameters)
    return tried(lambda: value(*(Anything(f"argument {n}") for n in range(count))))


def ran(code):
    del said[:]
    bound = {"__name__": "page", "__builtins__": Known(vars(builtins))}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        end = tried(lambda: exec(compile(code, "page", "exec"), bound))
        names = {n: (told(v), called(v)) for n, v in bound.items() if not n.startswith("__")}
    return {"names": names, "said": [*said, out.getvalue()], "end": end}


json.dump([ran(code) for code in json.load(sys.stdin)], sys.stdout)
'''


def _edits(*ids: str) -> list[testing.Case]:
    pages = (registry.page(registry.ids()[id_]) for id_ in ids)
    return [c for page in pages for c in testing.cases(page) if c.changes and c.path.endswith(".py")]


@cache
def _pythons() -> Sequence[str]:
    """Return the Python that runs this, and the newer ones that work here."""
    there = [found for name in _NEWER if (found := shutil.which(name))]
    works = [
        p for p in there if not subprocess.run((p, "-c", "0"), capture_output=True, check=False).returncode
    ]
    return (sys.executable, *works)


def _environment() -> Mapping[str, str]:
    """Lend another Python what is pure Python in our environment: six and pytest."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(pytest.__file__).parents[1])}


def _ran(python: str, codes: Sequence[str]) -> list[Any]:
    words = (python, "-c", _RUN)
    done = subprocess.run(
        words, input=json.dumps(codes), env=_environment(), capture_output=True, text=True, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found


@dataclass(frozen=True)
class _Run:
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def lost(self) -> set[str]:
        """Names that were bound before, and are bound no more."""
        return set(self.before["names"]) - set(self.after["names"])

    @property
    def is_alike(self) -> bool:
        """Whether what is bound, called and printed, and how it ends, is the same."""
        kept = {n: v for n, v in self.before["names"].items() if n not in self.lost}
        alike = all(self.before[what] == self.after[what] for what in ("said", "end"))
        return alike and self.lost <= _IMPORTED and kept == self.after["names"]


@cache
def _runs(python: str) -> Sequence[_Run]:
    cases = _edits(*_FOLDED)
    found = _ran(python, [code for case in cases for code in (case.before, case.after)])
    return [_Run(before, after) for before, after in zip(found[::2], found[1::2], strict=True)]


def _cases() -> Iterator[object]:
    for python in _pythons():
        for number, case in enumerate(_edits(*_FOLDED)):
            yield pytest.param(python, number, id=f"{Path(python).name}: {case.title}")


@pytest.mark.parametrize(("python", "number"), list(_cases()))
def test_what_is_left_does_the_same(python: str, number: int) -> None:
    run = _runs(python)[number]
    assert run.is_alike, run


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", ""),
        ("import sys\nx = 1", "x = y"),
        ("print(1)", ""),
        ("call(1)", "call(2)"),
        ("def f(a): return a.b", "def f(a): return a.c"),
        ("class A:\n    x = 1", "class A:\n    x = 2"),
        ("raise ValueError", "raise KeyError"),
    ],
)
def test_what_does_something_else_is_seen(before: str, after: str) -> None:
    assert not _Run(*_ran(sys.executable, [before, after])).is_alike


_SHOP = "def price(n=3):\n    return n\n"


def _outcomes(python: str, root: Path, case: testing.Case, code: str) -> list[str]:
    (root / case.path).parent.mkdir(parents=True, exist_ok=True)
    (root / case.path).write_text(code)
    (root / "shop.py").write_text(_SHOP)
    words = (python, "-m", "pytest", "-vp", "no:cacheprovider", "-c", os.devnull, "--rootdir=.", case.path)
    told = {**_environment(), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    told["PYTHONPATH"] += f"{os.pathsep}{root}"
    done = subprocess.run(words, cwd=root, env=told, capture_output=True, text=True, check=False)
    return [line.partition(" [")[0].rstrip() for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.parametrize("case", _edits("satisfied-skip"), ids=lambda case: case.title)
def test_tests_run_as_they_did_before(case: testing.Case, tmp_path: Path) -> None:
    for python in _pythons():
        before, after = (_outcomes(python, tmp_path, case, code) for code in (case.before, case.after))
        assert before == after
        assert before
        assert all(line.endswith("PASSED") for line in after)
