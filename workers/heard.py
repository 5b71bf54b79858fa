"""Says what came of a trial from the checks that ran on it: only those that failed before can tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workers.checks import Standing
from workers.halving import Outcome

_PASSED = frozenset({Standing.PASSED, Standing.FLAKY})
_OPEN = frozenset({Standing.QUEUED, Standing.RUNNING})


@dataclass(frozen=True, slots=True)
class Ran:
    """One check or status of a commit, and how it stands after all its runs."""

    name: str
    standing: Standing
    url: str = ""
    excerpt: str = ""


def of(
    failing: Collection[str], ran: Sequence[Ran], *, waited: bool, late: bool
) -> tuple[Outcome | None, Ran | None]:
    """Return the outcome, None as long as it is open, and the check that failed.

    ``failing`` are the names of those that fail with all of the group. One that is skipped or cancelled says
    nothing. What has not begun counts as missing after ``waited``, what still runs once it is ``late``: where
    one passed and another is missing, the pull request itself has the last word.
    """
    own = [one for one in ran if one.name in failing]
    failed = next((one for one in own if one.standing is Standing.FAILED), None)
    if failed:
        return Outcome.RED, failed
    passed = {one.name for one in own if one.standing in _PASSED}
    is_open = any(one.standing in _OPEN for one in own) and not late
    if is_open or (passed != set(failing) and not waited):
        return None, None
    return (Outcome.GREEN if passed else Outcome.NONE), None
