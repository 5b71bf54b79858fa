"""Fuzzes everything that reads what others wrote: ``make fuzz ARGS="--minutes 10 --seed 1"``.

Each target runs in a process of its own for an equal share of the time. A case is drawn from the seed, the
target's name and its number, so that ``--target NAME --case NUMBER`` tries one again.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

from tests.fuzz import answers, files, github, trying, web, words
from tests.fuzz.target import Opening
from tests.fuzz.trying import Fault

TARGETS: Mapping[str, Opening] = {
    **web.TARGETS,
    **words.TARGETS,
    **files.TARGETS,
    **answers.TARGETS,
    **github.TARGETS,
}
_ROOM = 4 * 1024**3
"""Bytes of address space for a target's process."""
_SHOWN = 20


def one(name: str, seed: int, seconds: float, number: int | None = None) -> Mapping[str, Any]:
    """Fuzz one target in this process; of faults at the same place the first is kept."""
    found: dict[str, Fault] = {}
    count = faulty = 0
    with tempfile.TemporaryDirectory() as folder, TARGETS[name](Path(folder)) as target:
        trying.warm(name, target)
        until = time.monotonic() + seconds
        numbers = itertools.count() if number is None else (number,)
        for chosen in numbers:
            fault = trying.case(name, target, seed, chosen)
            count += 1
            if fault:
                faulty += 1
                found.setdefault(fault.place, fault)
            if time.monotonic() > until:
                break
    said = [str(fault) for fault in list(found.values())[:_SHOWN]]
    return {"cases": count, "faulty": faulty, "faults": said}


def _apart(name: str, seed: int, seconds: float) -> Mapping[str, Any]:
    """Fuzz one target in a process of its own: whatever ends that is a fault, too."""
    forked = multiprocessing.get_context("fork")
    ours, theirs = forked.Pipe(duplex=False)
    process = forked.Process(target=_alone, args=(name, seed, seconds, theirs))
    process.start()
    theirs.close()
    try:
        said: Mapping[str, Any] = ours.recv()
    except EOFError:
        said = {"cases": 0, "faulty": 1, "faults": ["its process ended without a word"]}
    process.join()
    return said


def _alone(name: str, seed: int, seconds: float, line: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        # What is refused is logged, each time.
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    line.send(one(name, seed, seconds))


@click.command()
@click.option("--minutes", type=float, default=10.0, show_default=True, help="For all targets together.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--target", default="", help="Only those whose names hold this.")
@click.option("--case", type=int, help="Only the case with this number.")
def main(minutes: float, seed: int, target: str, case: int | None) -> None:
    """Fuzz, print a table, and exit with 1 where anything is wrong."""
    names = [name for name in TARGETS if target in name]
    files.catalogue()  # for all processes at once
    wrong = 0
    for name in names:
        told = _apart(name, seed, minutes * 60 / len(names)) if case is None else one(name, seed, 0.0, case)
        wrong += bool(told["faulty"])
        click.echo(f"{name:24} {told['cases']:>8} cases {told['faulty']:>5} faults")
        for fault in told["faults"]:
            click.echo(f"  {fault}")
    sys.exit(min(wrong, 1))


if __name__ == "__main__":
    main()
