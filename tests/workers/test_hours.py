"""Days, weeks and working hours by the clock of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import hours
from workers.hours import Hours
from workers.wants import Capacity
from workers.weekdays import DAYS

BERLIN = Hours("Europe/Berlin", 9 * 60, 17 * 60, frozenset(range(5)))
ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"]


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-03T12:00", "2026-03-03T12:00"),
        ("2026-03-03T09:00", "2026-03-03T09:00"),
        ("2026-03-03T17:00", "2026-03-04T09:00"),
        ("2026-03-03T08:59", "2026-03-03T09:00"),
        ("2026-03-06T18:00", "2026-03-09T09:00"),
        ("2026-03-28T12:00", "2026-03-30T09:00"),
    ],
    ids=["within", "the first minute", "the last is over", "before", "on a Friday evening", "over a DST day"],
)
def test_hours_open_on_working_days(now: str, opens: str) -> None:
    assert BERLIN.opens(at(now)) == at(opens)
    assert BERLIN.is_open(at(now)) == (now == opens)


def test_who_names_no_day_never_opens() -> None:
    assert hours.of(Capacity(days=())).opens(at("2026-03-03T12:00")) is None


def test_who_says_nothing_is_always_open() -> None:
    assert hours.of(Capacity()).is_open(at("2026-03-01T03:00"))


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert BERLIN.day(at("2026-03-03T00:30")) == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert BERLIN.next_day(at("2026-03-03T12:00")) == at("2026-03-04T09:00")


def test_the_days_on_which_clocks_change_are_as_long_as_they_are() -> None:
    spring, autumn = at("2026-03-29T12:00"), at("2026-10-25T12:00")
    always = Hours("Europe/Berlin")
    assert [always.next_day(day) - always.day(day) for day in (spring, autumn)] == [  # type: ignore[operator]
        timedelta(hours=23),
        timedelta(hours=25),
    ]


def test_a_midnight_that_a_change_of_clocks_skips_is_the_moment_of_the_change() -> None:
    cairo = Hours("Africa/Cairo")
    noon = at("2026-04-24T12:00", "Africa/Cairo")
    assert cairo.day(noon) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_a_week_begins_on_its_monday() -> None:
    assert BERLIN.week(at("2026-03-08T23:59")) == at("2026-03-02T00:00")
    assert BERLIN.week(at("2026-03-09T00:00")) == at("2026-03-09T00:00")
    assert BERLIN.next_week(at("2026-03-04T12:00")) == at("2026-03-09T09:00")


def test_a_moment_is_said_as_people_of_the_zone_do() -> None:
    assert BERLIN.said(at("2026-03-09T09:00")) == "Monday 2026-03-09 09:00 Europe/Berlin"


@given(
    now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis wants them naive
    zone=st.sampled_from(ZONES),
    begin=st.integers(0, 24 * 60 - 1),
    length=st.integers(1, 24 * 60),
    days=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_an_opening_is_the_first_moment_that_is_open(
    now: datetime, zone: str, begin: int, length: int, days: frozenset[int]
) -> None:
    some = Hours(zone, begin, min(24 * 60, begin + length), days)
    opens = some.opens(now)
    assert opens is not None
    assert opens >= now
    assert some.is_open(opens)
    if opens > now:
        assert not some.is_open(now)
        assert not some.is_open(now + (opens - now) / 2)
        assert not some.is_open(opens - timedelta(microseconds=1))
    day, week = some.day(now), some.week(now)
    assert week <= day <= now < day + timedelta(hours=26)
    assert now < week + timedelta(days=7, hours=2)


# --- working days

IN_BERLIN = {"time_zone": "Europe/Berlin"}


def utc(day: int, hour: int = 10, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "start", "days", "end"),
    [
        ({}, utc(27), 1, utc(30)),
        ({}, utc(25), 3, utc(30)),
        ({}, utc(28), 1, utc(30)),
        ({}, utc(27), 0, utc(27)),
        ({"days": ("sunday", "monday")}, utc(27), 2, utc(30)),
        ({"hours": "09:00-17:00"}, utc(25, 22), 1, utc(27, 9)),
        ({"hours": "09:00-17:00"}, utc(25, 3), 1, utc(26, 9)),
        ({"hours": "09:00-17:00"}, utc(26, 17), 1, utc(30, 9)),
        ({**IN_BERLIN, "hours": "09:00-17:00"}, utc(26, 7), 1, utc(27, 8)),
        # By Berlin's clock this is Saturday already.
        ({**IN_BERLIN}, utc(27, 23, 30), 1, utc(29, 23, 30)),
    ],
)
def test_so_many_working_days_later(
    said: dict[str, object], start: datetime, days: int, end: datetime
) -> None:
    assert hours.working(Capacity(**said)).after(start, days) == end  # type: ignore[arg-type]  # as kotsu.yml has them


@pytest.mark.parametrize(("day", "month", "hour"), [(24, 10, 7), (26, 10, 8), (27, 3, 8), (30, 3, 7)])
def test_the_clock_on_the_wall_counts_when_it_changes(day: int, month: int, hour: int) -> None:
    capacity = Capacity(time_zone="Europe/Berlin", hours="09:00-17:00")
    assert hours.of(capacity).opening(utc(day, 0, month=month)) == utc(day, hour, month=month)


def test_where_days_are_named_they_count_and_else_people_work_from_monday_to_friday() -> None:
    assert hours.working(Capacity()).days == frozenset(range(5))
    assert hours.of(Capacity()).days == frozenset(range(7))
    assert hours.working(Capacity(days=("saturday",))).days == {5}
    assert hours.working(Capacity(days=())).days == frozenset(range(5))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- bounds
    st.integers(0, 30),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
    st.sampled_from(["00:00-24:00", "09:00-17:00", "23:59-24:00", "02:00-03:00"]),
)
def test_it_is_always_a_working_hour_and_never_earlier(
    start: datetime, days: int, named: set[str], zone: str, span: str
) -> None:
    capacity = Capacity(time_zone=zone, hours=span, days=tuple(d for d in DAYS if d in named))
    calendar = hours.working(capacity)
    end = calendar.after(start, days)
    # To the minute; a clock that goes back can repeat an hour.
    assert end >= start - timedelta(hours=1, minutes=1)
    assert calendar.opening(end) == end
    assert calendar.after(start, days + 1) >= end
