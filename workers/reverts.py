"""Finds in the messages of new commits which merged pull requests of ours they take back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workers.evaluation.fates import TAKEN_BACK

# What follows the ids is about something else: why, or which commits a merge brought.
_COMMITS = re.compile(
    r"^[ \t]*this reverts commits?\b((?:[^\w\n(]|and\b|[0-9a-f]{7,64}\b)*)", re.IGNORECASE | re.MULTILINE
)
_SHA = re.compile(r"(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])")
_NUMBER = re.compile(
    r"^[ \t]*reverts (?P<repository>[\w.-]{1,100}/[\w.-]{1,100})?#(?P<number>[0-9]{1,9})\.?[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_BRANCH = re.compile(r"Merge pull request #[0-9]+ from [^\s/]+/revert-([0-9]{1,9})-")
_TITLE = re.compile(r'Revert "(?P<title>.*?)(?: \(#(?P<number>[0-9]{1,9})\))?"(?: \(#[0-9]+\))?')


@dataclass(frozen=True, slots=True)
class Landed:
    """A commit of the default branch: its whole message, and when it was written."""

    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged pull request: ``commits`` are the ids that a revert may name, ``at`` is when it was merged."""

    number: int
    title: str
    commits: frozenset[str]
    at: datetime


def found(
    landed: Sequence[Landed], merged: Collection[Merged], repository: str, now: datetime
) -> Mapping[int, datetime]:
    """Return when which of the merged ones was taken back first, by its number.

    ``repository`` is the full name. What a commit says that it reverts by id or number counts; its title
    alone counts only where it says nothing else. What is quoted or listed is said of another commit.
    """
    taken: dict[int, datetime] = {}
    for commit in landed:
        for one in _reverted(commit, merged, repository.lower()):
            # A commit can say any date.
            at = min(max(commit.at, one.at), now)
            if at - one.at <= TAKEN_BACK:
                taken[one.number] = min(at, taken.get(one.number, at))
    return taken


def _reverted(commit: Landed, merged: Collection[Merged], repository: str) -> Iterator[Merged]:
    shas = {sha for said in _COMMITS.findall(commit.message) for sha in _SHA.findall(said.lower())}
    numbers = set(_numbers(commit.message, repository))
    title = _TITLE.fullmatch(commit.message.partition("\n")[0].strip())
    if title and title["number"]:
        numbers.add(int(title["number"]))
    if shas or numbers:
        yield from (m for m in merged if m.number in numbers or _names(shas, m.commits))
    elif title:
        same = [m for m in merged if m.title == title["title"] and m.at <= commit.at]
        yield from sorted(same, key=lambda m: m.at)[-1:]


def _numbers(message: str, repository: str) -> Iterator[int]:
    """Yield the numbers of pull requests of this repository that a message says it reverts."""
    for said in _NUMBER.finditer(message):
        # Another repository's number stands for something else: zero is nobody's.
        yield int(said["number"]) if (said["repository"] or repository).lower() == repository else 0
    if button := _BRANCH.match(message):
        yield int(button[1])


def _names(shas: Collection[str], commits: Collection[str]) -> bool:
    return any(commit.startswith(sha) for sha in shas for commit in commits)
