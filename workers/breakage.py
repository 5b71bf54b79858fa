"""Compares the checks of a commit on the default branch with those of the commit before it: what broke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from workers import checks
from workers.checks import Run, Standing

SETTLED = timedelta(minutes=5)
"""How long nothing new has ended before all has: what needs another job begins after it."""
_BEGINS = timedelta(hours=1)
"""How long after the merge a first check may begin."""
_RUNS = (Standing.QUEUED, Standing.RUNNING)


def failing(after: Sequence[Run], merged: datetime, now: datetime, *, late: bool) -> list[str] | None:
    """Return the checks that fail on a commit that was ``merged`` then; None as long as some may yet begin.

    What is not there when it is ``late`` will never be.
    """
    stands = {name: checks.standing(runs) for name, runs in checks.by_name(after).items()}
    ended = max((run.ended for run in after if run.ended), default=merged)
    begins = not stands and now - merged < _BEGINS
    if not late and (begins or now - ended < SETTLED or any(stand in _RUNS for stand in stands.values())):
        return None
    return [name for name, stand in stands.items() if stand is Standing.FAILED]


def broken(names: Sequence[str], before: Sequence[Run], *, late: bool) -> str | None:
    """Return the first of these that passed on the commit before, ``""`` where none did.

    One that both failed and passed there says nothing. None: some still run, and it is not ``late``.
    """
    runs = checks.by_name(before)
    stands = {name: checks.standing(runs.get(name, ())) for name in names}
    if found := [name for name in names if stands[name] is Standing.PASSED]:
        return min(found)
    return None if not late and any(stand in _RUNS for stand in stands.values()) else ""
