"""Decides how long a pull request waits for its reviewers, and what is done then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from workers.conversation import Conversation
from workers.hours import Hours


class Step(Enum):
    """What is next."""

    WAIT = 0
    ASK = 1
    """Nobody is asked: ask somebody."""
    REMIND = 2
    ANOTHER = 3
    """Ask one person more."""
    GIVE_BACK = 4
    """Nobody finds the time: close it, which is nobody's no."""


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done now, and when to look again by itself (None: when something happens)."""

    step: Step
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long people are given: so many ``days`` of a calendar (0: for ever)."""

    days: int
    calendar: Hours

    def next_step(
        self, talk: Conversation, requested: Collection[str], opened: datetime, now: datetime
    ) -> Next:
        """Return what is next for what was ``opened``; ``requested`` are asked and have not answered.

        People who review, or ask others, have taken it into their hands: nothing is done any more. Whatever
        else they do lets the waiting begin anew, and what they took part in is never closed.
        """
        if not talk.whole or talk.reviewed_at or talk.is_asked_by_people:
            return Next(Step.WAIT)
        if not requested or not self.days:
            return Next(Step.WAIT if requested else Step.ASK)
        asked = max((event.at for event in talk.asked), default=opened)
        reminded = talk.reminded_at
        if reminded is None:
            return self._then(Step.REMIND, talk, asked, now)
        if asked > reminded:
            return self._given_back(talk, asked, now)
        return self._another(talk, reminded, now)

    def _another(self, talk: Conversation, reminded: datetime, now: datetime) -> Next:
        found = self._then(Step.ANOTHER, talk, reminded, now)
        if found.step is Step.WAIT or talk.is_discussed:
            return found
        # Where there is nobody else to ask, the time goes on.
        last = self._given_back(talk, self._end(talk, reminded), now)
        return last if last.step is Step.GIVE_BACK else Next(Step.ANOTHER, last.due)

    def _given_back(self, talk: Conversation, since: datetime, now: datetime) -> Next:
        return Next(Step.WAIT) if talk.is_discussed else self._then(Step.GIVE_BACK, talk, since, now)

    def _then(self, step: Step, talk: Conversation, since: datetime, now: datetime) -> Next:
        # A job that comes late does not come at night either.
        moment = self.calendar.opening(max(self._end(talk, since), now))
        return Next(step) if now >= moment else Next(Step.WAIT, moment)

    def _end(self, talk: Conversation, since: datetime) -> datetime:
        # As long as it was a draft it waited for nobody, and before it changed for something else.
        later = (moment for moment in (talk.active_at, talk.readied_at, talk.changed_at) if moment)
        return self.calendar.after(max([since, *later]), self.days)
