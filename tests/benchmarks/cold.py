"""Runs ``kotsu plan --json --all --offline`` over a folder once, in so many processes.

Run it as ``python tests/benchmarks/cold.py COUNT FOLDER``; `scan.py` measures it from outside.
"""

from __future__ import annotations

import sys
from functools import partial

from app import cli, planning


def plan(count: int, folder: str) -> None:
    """Run the command; only the number of its processes is ours."""
    planning.Processes = partial(planning.Processes, count)  # type: ignore[assignment, misc]
    cli.main(["plan", "--json", "--all", "--offline", folder], standalone_mode=False)


if __name__ == "__main__":
    plan(int(sys.argv[1]), sys.argv[2])
