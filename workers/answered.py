"""Says what our closed pull requests answer: no for good, no to these versions, or not now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from workers.model import Candidate, Past, State, is_answered, key_of, part_of
from workers.reasons import Reason


class Word(StrEnum):
    """Why a pull request was closed; a person who just closes it gives no word, and that is a no."""

    IGNORE = "ignore"
    """Not to these versions; where there are none, for good."""
    NEVER = "never"
    SNOOZE = "snooze"
    """A person wants to see it again later."""
    SPLIT = "split"
    """A person wants the members of a group one by one."""
    RED = "red"
    """Its checks failed because of it."""
    STUCK = "stuck"
    """A required check did not begin, so that nobody could merge it."""
    SUPERSEDED = "superseded"
    DONE = "done"
    """There is nothing left to do."""
    EXPIRED = "expired"
    CAMPAIGN = "campaign"
    """The campaign that it was part of was stopped."""
    WANTED = "wanted"
    """A person wants it anew in another pull request, which is not there yet."""


_NO_ANSWER = frozenset({*Word} - {Word.IGNORE, Word.NEVER})


def is_no(word: str, said: Collection[str], versions: Collection[str]) -> bool:
    """Say whether a pull request about the versions ``said``, closed with a word, is a no to other versions.

    A word that nobody knows is a no: when in doubt, nothing is proposed.
    """
    if word == Word.IGNORE:
        return not said or not versions or not set(said).isdisjoint(versions)
    return word not in _NO_ANSWER


def refusal(candidate: Candidate, past: Sequence[Past], now: datetime) -> tuple[Reason, str] | None:
    """Return why a candidate is not proposed after what people said, with a sentence; None where it may be.

    ``past`` are our earlier pull requests, the newest first.
    """
    if any(p.key == candidate.key and p.state is State.OPEN for p in past):
        return None
    whole = key_of(candidate.improvement, candidate.findings[0].about)
    # Whoever says no to one part has seen what the others are: they are not asked about each.
    series = {candidate.key, *(p.key for p in past if part_of(p.key, whole))}
    closed = [p for key in sorted(series) for p in _closed(past, key)]
    nos = [p for p in closed if is_no(p.word, p.versions, candidate.versions)]
    if nos and is_answered(candidate.answers, {name for no in nos for name in no.answers}):
        return Reason.DECLINED, _declined(nos[0], candidate)
    rests = [
        (p.until, p.word)
        for p in closed
        if p.until and p.until > now and p.word in _NO_ANSWER and is_answered(candidate.answers, p.answers)
    ]
    return resting(*max(rests)) if rests else None


def _closed(past: Sequence[Past], key: str) -> Iterator[Past]:
    """Return the pull requests of a key that were closed since one of it was merged."""
    return takewhile(lambda p: p.state is State.CLOSED, (p for p in past if p.key == key))


def _declined(no: Past, candidate: Candidate) -> str:
    if no.word == Word.IGNORE and no.versions and candidate.versions:
        same = ", ".join(f"`{v}`" for v in no.versions if v in candidate.versions)
        return f"Somebody said to ignore {same}; other versions may be proposed."
    return "Somebody said never to propose it." if no.word == Word.NEVER else Reason.DECLINED.value


def resting(until: datetime, word: str) -> tuple[Reason, str]:
    """Return why what was closed with a word that is no answer is not proposed before a moment."""
    if word == Word.SNOOZE:
        return Reason.SNOOZED, f"It is snoozed until {until:%Y-%m-%d}."
    return Reason.COOLING, f"It was closed ({word}) and rests until {until:%Y-%m-%d}."
