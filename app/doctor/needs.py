"""What the App needs of GitHub, and what is lost without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workers import permissions
from workers.github import PERMISSIONS

NEEDED = frozenset({"contents", "metadata", "pull_requests"})
"""Without these nothing can be proposed at all."""
LOST_PERMISSIONS = {name: wanted.lost for name, wanted in permissions.PERMISSIONS.items()}
LOST_EVENTS = {name: wanted.lost for name, wanted in permissions.EVENTS.items()}
_LEVELS = {"": 0, "read": 1, "write": 2}
"""Whatever else GitHub may say is more than these."""


def lacking(granted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return each permission that is missing or too low, with its level."""
    for name, level in PERMISSIONS.items():
        if _height(granted.get(name, "")) < _height(level):
            yield name, level


def needless(granted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return each permission that nothing uses, or not at this level."""
    for name, level in granted.items():
        if _height(level) > _height(PERMISSIONS.get(name, "")):
            yield name, level


def unheard(events: Iterable[str]) -> Iterator[str]:
    """Return each event that the App is not told of."""
    yield from sorted(LOST_EVENTS.keys() - set(events))


def _height(level: str) -> int:
    return _LEVELS.get(level, len(_LEVELS))
