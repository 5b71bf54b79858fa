"""What the App needs of GitHub, and what is lost without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workers.github import PERMISSIONS

NEEDED = frozenset({"contents", "metadata", "pull_requests"})
"""Without these nothing can be proposed at all."""
LOST_PERMISSIONS = {
    "actions": "no log of a failing job is shown, and nothing rests on how long jobs take",
    "checks": "checks are not compared, and mistakes in kotsu.yml are not shown",
    "contents": "nothing can be read or proposed",
    "issues": "there are no labels, answers to commands, or dashboards",
    "members": "no team is asked for a review",
    "metadata": "no repository can be seen",
    "pull_requests": "nothing can be proposed",
    "statuses": "checks that report statuses do not count",
    "workflows": "nothing is proposed for workflows",
}
LOST_EVENTS = {
    "check_suite": "what becomes green is seen late",
    "issue_comment": "commands in comments are not heard",
    "issues": "boxes on the dashboard are seen late",
    "pull_request": "what became of pull requests is seen late",
    "pull_request_review": "reviews are seen late",
    "push": "changes are seen minutes late",
    "repository": "new names and archived repositories are seen late",
    "status": "what statuses report is seen late",
}
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
