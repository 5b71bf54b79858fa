"""Spares an installation's requests: what is left of them is for people, and then it rests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

RESERVE = 10
"""The part of an hour's requests, one in so many, that is kept for what people wait for."""
_LONGEST = timedelta(hours=2)
"""GitHub's budgets are an hour's: what resets later was misunderstood."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many requests of a resource (``core``, ``graphql``) remain until a moment, of how many."""

    resource: str
    remaining: int
    limit: int
    resets: datetime


@dataclass(frozen=True, slots=True)
class Spared:
    """Until when who must wait, in words: everybody, or everybody but people."""

    until: datetime
    everybody: bool
    words: str


def spared(found: Iterable[Left], now: datetime) -> Spared | None:
    """Return who is to wait, by the budget of which the least is left; None where there is enough."""
    low = [one for one in found if one.remaining * RESERVE < one.limit and one.resets > now]
    if not low:
        return None
    least = min(low, key=lambda one: (one.remaining > 0, -one.resets.timestamp()))
    words = f"{least.remaining} of {least.limit} requests ({least.resource}) are left"
    return Spared(min(least.resets, now + _LONGEST), least.remaining == 0, words)
