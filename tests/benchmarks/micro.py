"""Measures what the pages of improvements claim about speed, and fails when a claim does not hold.

Run it as ``python tests/benchmarks/micro.py [--repeats N] [ID …]``. Each figure is the best of several runs
of each statement, which take turns, so that what else the machine does hits both alike.
"""

from __future__ import annotations

import argparse
import platform
import sys
import timeit
from collections.abc import Iterator, Sequence
from types import ModuleType

import codemods
from codemods import registry
from codemods.benchmark import Benchmark

HOLDS = 0.8
"""The share of a claim that is enough: machines differ."""


def claims(package: ModuleType) -> dict[str, Benchmark]:
    """Return every claim by the improvement's id."""
    found = {id_: improvement.benchmark for id_, improvement in registry.catalogue(package).items()}
    return {id_: claim for id_, claim in found.items() if claim}


def measured(claim: Benchmark, repeats: int) -> float:
    """Return how many times as fast the statement is after the change."""
    timers = [timeit.Timer(statement, claim.setup or "pass") for statement in (claim.before, claim.after)]
    numbers = [timer.autorange()[0] for timer in timers]
    runs = [
        [timer.timeit(number) / number for timer, number in zip(timers, numbers, strict=True)]
        for _ in range(repeats)
    ]
    before, after = map(min, zip(*runs, strict=True))
    return before / after


def judged(found: dict[str, Benchmark], repeats: int) -> Iterator[tuple[str, bool]]:
    """Yield a line for each claim, and whether it holds."""
    width = max(map(len, found), default=0)
    for id_, claim in found.items():
        line = f"{id_:{width}}  claim {claim.times:7.2f}"
        try:
            times = measured(claim, repeats)
        except Exception as error:  # noqa: BLE001 -- the statements are a page's; the next page's may run
            yield f"{line}  does not run: {type(error).__name__}: {error}", False
            continue
        holds = times >= HOLDS * claim.times
        yield f"{line}  measured {times:7.2f}  {'holds' if holds else 'does not hold'}", holds


def main(arguments: Sequence[str], package: ModuleType = codemods) -> int:
    """Measure and print; return 1 when a claim does not hold."""
    found = claims(package)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("ids", nargs="*", metavar="ID", help="improvements whose pages claim something")
    given = parser.parse_args(arguments)
    if unknown := [id_ for id_ in given.ids if id_ not in found]:
        parser.error(f"{unknown[0]} claims nothing; these do: {', '.join(found) or 'none'}")
    version = f"{platform.python_implementation()} {platform.python_version()}"
    sys.stdout.write(f"Times as fast after the change, {version}, best of {given.repeats} runs\n")
    held = []
    for line, holds in judged({id_: found[id_] for id_ in given.ids or found}, given.repeats):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        held.append(holds)
    sys.stdout.write(f"{sum(held)} of {len(held)} claims hold\n")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
