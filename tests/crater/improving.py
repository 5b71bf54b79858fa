"""Lets Kotsu improve a project's tree, and says what it changed and whether it was done with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import archives
from tests.crater.preparing import Place
from tests.crater.projects import HERE, TODAY

_KOTSU = "from app.cli import main; main()"
_SELECTED = ("--all", "--offline", f"--config={HERE / 'kotsu.yml'}", f"--today={TODAY}")
_UNWELL = re.compile(r"\bfailed: |takes more than|crashes")
_RUNS = re.compile(r"(?:^[+-].*\n?)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Improved:
    """What became of a tree.

    ``places`` are counted by improvement, ``files`` are the paths that changed and ``diff`` is kept with all
    of it; ``faults`` are sentences that speak against it whatever the tests say.
    """

    places: Mapping[str, int]
    files: tuple[str, ...]
    diff: Path
    faults: tuple[str, ...]
    seconds: float


def improved(place: Place, only: Sequence[str] = ()) -> Improved:
    """Apply all that is safe, or those improvements that are named, to the tree as it stands."""
    start = time.perf_counter()
    selected = [*_SELECTED, *(f"--only={id_}" for id_ in only)]
    before = after = _planned(place, selected)
    found, restless = _places(before), list[str]()
    if before["proposals"]:
        after = _applied(place, selected)
    if after["proposals"]:  # one improvement may make room for another: each has to be done with its own
        restless += _restless(place, after)
        found += _places(after)
        after = _applied(place, selected)
    seconds = time.perf_counter() - start
    archives.git(place.root, "add", "-A", "-f")
    diff = place.home / "applied.diff"
    diff.write_bytes(archives.git(place.root, "diff", "--cached", "--no-ext-diff", "--no-color"))
    files = os.fsdecode(
        archives.git(place.root, "diff", "--cached", "--no-renames", "--name-only", "-z")
    ).split("\0")[:-1]
    faults = (*restless, *_unfinished(after), *_unwell(before), *_unread(before, after))
    return Improved(found, tuple(files), diff, (*faults, *_broken(place, files)), seconds)


def _applied(place: Place, selected: Sequence[str]) -> Mapping[str, Any]:
    """Apply what is selected, and return the plan that is made then."""
    _kotsu(place, "apply", selected)
    return _planned(place, selected)


def _restless(place: Place, plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the improvements of a plan find in the untouched tree after they were applied alone."""
    tree = place.tree
    for id_ in sorted({proposal["improvement"] for proposal in plan["proposals"]}):
        place.restore()
        yield from _unfinished(_applied(place, [*_SELECTED, f"--only={id_}"]))
    place.restore(tree)


def _planned(place: Place, selected: Sequence[str]) -> Mapping[str, Any]:
    plan: dict[str, Any] = json.loads(_kotsu(place, "plan", ["--json", *selected]))
    return plan


def _kotsu(place: Place, command: str, words: Sequence[str]) -> bytes:
    called = (sys.executable, "-c", _KOTSU, command, *words, str(place.root))
    return subprocess.run(called, check=True, stdout=subprocess.PIPE).stdout


def _places(plan: Mapping[str, Any]) -> Counter[str]:
    """Count the runs of changed lines of each improvement's patches."""
    counts: Counter[str] = Counter()
    for proposal in plan["proposals"]:
        counts[proposal["improvement"]] += places(proposal["patch"])
    return counts


def places(patch: str) -> int:
    """Return in how many places a patch changes lines."""
    return len(_RUNS.findall(re.sub(r"^--- .*\n\+\+\+ .*\n(?=@@)", "", patch, flags=re.MULTILINE)))


def _unfinished(after: Mapping[str, Any]) -> Iterator[str]:
    for proposal in after["proposals"]:
        yield f"{proposal['key']} finds more after it was applied: {', '.join(proposal['files'])}"


def _unwell(before: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files over which an improvement failed, or that took too long."""
    for problem in before["problems"]:
        if _UNWELL.search(problem["message"]):
            yield f"{problem['path']}:{problem['line']} {problem['message']}"


def _unread(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    known = [problem["path"] for problem in before["problems"]]
    for problem in after["problems"]:
        if problem["path"] not in known:
            yield f"{problem['path']}:{problem['line']} can no longer be read: {problem['message']}"


def _broken(place: Place, files: Sequence[str]) -> Iterator[str]:
    """Yield files that the compiler no longer takes; what it did not take before counts for nothing."""
    for path in files:
        if not path.endswith((".py", ".pyi")) or not (place.root / path).exists():
            continue
        error = _refused((place.root / path).read_bytes())
        is_new = not archives.git(place.root, "ls-tree", "HEAD", path)
        if error and (is_new or not _refused(archives.git(place.root, "show", f"HEAD:{path}"))):
            yield f"{path} does not compile: {error}"


def _refused(source: bytes) -> str:
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(source, "changed", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return ""
