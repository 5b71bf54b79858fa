"""Decides the next step of an open pull request, from its checks and from what people did to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from workers.checks import Colour
from workers.model import Stage


class Step(Enum):
    """What is done with an open pull request now; the value is why."""

    HOLD = "A person made it a draft: it is left alone."
    WAIT = "Its checks have not ended, or it conflicts with its base."
    READY = "Nothing fails because of us: it is taken out of draft."
    ASK = "It is ready, and nothing fails because of us."
    REDRAFT = "It fails because of us, and nobody has looked at it yet: it becomes a draft."
    RED = "It fails because of us: nobody is asked."
    CLOSE = "It has failed because of us for long: it is closed."
    GIVE_UP = "A required check has not begun for long, so that nobody can merge it: it is closed."


@dataclass(frozen=True, slots=True)
class Standing:
    """An open pull request as it stands.

    ``touched``: a person wrote commits on its branch, or opened it again; ``seen``: a person said something,
    or asked somebody to look; ``people``: it was a person who made it a draft, or ready, last; ``conflicts``:
    it cannot be merged as it is. ``red_since`` is when what fails failed (None: not known, so not long ago).
    Only a required check that is missing is waited for since ``stuck_since`` (None: not so, or a person has
    done anything here).
    """

    draft: bool
    colour: Colour
    people: bool = False
    touched: bool = False
    seen: bool = False
    conflicts: bool = False
    red_since: datetime | None = None
    stuck_since: datetime | None = None

    @property
    def is_theirs(self) -> bool:
        """Whether somebody works on it: what becomes of it, though it fails, is theirs to say."""
        return self.people or self.touched or self.seen


def step(at: Standing, now: datetime, patience: timedelta) -> Step:
    """Return what is next; one that fails because of us is closed after ``patience`` (none: never).

    So is one that nobody can merge, as a required check does not begin.
    """
    if at.draft and at.people:
        return Step.HOLD
    if at.colour is Colour.WAITING or (at.colour is Colour.GREEN and at.conflicts):
        # What conflicts is not what will be merged: nobody is asked before it is built anew.
        since = at.stuck_since if at.colour is Colour.WAITING and not at.is_theirs else None
        return Step.GIVE_UP if since and patience and now >= since + patience else Step.WAIT
    if at.colour is Colour.GREEN:
        return Step.READY if at.draft else Step.ASK
    if at.is_theirs:
        return Step.RED
    if patience and at.red_since and now >= at.red_since + patience:
        return Step.CLOSE
    return Step.RED if at.draft else Step.REDRAFT


STAGES = {
    Step.HOLD: Stage.HELD,
    Step.READY: Stage.READY,
    Step.ASK: Stage.READY,
    Step.REDRAFT: Stage.RED,
    Step.RED: Stage.RED,
    Step.CLOSE: Stage.RED,
}
"""The stage after a step; one that waits is a draft or ready, as it was."""


def stage(done: Step, *, draft: bool) -> Stage:
    """Return where a pull request stands after a step."""
    return STAGES.get(done, Stage.DRAFT if draft else Stage.READY)


def due(  # noqa: PLR0913 -- the moments that count
    done: Step,
    at: Standing,
    now: datetime,
    *,
    begins_until: datetime,
    patience: timedelta,
    again: timedelta = timedelta(days=1),
) -> datetime | None:
    """Return when to look again by itself; None where only an event, or the next step, can tell.

    ``begins_until`` is when a check that has not begun is missing. What no event tells, because it was lost,
    is seen ``again`` after a day.
    """
    if done is Step.WAIT:
        return begins_until if begins_until > now else now + again
    if done in (Step.RED, Step.REDRAFT):
        closes = at.red_since + patience if at.red_since and patience else now + again
        return min(max(closes, now + timedelta(hours=1)), now + again)
    return None
