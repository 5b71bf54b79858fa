"""Says how long repositories are exposed to published weaknesses, and how soon these go.

A day of exposure is one on which a version in use has one published weakness. It is counted from the moment
when it was seen first: whether the version was in use before that, nobody wrote down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol


class Seen(Protocol):
    """A weakness in a repository (`workers.ledger.exposures.ExposureRow`)."""

    @property
    def published(self) -> date | None:
        """When it was published; None where nobody knows."""

    @property
    def since(self) -> datetime:
        """When it was seen first."""

    @property
    def gone(self) -> datetime | None:
        """When it was not seen any more, None as long as it is there."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How many weaknesses there are now (``open``), how many are ``gone``, and the ``days`` of all."""

    open: int
    gone: int
    days: float


def lasted(one: Seen, now: datetime, since: datetime | None = None) -> timedelta:
    """Return for how long a weakness has been there, of that only what is after ``since``, if given."""
    began = max(one.since, since) if since else one.since
    return max(min(one.gone or now, now) - began, timedelta())


def public(one: Seen, now: datetime) -> int | None:
    """Return for how many days a weakness was public until it went, or is by now; None where nobody knows."""
    return max(((one.gone or now).date() - one.published).days, 0) if one.published else None


def summed(seen: Iterable[Seen], now: datetime, since: datetime | None = None) -> Exposure:
    """Return the exposure of some repositories together, of its days only those after ``since``."""
    known = list(seen)
    days = sum((lasted(one, now, since) for one in known), timedelta()) / timedelta(days=1)
    still = sum(one.gone is None for one in known)
    return Exposure(still, len(known) - still, days)


def spans(seen: Iterable[Seen], now: datetime) -> list[tuple[timedelta, bool]]:
    """Return how long each took until it went, with False for one that is there: its time is not over.

    What `survival.curve` makes of that has the median time to remediate. To leave the open ones out would
    make it the shorter, the more of them are left for long.
    """
    return [(lasted(one, now), one.gone is not None) for one in seen]
