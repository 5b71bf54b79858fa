"""Working days and hours: which moments suit the people whose clock a kotsu.yml names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workers.wants import Capacity
from workers.wording import DAYS, span

_WEEKDAYS = frozenset(range(5))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the week (0: Monday) and the minutes of a day, by the clock of a zone."""

    zone: ZoneInfo
    begin: int
    end: int
    days: frozenset[int]

    def today(self, now: datetime) -> date:
        """Return the day that it is there."""
        return now.astimezone(self.zone).date()

    def opening(self, moment: datetime) -> datetime:
        """Return the first moment (UTC) within days and hours that is not before this one."""
        day = self.today(moment)
        while True:
            begin, end = self._at(day, self.begin), self._at(day, self.end)
            if day.weekday() in self.days and moment < end:
                return max(begin, moment.astimezone(UTC))
            day += _DAY

    def since(self, day: date) -> datetime:
        """Return the first moment (UTC) within days and hours that is not before this day."""
        return self.opening(self._at(day, 0))

    def after(self, start: datetime, days: int) -> datetime:
        """Return the moment (UTC) so many of the days later: at the same time of day, or when that opens."""
        local = start.astimezone(self.zone)
        day, left = local.date(), days
        while left > 0:
            day += _DAY
            left -= day.weekday() in self.days
        return self.opening(self._at(day, local.hour * 60 + local.minute))

    def _at(self, day: date, minute: int) -> datetime:
        # By the clock on the wall, so that a day of 23 or 25 hours has the same hours as any other.
        there = datetime.combine(day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60))
        return there.replace(tzinfo=self.zone).astimezone(UTC)


def opened(capacity: Capacity) -> Calendar:
    """Return when pull requests may be opened and merged."""
    named = frozenset(DAYS.index(day) for day in capacity.days)
    begin, end = span(capacity.hours)
    return Calendar(ZoneInfo(capacity.time_zone), begin, end, named or frozenset(range(7)))


def working(capacity: Capacity) -> Calendar:
    """Return when people work: Monday to Friday where kotsu.yml names no days, or all of them."""
    given = opened(capacity)
    days = _WEEKDAYS if len(given.days) == len(DAYS) else given.days
    return Calendar(given.zone, given.begin, given.end, days)
