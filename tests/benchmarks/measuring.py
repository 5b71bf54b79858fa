"""Runs commands and says what they cost: time on the wall, of CPU in all their processes, and memory."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_PR_SET_CHILD_SUBREAPER = 36
_SAID = 2_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall and of CPU, and the bytes that the largest process held at its peak."""

    wall: float
    cpu: float
    peak: int


def adopt() -> None:
    """Make this process the parent of every orphan below it, so that what they cost is counted (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str | Path], *, cwd: Path | None = None, codes: Sequence[int] = (0,)) -> Cost:
    """Return what a command costs, with what it leaves running; its last words are told if it fails."""
    cost, _ = heard(command, cwd=cwd, codes=codes, out=subprocess.DEVNULL)
    return cost


def heard(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    codes: Sequence[int] = (0,),
    out: int = subprocess.PIPE,
) -> tuple[Cost, bytes]:
    """Return what a command costs, and what it prints."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=said)
        told = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            said.seek(max(0, said.tell() - _SAID))
            words = said.read().decode("utf-8", "replace")
            sys.exit(f"{command[0]} ended with {process.returncode}:\n{words}")
    usages = [used, *_orphans()]
    cpu = sum(u.ru_utime + u.ru_stime for u in usages)
    return Cost(wall, cpu, max(u.ru_maxrss for u in usages) * 1024), told


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the median of several runs; of the peaks, the highest."""
    return Cost(median(c.wall for c in costs), median(c.cpu for c in costs), max(c.peak for c in costs))


def _orphans() -> list[os.struct_rusage]:
    """Wait for what a command left behind, and return what that used."""
    usages = []
    while True:
        try:
            usages.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return usages
