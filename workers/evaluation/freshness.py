"""Says how far behind repositories are, in libyears, and how that went week by week.

A libyear is a year between the release in use and the newest one, summed over dependencies (`codemods.lags`
names the sources). Only dependencies of which both days are known count; the others are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Protocol

YEAR = 365.25
"""Days of a year."""
_WEEK = timedelta(days=7)


class Noted(Protocol):
    """What was written of one repository on one day (`workers.ledger.freshness.FreshnessRow`)."""

    @property
    def repository_id(self) -> int:
        """Whose it is."""

    @property
    def day(self) -> date:
        """When it was so."""

    @property
    def dependencies(self) -> int:
        """How many direct dependencies there are."""

    @property
    def known(self) -> int:
        """Of how many of them both days are known."""

    @property
    def days(self) -> int:
        """The sum of the days that they are behind."""

    @property
    def majors(self) -> int:
        """How many are behind by a major version."""

    @property
    def minors(self) -> int:
        """How many are behind by a minor version and no more."""

    @property
    def patches(self) -> int:
        """How many are behind by a patch and no more."""


@dataclass(frozen=True, slots=True)
class Behind:
    """How far some repositories are behind together; the fields are those of `Noted`."""

    repositories: int = 0
    dependencies: int = 0
    known: int = 0
    days: int = 0
    majors: int = 0
    minors: int = 0
    patches: int = 0

    @property
    def libyears(self) -> float:
        """The sum, in years."""
        return libyears(self.days)

    @property
    def mean(self) -> float | None:
        """The years of one dependency, which more dependencies do not change; None where nothing is known."""
        return libyears(self.days) / self.known if self.known else None

    @property
    def current(self) -> int:
        """How many dependencies take the newest release."""
        return self.known - self.majors - self.minors - self.patches


@dataclass(frozen=True, slots=True)
class Week:
    """How it was at the end of the week that begins on a Monday, or today in the week that has not ended."""

    monday: date
    behind: Behind


def libyears(days: int) -> float:
    """Return days as years."""
    return days / YEAR


def summed(rows: Iterable[Noted]) -> Behind:
    """Return how far behind repositories are by their last row each; rows come by day, the oldest first."""
    last = {row.repository_id: row for row in rows}.values()
    names = ("dependencies", "known", "days", "majors", "minors", "patches")
    return Behind(len(last), *(sum(getattr(row, name) for row in last) for name in names))


def weekly(rows: Iterable[Noted], whose: Mapping[int, int], today: date) -> Mapping[int, list[Week]]:
    """Return how far behind each organisation was at the end of each week, since its first row.

    ``whose`` maps the repositories that count to their organisations; rows come by day, the oldest first. A
    repository that has no row in a week is as it was before.
    """
    latest: dict[int, dict[int, Noted]] = {}
    made: dict[int, list[Week]] = {}
    counted = [(day, list(some)) for day, some in groupby(rows, key=lambda row: row.day) if day <= today]
    waiting = {monday: list(some) for monday, some in groupby(counted, key=lambda one: _monday(one[0]))}
    for monday in _mondays(min(waiting, default=today), today):
        for row in (row for _, some in waiting.get(monday, ()) for row in some):
            if row.repository_id in whose:
                latest.setdefault(whose[row.repository_id], {})[row.repository_id] = row
        for organisation, known in latest.items():
            made.setdefault(organisation, []).append(Week(monday, summed(known.values())))
    return made


def sundays(first: date, today: date) -> list[date]:
    """Return the last days of the weeks from that of one day to that of another, which ends with that."""
    return [min(monday + timedelta(days=6), today) for monday in _mondays(first, today)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(first: date, last: date) -> Iterator[date]:
    monday = _monday(first)
    while monday <= last:
        yield monday
        monday += _WEEK
