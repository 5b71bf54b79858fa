"""Tries what was drawn, and judges what came of it: no bug, no long time, no large memory."""

from __future__ import annotations

import resource
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import TracebackType

from tests.fuzz.target import Target
from workers import overdue

SECONDS = 2.0
"""Of the processor, for one case."""
MEMORY = 200 * 1024
"""KiB that one case may add to the most that the process ever had."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with us; ``number`` draws the case again, ``place`` tells one fault from another."""

    number: int
    place: str
    words: str
    given: str

    def __str__(self) -> str:
        """Return it for people."""
        return f"case {self.number}: {self.words}\n  at {self.place}\n  given {self.given}"


def drawn(name: str, seed: int, number: int) -> Random:
    """Return the dice of one case."""
    return Random(f"{seed}:{name}:{number}")


def warm(name: str, target: Target) -> None:
    """Let everything be loaded that the first case would pay for."""
    with suppress(Exception):
        target.run(target.draw(drawn(name, 0, -1)))


def case(name: str, target: Target, seed: int, number: int) -> Fault | None:
    """Try one case; None where nothing is wrong."""
    given = target.draw(drawn(name, seed, number))
    largest, began = _largest(), time.process_time()
    try:
        with overdue.limited(SECONDS):
            target.run(given)
    except target.refused:
        pass
    except overdue.OverdueError as error:
        return Fault(number, _place(error.__traceback__), f"more than {SECONDS:g} s", _shown(given))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is found
        words = "".join(traceback.format_exception_only(error)).strip()[:500]
        return Fault(number, _place(error.__traceback__), words, _shown(given))
    spent, grown = time.process_time() - began, _largest() - largest
    if spent > SECONDS:
        return Fault(number, "somewhere", f"{spent:.1f} s, and nobody could interrupt it", _shown(given))
    if grown > MEMORY:
        return Fault(number, "somewhere", f"{grown // 1024} MiB of memory", _shown(given))
    return None


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _place(trace: TracebackType | None) -> str:
    """Return the innermost lines of ours, the last first."""
    ours = [f"{f.filename.rpartition('/wt/')[2]}:{f.lineno}" for f in traceback.extract_tb(trace)]
    kept = [line for line in ours if any(f"{room}/" in line for room in ("app", "codemods", "workers"))]
    return " < ".join(reversed([line for line in kept if "site-packages" not in line][-4:])) or "nowhere"


def _shown(given: object) -> str:
    said = repr(given)
    return said if len(said) < 2_000 else f"{said[:1_000]} … {said[-1_000:]}"
