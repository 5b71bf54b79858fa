"""The days of a week and the spans of a day, by the words of kotsu.yml."""

from __future__ import annotations

from typing import Literal, get_args

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)


def span(hours: str) -> tuple[int, int]:
    """Return the first minute of a day that a valid span of hours has, and the first one after it."""
    begin, _, end = hours.partition("-")
    return minutes(begin), minutes(end)


def minutes(clock: str) -> int:
    """Return the minute of a day."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
