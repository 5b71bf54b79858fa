"""What people merge comes sooner, where they decline less comes at a time, and nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from tests.workers.outlines import DAY, closed, merged, outline
from tests.workers.test_evaluating import Here, ended
from tests.workers.test_plan import CATALOGUE, finding, keys, made, reasons, targets
from workers import capacity, config, plan
from workers.answered import Word
from workers.capacity import Outside
from workers.evaluation import learning
from workers.evaluation.learning import STEADY, Pace
from workers.ledger import Ledger
from workers.model import Past, State
from workers.purses import Price
from workers.reasons import Reason

COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: (min(pair), max(pair)))


def past(letters: str, *, days_ago: int = 3) -> list[Past]:
    """Return earlier pull requests, newest first: merged, closed, expired, superseded, open."""
    says = {"m": (State.MERGED, ""), "c": (State.CLOSED, ""), "e": (State.CLOSED, Word.EXPIRED)}
    says |= {"s": (State.CLOSED, Word.SUPERSEDED), "o": (State.OPEN, "")}
    return [
        Past(f"x{n}", says[letter][0], NOW - (days_ago + n) * DAY, word=says[letter][1])
        for n, letter in enumerate(letters)
    ]


# --- what is worth more


def test_what_nothing_is_known_of_is_worth_what_it_is() -> None:
    assert learning.worth(60, 0, 0) == 60
    assert learning.worth(60, 70, 100) == 60


def test_one_answer_moves_little_and_many_move_more() -> None:
    assert [learning.worth(100, n, n) for n in (0, 1, 10, 1000)] == [100, 103, 121, 142]
    assert [learning.worth(100, 0, n) for n in (0, 1, 3, 1000)] == [100, 90, 76, 50]


@given(st.integers(1, 400), COUNTS)
def test_nothing_is_worth_less_than_half_or_half_as_much_again(value: int, counts: tuple[int, int]) -> None:
    assert max(1, value // 2) <= learning.worth(value, *counts) <= value * 10 / 7


@given(st.integers(1, 400), COUNTS, st.integers(1, 60))
def test_whatever_was_declined_comes_before_all_that_is_newer_after_four_weeks(
    value: int, counts: tuple[int, int], cost: int
) -> None:
    price = Price("", cost)
    worth = learning.worth(value, *counts)
    waited = capacity.rank(price, worth, NOW - timedelta(days=28), NOW, "old")
    assert waited < capacity.rank(price, 10_000, NOW, NOW, "new")


def test_what_people_merge_comes_before_its_like_that_they_decline() -> None:
    found = [finding("sweep", "a.py"), finding("raise", "b.py", "x")]
    liked = {("sweep", ""): (40, 40), ("raise", ""): (0, 40)}
    one = config.Config.model_validate({"limits": {"first": 1, "per_day": 1}})

    def first(outside: Outside) -> list[str]:
        return keys(plan.make(found, CATALOGUE, one, (), NOW, outside=outside))

    assert first(Outside()) == ["raise/x"]
    assert first(Outside(liked={("raise", "acme/apples"): (0, 40)})) == ["raise/x"]
    assert first(Outside(liked=liked)) == ["sweep"]


def test_a_team_that_declines_says_nothing_about_another() -> None:
    some = [
        *merged(3, team="acme/Apples"),
        *closed(2, team="acme/birds"),
        outline(),
        *merged(installation_id=8),
    ]
    assert learning.liked(some, NOW) == {
        7: {("aware-utcnow", "acme/apples"): (3, 3), ("aware-utcnow", "acme/birds"): (0, 2)},
        8: {("aware-utcnow", ""): (1, 1)},
    }


def test_what_was_opened_more_than_a_year_ago_is_forgotten() -> None:
    assert learning.liked(closed(9, opened=NOW - 366 * DAY, closed_at=NOW - 365 * DAY), NOW) == {}


def test_what_was_learned_is_read_by_the_next_plan_of_that_installation(book: Ledger) -> None:
    book.record(pushed(), NOW)
    assert book.spending.outside(7, 1, NOW).liked == {}
    ended(book, 3)
    Here(book).look()
    assert book.spending.outside(7, 1, NOW).liked == {("raise", "acme/apples"): (0, 3)}
    assert book.spending.outside(8, 1, NOW).liked == {}


@given(st.dictionaries(st.tuples(st.text(max_size=9), st.text(max_size=9)), COUNTS, max_size=5))
def test_what_is_written_down_is_read_again(told: dict[tuple[str, str], tuple[int, int]]) -> None:
    assert learning.read(learning.written(told)) == told


# --- how fast


def test_where_most_is_merged_there_is_one_a_day() -> None:
    assert learning.pace(past("mmmmmmmmmm")).days == 1
    assert learning.pace(past("cccc" + "mmmmmm")).days == 1


def test_it_slows_down_to_one_in_as_many_days_as_it_takes_to_get_one_merged() -> None:
    assert learning.pace(past("cmcmcmcmcm")) == Pace(2, 5, 10)
    assert learning.pace(past("cccmccmccm")) == Pace(3, 3, 10)
    assert learning.pace(past("eeeeemeeee")) == Pace(7, 1, 10)
    assert learning.pace(past("ccccccc")) == Pace(7, 0, 7)


def test_few_answers_and_what_decides_nothing_tell_nothing() -> None:
    assert learning.pace(past("cccc")) == STEADY
    assert learning.pace(past("cccc" + "ssss" + "oooo")) == STEADY


def test_only_the_last_ten_count_so_that_a_team_can_change_its_mind() -> None:
    assert learning.pace(past("m" * 10 + "c" * 50)).days == 1


@given(st.text("mceso", max_size=60))
def test_a_week_is_the_slowest(letters: str) -> None:
    assert 1 <= learning.pace(past(letters)).days <= 7


def test_a_slow_repository_gets_its_next_one_when_its_days_are_over() -> None:
    slow = past("ccmccmccmc", days_ago=1)
    found = made(targets("a"), *slow)
    assert reasons(found) == {"raise/a": Reason.DAY_LIMIT}
    assert found.later[0].sentence == (
        "Of the last 10 that were decided here 3 were merged, so what `limits.per-day` allows in a day comes "
        "in 3 days. It may change after Wednesday 2026-03-04 00:00 UTC."
    )
    assert keys(made(targets("a"), *past("ccmccmccmc", days_ago=3))) == ["raise/a"]


def test_its_days_are_those_of_the_calendar_where_one_has_but_23_hours() -> None:
    berlin = config.Config.model_validate(
        {"limits": {"first": 1, "per_day": 1}, "capacity": {"gentle": 0, "time_zone": "Europe/Berlin"}}
    )
    saturday, monday = datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)
    slow = [replace(one, opened=saturday - n * DAY) for n, one in enumerate(past("cmcmcmcmcm"))]

    def waits(now: datetime) -> list[datetime | None]:
        later = plan.make(targets("a"), CATALOGUE, berlin, slow, now).later
        return [one.wait.after for one in later if one.wait]

    assert waits(monday - timedelta(minutes=30)) == [monday]
    assert waits(monday + timedelta(minutes=30)) == []


def test_a_repository_that_merges_gets_one_each_day_as_ever() -> None:
    assert keys(made(targets("a", "b"), *past("mmmmmmmmmm", days_ago=1))) == ["raise/a"]
