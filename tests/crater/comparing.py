"""Says which tests went otherwise after a change, and which of them speak against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Outcomes = Mapping[str, str]
Changes = Mapping[str, tuple[str, str]]
_MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tests by name with their outcomes before and after.

    ``worse`` speak against the change, ``other`` changed without that, ``unsteady`` differ from run to run.
    """

    worse: Changes = field(default_factory=dict)
    other: Changes = field(default_factory=dict)
    unsteady: Changes = field(default_factory=dict)


def changed(before: Outcomes, after: Outcomes) -> Changes:
    """Return every test whose outcome is another one."""
    pairs = {name: (before.get(name, _MISSING), after.get(name, _MISSING)) for name in {**before, **after}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def compared(first: tuple[Outcomes, Outcomes], second: tuple[Outcomes, Outcomes]) -> Comparison:
    """Compare two pairs of runs, each before and after: what differs must do so in both to count."""
    again = changed(*second)
    found = Comparison({}, {}, {})
    for name, pair in changed(*first).items():
        where = found.unsteady if again.get(name) != pair else found.worse if is_worse(*pair) else found.other
        where[name] = pair
    return found


def is_worse(before: str, after: str) -> bool:
    """Say whether what passed no longer does, or what did not fail fails."""
    return before == "passed" or (is_bad(after) and not is_bad(before))


def is_bad(outcome: str) -> bool:
    """Say whether a test failed, or what is around it did."""
    return outcome in {"failed", "error"}
