"""Tells where the time of a cold scan in one process goes, by the functions that it calls.

Run it as ``python tests/benchmarks/phases.py FOLDER``. Reading the clock costs a little too.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import GeneratorType
from typing import Any

LINES = 20
_STEPS = {
    "workers.snapshot.folder": "list the files",
    "workers.snapshot.Folder.read": "read the files",
    "workers.discover._Scan._wanted": "choose who reads a path",
    "codemods.places.is_generated": "tell generated files",
    "codemods.engine.needed": "needle scan",
    "codemods.engine._File.text": "decode",
    "codemods.engine._File.tree": "parse with ast, to sift",
    "codemods.engine.parse": "parse with libcst",
    "codemods.engine._File.document": "parse YAML",
    "codemods.writing.edited": "write what changed",
    "codemods.engine._ignored_lines": "find what comments say to leave alone",
    "codemods.silence.file": "find what comments say to leave alone",
    "codemods.nodes.of": "walk the tree once",
    "codemods.names.of": "name resolution",
    "codemods.changes.described": "describe the changes",
    "codemods.inventory.read": "read dependency files",
    "codemods.project.read": "read the project's own facts",
    "workers.facts.answer": "ask for facts (offline)",
    "workers.bundles.bundled": "plan",
    "workers.plan.make": "plan",
    "workers.draft.write": "draft",
    "app.planning._json": "write JSON",
}
"""What is measured, by the function that does it; one that is not there any more is named in the output."""


class Clock:
    """Seconds of each phase, without those of the phases that it calls."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.inside: list[float] = [0.0]

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that notes its time; what it would yield later it gives at once."""

        @functools.wraps(function)
        def noted(*arguments: Any, **named: Any) -> Any:
            with self.phase(phase):
                result = function(*arguments, **named)
                return list(result) if isinstance(result, GeneratorType) else result

        return noted

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Note the time of a block."""
        start = time.perf_counter()
        self.inside.append(0.0)
        try:
            yield
        finally:
            whole = time.perf_counter() - start
            self.seconds[name] += whole - self.inside.pop()
            self.calls[name] += 1
            self.inside[-1] += whole


def told(folder: str) -> None:
    """Scan once with every phase measured, and print the longest."""
    clock = Clock()
    with clock.phase("all"):
        with clock.phase("import Kotsu"):
            plan = importlib.import_module("cold").plan
            catalogue = importlib.import_module("codemods.registry").catalogue()
        missing = list(_instrumented(clock, catalogue))
        with contextlib.redirect_stdout(io.StringIO()):
            plan(1, folder)
    clock.seconds["everything else"] = clock.seconds.pop("all")
    total = sum(clock.seconds.values())
    sys.stdout.write(f"{total:.2f} s in one process, without the start of Python\n")
    for phase, seconds in clock.seconds.most_common(LINES):
        calls = f"{clock.calls[phase]:7} calls" if phase in clock.calls else ""
        sys.stdout.write(f"{seconds:8.3f} s {seconds / total:6.1%}  {phase:40}{calls}\n")
    if missing:
        sys.stdout.write(f"not there any more, and part of what calls it: {', '.join(missing)}\n")


def _instrumented(clock: Clock, catalogue: Mapping[str, Any]) -> Iterator[str]:
    """Put a clock around every step and every improvement; yield the steps that are not there."""
    for path, phase in _STEPS.items():
        *room, name = path.split(".")
        module = importlib.import_module(".".join(room[:2]))
        owner = functools.reduce(lambda o, n: getattr(o, n, None), room[2:], module)
        if name in getattr(owner, "__dict__", {}):
            _replaced(clock, owner, name, phase)
        else:
            yield path
    for improvement in catalogue.values():
        for name in ("sift", "rewrite", "ask", "find"):
            if hasattr(improvement.module, name):
                _replaced(clock, improvement.module, name, f"{improvement.id}: {name}")


def _replaced(clock: Clock, owner: Any, name: str, phase: str) -> None:
    found = owner.__dict__[name]
    if isinstance(found, cached_property):
        timed = cached_property(clock.timed(phase, found.func))
        timed.__set_name__(owner, name)
        setattr(owner, name, timed)
    else:
        setattr(owner, name, clock.timed(phase, found))


if __name__ == "__main__":
    told(sys.argv[1])
