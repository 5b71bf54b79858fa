"""Decides whether a pull request is merged without a review, and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from workers import unsure
from workers.hours import Hours

SOON = timedelta(minutes=2)
"""When to try again where the base moved in the very moment."""
PATIENCE = timedelta(hours=1)
"""How long writing it anew may take, before people are asked after all."""
PAUSE = timedelta(days=1)
"""How long a broken default branch is waited for, before people are asked after all."""


class Move(Enum):
    """What is done about merging."""

    NO = 0
    """It needs a person."""
    WAIT = 1
    MERGE = 2
    ENQUEUE = 3
    ENABLE = 4
    """Let GitHub merge when a person has approved."""
    DISABLE = 5
    """Take that back, as something speaks against it."""
    REBASE = 6

    @property
    def needs_nobody(self) -> bool:
        """Whether it may still be merged without a review."""
        return self in (Move.WAIT, Move.MERGE, Move.ENQUEUE, Move.REBASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, why, and when to look again by itself (None: when something happens)."""

    move: Move
    why: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pull request that kotsu.yml lets us merge.

    ``proven`` and ``waiting`` are what its checks say, ``objection`` is what speaks against it, ``state``
    GitHub's word (see `Mergeability`). ``enabled`` says that GitHub was told to merge it, ``ours`` that we
    told it; ``waits`` that GitHub may be told, ``queue`` that the branch has a merge queue, ``queued`` that
    it is in there. ``rebased_at`` is when it was to be written anew on the base as it stands now, and
    ``other_at`` when another one was: with each merge all the others would be behind again. ``broken`` are
    the checks of the base that fail since something of ours was merged. Its head or the base ``moved`` last
    at a moment.
    """

    proven: bool
    objection: str
    state: str
    waiting: bool = False
    enabled: bool = False
    ours: bool = False
    waits: bool = False
    queue: bool = False
    queued: bool = False
    rebased_at: datetime | None = None
    other_at: datetime | None = None
    broken: Mapping[str, datetime] | None = None
    moved: datetime | None = None


def decide(facts: Facts, when: Hours, now: datetime) -> Decision:
    """Return what is done about merging now."""
    return _unripe(facts, now) or _out_of_time(facts, when, now) or _merged(facts)


def _unripe(facts: Facts, now: datetime) -> Decision | None:
    """Return why the pull request itself is not to be merged now."""
    if facts.objection:
        return Decision(Move.DISABLE if facts.ours else Move.NO, facts.objection)
    if facts.waiting or facts.queued:
        return Decision(Move.WAIT, "its checks have not ended")
    if not facts.proven:
        return Decision(Move.NO, "its required checks have not all passed")
    if facts.state == "draft":
        return Decision(Move.NO, "it is a draft")
    if facts.state == "dirty" or (facts.state == "behind" and not facts.queue):
        return _anew(facts, now)
    return _blocked(facts) if facts.state == "blocked" else None


def _out_of_time(facts: Facts, when: Hours, now: datetime) -> Decision | None:
    """Return why this is not the moment."""
    if facts.state == "unknown":
        again = unsure.again(facts.moved or now, now)
        return Decision(Move.WAIT, "GitHub is still working out whether it can be merged", again)
    opening = when.opens(now)
    if opening is None:
        return Decision(Move.NO, "kotsu.yml names no day on which anything is merged")
    if opening > now:
        return Decision(Move.WAIT, "it is out of hours", opening)
    return _broken(facts.broken, now) if facts.broken else None


def _merged(facts: Facts) -> Decision:
    return Decision(Move.ENQUEUE if facts.queue else Move.MERGE, "everything that is required passed")


def _anew(facts: Facts, now: datetime) -> Decision:
    if facts.rebased_at is not None and now >= facts.rebased_at + PATIENCE:
        return Decision(Move.NO, "it could not be written on the newest base")
    if facts.rebased_at is not None:
        return Decision(Move.WAIT, "it is being written on the newest base", facts.rebased_at + PATIENCE)
    if facts.other_at is not None and now < facts.other_at + PATIENCE:
        return Decision(Move.WAIT, "another one is to be merged first", facts.other_at + PATIENCE)
    return Decision(Move.REBASE, "it has to be written on the newest base", now + PATIENCE)


def _blocked(facts: Facts) -> Decision:
    why = "the branch asks for more than checks"
    return Decision(Move.ENABLE if facts.waits and not facts.enabled else Move.NO, why)


def _broken(broken: Mapping[str, datetime], now: datetime) -> Decision:
    since = max(broken.values())
    why = f"{', '.join(sorted(broken))} fails on the default branch since something of ours was merged"
    if now < since + PAUSE:
        return Decision(Move.WAIT, why, min(now + PATIENCE, since + PAUSE))
    return Decision(Move.NO, why)
