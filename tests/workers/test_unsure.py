"""When GitHub is asked again for what it has not worked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workers import unsure

MOVED = datetime(2026, 6, 1, 10, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_it_is_asked_less_and_less_often() -> None:
    now, steps = MOVED, []
    for _ in range(7):
        after = unsure.again(MOVED, now)
        steps.append(after - now)
        now = after
    assert steps == [5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 360 * MINUTE, DAY, DAY, DAY]


@given(st.integers(0, 90 * 86_400), st.integers(0, 86_400))
def test_however_often_it_is_looked_at_the_moments_stay(age: int, seconds: int) -> None:
    now, later = MOVED + timedelta(seconds=age), MOVED + timedelta(seconds=age + seconds)
    after = unsure.again(MOVED, now)
    assert now < after <= now + DAY
    if later < after:
        assert unsure.again(MOVED, later) == after


def test_what_moved_just_now_or_says_to_have_moved_tomorrow_begins_anew() -> None:
    assert unsure.again(MOVED + DAY, MOVED) == MOVED + 5 * MINUTE
