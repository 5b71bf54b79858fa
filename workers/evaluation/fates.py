"""Says what became of a pull request, in one word."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from workers.answered import Word
from workers.evaluation.outline import Outline
from workers.model import Stage, State

UNANSWERED = timedelta(days=30)
"""How long what is ready may wait for an answer before it is called ignored."""
TAKEN_BACK = timedelta(days=30)
"""How long after its merge a revert is a word about it."""


class Reviewed(Protocol):
    """A pull request as far as it says whether a person has to look at it."""

    @property
    def state(self) -> str:
        """A `State`."""

    @property
    def stage(self) -> str:
        """A `Stage`."""

    @property
    def reviewed_at(self) -> datetime | None:
        """When a person answered."""


class Fate(StrEnum):
    """What became of a pull request."""

    OPEN = "open"
    MERGED = "merged"
    """As it was proposed."""
    EDITED = "edited"
    """Merged, and people changed it before."""
    CLOSED = "closed"
    """By a person."""
    IGNORED = "ignored"
    """It had no answer: it expired, failed until we closed it, or is open for more than 30 days."""
    REVERTED = "reverted"
    """Merged, and taken back within 30 days."""
    BROKE = "broke"
    """Merged, and a check of the default branch failed with it."""
    WITHDRAWN = "withdrawn"
    """Superseded, done by somebody else, snoozed or split: that decides nothing."""


ACCEPTED = frozenset({Fate.MERGED, Fate.EDITED})
"""The fates that are a yes."""
DECIDED = frozenset({*Fate} - {Fate.OPEN, Fate.WITHDRAWN})
"""The fates that say anything about whether it was wanted."""
_WITHDRAWN = frozenset(
    {Word.SUPERSEDED, Word.DONE, Word.CAMPAIGN, Word.WANTED, Word.SPLIT, Word.SNOOZE, Word.STUCK}
)
_IGNORED = frozenset({Word.EXPIRED, Word.RED})


def is_waiting(row: Reviewed) -> bool:
    """Say whether a pull request is open and ready, and nobody has answered."""
    return row.state == State.OPEN and row.stage == Stage.READY and row.reviewed_at is None


def fate(outline: Outline, now: datetime) -> Fate:
    """Return what became of a pull request by now."""
    if outline.state == State.OPEN:
        return Fate.IGNORED if _is_unanswered(outline, now) else Fate.OPEN
    if outline.state == State.MERGED:
        return _merged(outline)
    # A branch that never became a pull request was seen by nobody.
    return Fate.WITHDRAWN if outline.number < 0 else closed(outline.word)


def closed(word: str) -> Fate:
    """Return what became of a pull request that was closed with a word of `answered.Word`, or with none."""
    if word in _WITHDRAWN:
        return Fate.WITHDRAWN
    return Fate.IGNORED if word in _IGNORED else Fate.CLOSED


def decided_at(outline: Outline, now: datetime) -> datetime | None:
    """Return when a fate was decided, None where it is not one of `DECIDED`."""
    if fate(outline, now) not in DECIDED:
        return None
    return outline.closed_at or (outline.asked_at or outline.opened_at) + UNANSWERED


def _is_unanswered(outline: Outline, now: datetime) -> bool:
    return is_waiting(outline) and now > (outline.asked_at or outline.opened_at) + UNANSWERED


def _merged(outline: Outline) -> Fate:
    merged, back = outline.closed_at, outline.reverted_at
    if back is not None and (merged is None or back <= merged + TAKEN_BACK):
        return Fate.REVERTED
    if outline.broke:
        return Fate.BROKE
    return Fate.EDITED if outline.edited else Fate.MERGED
