"""Prints how fast a tree is scanned, beside CPython's own parser over the same files in the same run.

Run it as ``python tests/benchmarks/scan.py FOLDER``; each figure is the median wall time of several runs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 5
AST = (
    "import ast, pathlib, sys\n"
    "for path in pathlib.Path(sys.argv[1]).rglob('*.py'):\n"
    "    try:\n"
    "        ast.parse(path.read_bytes())\n"
    "    except (SyntaxError, ValueError):\n"
    "        pass\n"
)
KOTSU = "from app.cli import main; main()"


def median(command: Sequence[str]) -> float:
    """Return the median of the seconds that a command takes."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    folder = sys.argv[1]
    files = sum(1 for _ in Path(folder).rglob("*.py"))
    python = sys.executable
    parsed = median((python, "-c", AST, folder))
    scanned = median((python, "-c", KOTSU, "plan", "--json", "--all", "--offline", folder))
    out = sys.stdout.write
    out(f"{files} Python files, {os.cpu_count()} cores, medians of {ROUNDS} runs\n")
    out(f"ast.parse (one process)   {parsed:6.2f} s  {files / parsed:6.0f} files/s\n")
    out(f"kotsu plan --all, cold    {scanned:6.2f} s  {files / scanned:6.0f} files/s\n")
    out(f"kotsu plan / ast.parse    {scanned / parsed:6.2f}\n")


if __name__ == "__main__":
    main()
