"""Tells what on a branch of ours is our own commit, and what a person did there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile

from workers import conversation
from workers.github import GoneError
from workers.github.commits import Ahead, Commit, Commits

KEY, CHANGE = "Kotsu-Key", "Kotsu-Change"
"""What a commit of ours says at its end: for which proposal it is, and what it changes."""
_TRAILERS = re.compile(rf"\n+(?:{KEY}|{CHANGE}): [^\n]*")
_SAID = re.compile(rf"^{CHANGE}: ([0-9a-f]+)$", re.MULTILINE)


class Kind(Enum):
    """What one commit of a branch is."""

    OURS = "ours"
    AMENDED = "ours, but somebody has written it again"
    MERGE = "a merge of the base into the branch"
    THEIRS = "somebody's own"


@dataclass(frozen=True, slots=True)
class Step:
    """One commit, the parent on the branch that it goes on from, and of a merge the one that it brings in."""

    kind: Kind
    commit: Commit
    before: str
    merged: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A branch from where it leaves the base (``ground``) to its ``head``, the oldest step first."""

    head: str
    ground: str
    steps: tuple[Step, ...]

    @property
    def ours(self) -> Commit | None:
        """Our commit, as we wrote it or as somebody wrote it again."""
        found = [s.commit for s in self.steps if s.kind in (Kind.OURS, Kind.AMENDED)]
        return found[-1] if found else None

    @property
    def change(self) -> str:
        """What our commit says that it changes, ``""`` where it says nothing."""
        return change(self.ours.message) if self.ours else ""

    @property
    def is_ours(self) -> bool:
        """Whether nobody else wrote anything there."""
        return bool(self.steps) and all(step.kind is Kind.OURS for step in self.steps)


def of(commits: Commits, base: str, head: str) -> History | str:
    """Ask GitHub what a head has that a base has not; return it as a row of steps, or why it is none."""
    try:
        return read(commits.ahead(base, head), head)
    except GoneError:
        return "it has no history in common with the base"


def read(ahead: Ahead, head: str) -> History | str:
    """Return the branch as a row of steps, or why it is none that could be read."""
    if not ahead.complete:
        return "it has more commits than are looked at"
    known = {commit.sha: commit for commit in ahead.commits}
    steps: list[Step] = []
    place = head
    while place in known:
        commit = known.pop(place)
        within = [parent for parent in commit.parents if parent in known]
        if len(within) > 1 or len(commit.parents) > 2 or not commit.parents:  # noqa: PLR2004 -- a merge of two
            return f"its commit {commit.sha[:9]} merges another branch than the base"
        # At the bottom no parent is on the branch: the first one is what the commit was made on.
        place = within[0] if within else commit.parents[0]
        merged = next((parent for parent in commit.parents if parent != place), "")
        steps.append(Step(_kind(commit, merged), commit, place, merged))
    # We write onto the base alone: what is below a commit of ours was the base then, though it was rewritten.
    own = next((number for number, step in enumerate(steps) if step.kind is Kind.OURS), None)
    if own is not None:
        # A proposal may have several commits, one on top of the other, which all say the same change.
        same = takewhile(lambda step: step.kind is Kind.OURS and _is_one(step, steps[own]), steps[own:])
        del steps[own + len(list(same)) :]
        return History(head, steps[-1].before, tuple(reversed(steps)))
    return "it holds side branches" if known else History(head, place, tuple(reversed(steps)))


def _is_one(step: Step, other: Step) -> bool:
    """Say whether two commits of ours belong to one proposal, written at one time."""
    return _TRAILERS.findall(step.commit.message) == _TRAILERS.findall(other.commit.message)


def _kind(commit: Commit, merged: str) -> Kind:
    if merged:
        return Kind.MERGE
    if not _was_ours(commit):
        return Kind.THEIRS
    return Kind.OURS if is_ours(commit) else Kind.AMENDED


def _was_ours(commit: Commit) -> bool:
    return "[bot]@" in commit.author.email and f"\n{KEY}: " in commit.message


def is_ours(commit: Commit) -> bool:
    """Say whether we wrote a commit: somebody who amends one of ours becomes its committer."""
    return conversation.is_ours(commit.author.email, commit.committer.email, commit.message)


def change(message: str) -> str:
    """Return what the message of a commit of ours says that it changes, ``""`` where it says nothing."""
    said = _SAID.search(message)
    return said[1] if said else ""


def words(commit: Commit) -> str:
    """Return a commit's message without what only a commit of ours says."""
    return _TRAILERS.sub("", commit.message.rstrip()).rstrip() + "\n"


def message(title: str, key: str, change: str) -> str:
    """Return the message of a commit of ours."""
    return f"{title}\n\n{CHANGE}: {change}\n{KEY}: {key}\n"
