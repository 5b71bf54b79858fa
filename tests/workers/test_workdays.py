"""Working days and hours, by the clock of those who review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import workdays
from workers.wants import Capacity
from workers.wording import DAYS

FRIDAY = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
BERLIN = {"time_zone": "Europe/Berlin"}


def at(day: int, hour: int = 10, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "start", "days", "end"),
    [
        ({}, at(27), 1, at(30)),
        ({}, at(25), 3, at(30)),
        ({}, at(28), 1, at(30)),
        ({}, at(27), 0, at(27)),
        ({"days": ("sunday", "monday")}, at(27), 2, at(30)),
        ({"hours": "09:00-17:00"}, at(25, 22), 1, at(27, 9)),
        ({"hours": "09:00-17:00"}, at(25, 3), 1, at(26, 9)),
        ({"hours": "09:00-17:00"}, at(26, 17), 1, at(30, 9)),
        ({**BERLIN, "hours": "09:00-17:00"}, at(26, 7), 1, at(27, 8)),
        # By Berlin's clock this is Saturday already.
        ({**BERLIN}, at(27, 23, 30), 1, at(29, 23, 30)),
    ],
)
def test_so_many_working_days_later(
    said: dict[str, object], start: datetime, days: int, end: datetime
) -> None:
    assert workdays.working(Capacity(**said)).after(start, days) == end  # type: ignore[arg-type]  # as kotsu.yml has them


@pytest.mark.parametrize(("day", "month", "hour"), [(24, 10, 7), (26, 10, 8), (27, 3, 8), (30, 3, 7)])
def test_the_clock_on_the_wall_counts_when_it_changes(day: int, month: int, hour: int) -> None:
    capacity = Capacity(time_zone="Europe/Berlin", hours="09:00-17:00")
    assert workdays.opened(capacity).opening(at(day, 0, month=month)) == at(day, hour, month=month)


def test_where_days_are_named_they_count_and_else_people_work_from_monday_to_friday() -> None:
    assert workdays.working(Capacity()).days == frozenset(range(5))
    assert workdays.opened(Capacity()).days == frozenset(range(7))
    assert workdays.working(Capacity(days=("saturday",))).days == {5}
    # Nothing is opened on no day at all; whoever is asked is not waited for until the end of time.
    assert workdays.working(Capacity(days=())).days == frozenset(range(5))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- bounds
    st.integers(0, 30),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
    st.sampled_from(["00:00-24:00", "09:00-17:00", "23:59-24:00", "02:00-03:00"]),
)
def test_it_is_always_a_working_hour_and_never_earlier(
    start: datetime, days: int, named: set[str], zone: str, hours: str
) -> None:
    capacity = Capacity(time_zone=zone, hours=hours, days=tuple(d for d in DAYS if d in named))
    calendar = workdays.working(capacity)
    end = calendar.after(start, days)
    # To the minute; a clock that goes back can repeat an hour.
    assert end >= start - timedelta(hours=1, minutes=1)
    assert calendar.opening(end) == end
    assert calendar.after(start, days + 1) >= end
