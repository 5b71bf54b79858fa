"""Whose clock counts: days, weeks and working hours of a team, with the days on which clocks change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workers.weekdays import DAYS, span

if TYPE_CHECKING:  # as in `workers.capacity`
    from workers.wants import Capacity

_DAY = timedelta(days=1)
_WEEKDAYS = frozenset(range(5))
_AHEAD = 9
"""Days in which an opening comes, if one ever does: a week, and what a change of clocks can swallow."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a team works: minutes ``begin`` to ``end`` of some weekdays (Monday is 0) by a zone's clocks.

    Every moment that goes in is aware, every one that comes out is UTC.
    """

    zone: str = "UTC"
    begin: int = 0
    end: int = 24 * 60
    days: frozenset[int] = frozenset(range(7))

    def is_open(self, now: datetime) -> bool:
        """Say whether a moment is within working hours."""
        return self.opens(now) == now

    def opens(self, now: datetime) -> datetime | None:
        """Return the first moment from now on that is within working hours; None where no day is one."""
        today = self.today(now)
        for day in (today + n * _DAY for n in range(_AHEAD)):
            begin, end = self._at(day, self.begin), self._at(day, self.end)
            if day.weekday() in self.days and begin < end and now < end:
                return max(now, begin)
        return None

    def after(self, start: datetime, days: int) -> datetime:
        """Return the moment so many working days later: at the same time of day, or when that opens."""
        local = start.astimezone(ZoneInfo(self.zone))
        day, left = local.date(), days if self.days else 0
        while left > 0:
            day += _DAY
            left -= day.weekday() in self.days
        return self.opening(self._at(day, local.hour * 60 + local.minute))

    def since(self, day: date) -> datetime:
        """Return the first working moment that is not before a day."""
        return self.opening(self._at(day))

    def opening(self, moment: datetime) -> datetime:
        """Return the first working moment from this one on; itself where no day is one."""
        return self.opens(moment) or moment

    def today(self, now: datetime) -> date:
        """Return the day that it is there."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def day(self, now: datetime, ago: int = 0) -> datetime:
        """Return when the day began, or the one so many days before it."""
        return self._at(self.today(now) - ago * _DAY)

    def week(self, now: datetime) -> datetime:
        """Return when the week began, on its Monday."""
        today = self.today(now)
        return self._at(today - today.weekday() * _DAY)

    def next_day(self, now: datetime, days: int = 1) -> datetime | None:
        """Return the first working moment of a later day: the next, or so many days later at the earliest."""
        return self.opens(self._at(self.today(now) + days * _DAY))

    def next_week(self, now: datetime) -> datetime | None:
        """Return the first working moment of the next week."""
        today = self.today(now)
        return self.opens(self._at(today + (7 - today.weekday()) * _DAY))

    def said(self, moment: datetime) -> str:
        """Return a moment as people of the zone say it, ``Monday 2026-03-02 09:00 Europe/Berlin``."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return f"{DAYS[local.weekday()].capitalize()} {local:%Y-%m-%d %H:%M} {self.zone}"

    def _at(self, day: date, minute: int = 0) -> datetime:
        """Return when a zone's clock shows a minute of a day: the first time, where it does so twice."""
        days, rest = divmod(minute, 24 * 60)
        wall = time(rest // 60, rest % 60)
        return datetime.combine(day + days * _DAY, wall, ZoneInfo(self.zone)).astimezone(UTC)


def of(capacity: Capacity) -> Hours:
    """Return the working hours that a kotsu.yml names."""
    begin, end = span(capacity.hours)
    days = frozenset(DAYS.index(day) for day in capacity.days)
    return Hours(capacity.time_zone, begin, end, days)


def working(capacity: Capacity) -> Hours:
    """Return when people work: from Monday to Friday where a kotsu.yml names no days, or all of them.

    Whoever is asked is not waited for until the end of time, so some day always is one.
    """
    given = of(capacity)
    return replace(given, days=_WEEKDAYS) if len(given.days) in (0, len(DAYS)) else given
