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
