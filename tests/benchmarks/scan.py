"""Prints how fast a tree is scanned, beside programs that do less or more, over the same files in one run.

Run it as ``python tests/benchmarks/scan.py [FOLDER]``; without a folder it brings Django, as projects.toml
pins it. Files are copied first, so nothing of FOLDER changes. Rounds take turns, so that what else the
machine does hits all alike, and figures are medians. Goals are judged by the wall; on a busy machine the
ratios by CPU say more. This process imports little: no command's peak can be told below its own memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import measuring
import peers
from measuring import Cost

HERE = Path(__file__).parent
PYTHON = sys.executable
COLD1, COLD2 = "kotsu, cold, 1 process", "kotsu, cold, 2 processes"
FRESH, WARM, EDITED = "kotsu, no change, new process", "kotsu, no change", "kotsu, one file changed"
SILENT = "kotsu, nothing matches"
AST, RIPGREP = "ast.parse", "ripgrep"
PYUPGRADE, SAMPLE, CODEMODDER = "pyupgrade", "codemodder, sample", "codemodder, extrapolated"
INCLUDED = {
    COLD1: "the whole command, from the start of Python and all imports to the JSON; 2 processes alike",
    FRESH: "a new process with the memory on SQLite: start and imports, fetch from disk, scan, drafts",
    WARM: "a worker that runs: fetch from disk, scan, drafts; the memory on SQLite, nothing is imported",
    EDITED: "the same after a commit that changes one file in which a needle stands",
    SILENT: "the whole command over the files that Kotsu reads, with every needle struck out of them",
    RIPGREP: "the same needles over the same files, with as many threads as it likes",
    AST: "one process that parses every Python file",
    PYUPGRADE: "one process over every Python file, --py310-plus, on a copy that it may change",
    SAMPLE: "all its codemods that need no semgrep, one process, dry run, once",
}


@dataclass
class Row:
    """What one subject costs, over so many files; ``run`` is asked once a round."""

    name: str
    files: int
    run: Callable[[], Cost]
    costs: list[Cost] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """The median."""
        return measuring.middle(self.costs)

    def said(self) -> str:
        """Return the row for people."""
        cost = self.cost
        rate = f"{self.files:7}{self.files / cost.wall:10.1f}"
        return f"{self.name:32}{rate}{cost.wall:10.3f}{cost.cpu:10.3f}{cost.peak / 1e6:9.0f}"


@dataclass(frozen=True)
class Ground:
    """The folders of `grounds.py`, and what is in them."""

    root: Path
    told: Mapping[str, Any]

    @classmethod
    def made(cls, root: Path, sample: int, source: Sequence[str]) -> Ground:
        """Lay the folders out."""
        command = (PYTHON, HERE / "grounds.py", root, str(sample), *source)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return cls(root, json.loads(done.stdout))

    def said(self) -> str:
        """Return what is measured, for people."""
        told = self.told
        loud = f"; {told['loud']} of {told['read']} match all the same" if told["loud"] else ""
        return (
            f"{told['name']}: {told['python']} Python files of {told['bytes'] / 1e6:.1f} MB among "
            f"{told['files']}; {told['read']} files are read, {told['hits']} have a needle of one of "
            f"{told['improvements']} improvements{loud}\nthe file that changes: {told['edited']}"
        )


def ours(ground: Ground, rounds: int) -> Iterator[Row]:
    """Yield what Kotsu is asked to do."""
    root, files, read = ground.root, ground.told["python"], ground.told["read"]
    worker = (PYTHON, HERE / "worker.py", root / "mirror", root / "corpus", root / "memory.db")
    measuring.run((*worker, "0"))
    yield Row(COLD1, files, lambda: measuring.run((PYTHON, HERE / "cold.py", "1", root / "corpus")))
    yield Row(COLD2, files, lambda: measuring.run((PYTHON, HERE / "cold.py", "2", root / "corpus")))
    yield Row(FRESH, files, lambda: measuring.run((*worker, "0")))
    yield Row(WARM, files, lambda: _inside((*worker, str(rounds))))
    yield Row(SILENT, read, lambda: measuring.run((PYTHON, HERE / "cold.py", "1", root / "silent")))
    edited = (*worker, str(rounds), ground.told["edited"])
    yield Row(EDITED, files, lambda: _inside(edited))


def _inside(command: Sequence[str | Path]) -> Cost:
    """Return the median of what a process tells of itself."""
    _, told = measuring.heard(command)
    return measuring.middle([Cost(*each) for each in json.loads(told)])


def theirs(ground: Ground, beside: peers.Peers) -> Iterator[Row]:
    """Yield what the others are asked to do."""
    root, files = ground.root, ground.told["python"]

    def pyupgrade() -> Cost:
        copy = root / "rewritten"
        shutil.copytree(root / "corpus", copy, ignore=shutil.ignore_patterns(".git"))
        try:
            return measuring.run(beside.pyupgrade(copy))
        finally:
            shutil.rmtree(copy)

    def ripgrep() -> Cost:
        # It ends with 1 where it finds nothing.
        codes = (0, 1) if ground.told["loud"] else (1,)
        return measuring.run(beside.ripgrep(root / "silent", root / "needles"), codes=codes)

    yield Row(PYUPGRADE, files, pyupgrade)
    yield Row(RIPGREP, ground.told["read"], ripgrep)


def codemodder(ground: Ground, beside: peers.Peers) -> Iterator[Row]:
    """Yield what codemodder took for the sample, and what that makes of all files: it is asked only once."""
    empty = ground.root / "empty"
    empty.mkdir()
    start = measuring.run(beside.codemodder(empty), cwd=ground.root)
    cost = measuring.run(beside.codemodder(ground.root / "sample"), cwd=ground.root)
    files, all_files = ground.told["sample"], ground.told["python"]
    each = (cost.wall - start.wall) / files, (cost.cpu - start.cpu) / files
    whole = Cost(start.wall + each[0] * all_files, start.cpu + each[1] * all_files, cost.peak)
    yield Row(SAMPLE, files, lambda: cost, [cost])
    yield Row(CODEMODDER, all_files, lambda: whole, [whole])


def goals(cost: Mapping[str, Cost]) -> Iterator[tuple[str, str, bool]]:
    """Yield each goal that can be judged, what was measured, and whether it is met."""
    for goal, over, under, most in (
        ("cold, 1 process <= 4 x ast.parse", COLD1, AST, 4.0),
        ("no change <= 2 % of cold", WARM, COLD1, 0.02),
        ("nothing matches <= 8 x ripgrep", SILENT, RIPGREP, 8.0),
    ):
        if {over, under} <= cost.keys():
            yield goal, _ratio(cost[over], cost[under]), cost[over].wall <= most * cost[under].wall
    for goal, other, least in (
        (">= 100 x codemodder", CODEMODDER, 100.0),
        (">= 1 x pyupgrade", PYUPGRADE, 1.0),
    ):
        if other in cost:
            yield goal, _ratio(cost[other], cost[COLD1]), cost[other].wall >= least * cost[COLD1].wall
    yield "one changed file <= 0.5 s", f"{cost[EDITED].wall:.3f} s", cost[EDITED].wall <= 0.5
    peak = max(c.peak for name, c in cost.items() if name.startswith("kotsu"))
    yield "peak <= 200 MB a process", f"{peak / 1e6:.0f} MB", peak <= 200e6


def _ratio(over: Cost, under: Cost) -> str:
    return f"{over.wall / under.wall:.3g} x ({over.cpu / under.cpu:.3g} x by CPU)"


def measured(ground: Ground, given: argparse.Namespace) -> list[Row]:
    """Return every row, measured in turns."""
    rows = [*ours(ground, given.rounds)]
    root = ground.root / "corpus"
    rows.append(Row(AST, ground.told["python"], lambda: measuring.run(peers.parsed(root))))
    beside = None if given.alone else peers.installed(ground.root)
    rows += theirs(ground, beside) if beside else ()
    for number in range(given.rounds):
        for row in rows:
            # What repeats itself within its process is asked once; an edit leaves the others' folder changed.
            if row.name not in {WARM, EDITED}:
                row.costs.append(row.run())
        sys.stderr.write(f"round {number + 1} of {given.rounds} is measured\n")
    for row in rows:
        if row.name in {WARM, EDITED}:
            row.costs.append(row.run())
    return [*rows, *(codemodder(ground, beside) if beside and given.sample else ())]


def shown(ground: Ground, rows: Sequence[Row], rounds: int) -> Iterator[str]:
    """Yield the lines that people read."""
    load = f"{os.getloadavg()[2]:.1f} processes wanted to run in the last 15 minutes"
    yield f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {load}"
    yield f"{ground.said()}\nrounds: {rounds}, files in the page cache\n"
    yield f"{'':32}{'files':>7}{'files/s':>10}{'wall s':>10}{'CPU s':>10}{'peak MB':>9}"
    yield from (row.said() for row in rows)
    names = {row.name for row in rows}
    yield "\nWhat is included:"
    yield from (f"  {name}: {words}" for name, words in INCLUDED.items() if name in names)
    if CODEMODDER in names:
        share = ground.told["sampled"] / ground.told["sample"] / 1e3
        mean = ground.told["bytes"] / ground.told["python"] / 1e3
        yield (
            f"  {CODEMODDER}: its start, and by file what the sample took; "
            f"a file of the sample has {share:.1f} kB in the mean, one of all {mean:.1f} kB"
        )
    yield "\nGoals:"
    for goal, value, met in goals({row.name: row.cost for row in rows}):
        yield f"  {'met   ' if met else 'missed'}  {goal:34}{value}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--sample", type=int, default=8, help="files for codemodder, which takes 10 s for one"
    )
    parser.add_argument("--alone", action="store_true", help="bring no other program")
    parser.add_argument(
        "--profile", action="store_true", help="say where the time of a cold scan goes instead"
    )
    given = parser.parse_args()
    measuring.adopt()
    with tempfile.TemporaryDirectory(prefix="kotsu-bench-") as folder:
        ground = Ground.made(Path(folder), given.sample, [str(given.folder)] if given.folder else [])
        if given.profile:
            subprocess.run((PYTHON, HERE / "phases.py", ground.root / "corpus"), check=True)
            return
        rows = measured(ground, given)
        sys.stdout.write("\n".join(shown(ground, rows, given.rounds)) + "\n")


if __name__ == "__main__":
    main()
