"""The figures of durations are few, plain, and lead to limits that no good run meets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods import durations
from codemods.durations import Lasted


def test_the_figures_of_some_durations() -> None:
    assert durations.of(range(1, 11)) == Lasted(10, 5.5, 9, 10)
    assert durations.of([7]) == Lasted(1, 7, 7, 7)
    assert durations.of([]) is None


@pytest.mark.parametrize(
    ("seconds", "runs", "minutes"),
    [
        (11 * 60, 50, 33),
        (11 * 60 + 1, 50, 34),
        (20, 50, 10),
        (20, 9, 60),
        (25 * 60, 9, 75),
        (119 * 60, 50, 357),
        (120 * 60, 50, None),
    ],
)
def test_a_limit_is_three_times_the_slowest_success(seconds: int, runs: int, minutes: int | None) -> None:
    assert durations.limit(Lasted(runs, 1, 1, seconds), 60) == minutes


@given(st.lists(st.integers(0, 21_600), min_size=1, max_size=60))
def test_no_success_ever_met_the_limit(seconds: list[int]) -> None:
    lasted = durations.of(seconds)
    assert lasted is not None
    assert lasted.median <= lasted.slowest
    assert lasted.ninety <= lasted.slowest
    limit = durations.limit(lasted, 60)
    assert limit is None or limit * 60 >= max(600, 3 * max(seconds))


@pytest.mark.parametrize(
    ("title", "shown", "other"),
    [
        (
            "test",
            ["test", "test (3.13)", "test (3.13, [a, b])"],
            ["tests", "test / inner", "my test", "test("],
        ),
        ("Py ${{ matrix.py }} on ${{ matrix.os }}", ["Py 3.13 on linux"], ["Py 3.13", "on linux"]),
        ("a.c (x)", ["a.c (x)"], ["abc (x)"]),
        ("${{ a }}/${{ b }}${{ c }}-x", ["1/23-x", "1/2/-x-x"], ["1/2-y", "-x"]),
        ("a" + "${{ x }}a" * 30, ["a" * 31, "ab" * 30 + "a"], ["a" * 30, "a" * 99 + "b"]),
    ],
)
def test_a_job_is_known_by_the_names_that_github_shows(
    title: str, shown: list[str], other: list[str]
) -> None:
    pattern = durations.shown_as(title)
    assert [name for name in (*shown, *other) if pattern.fullmatch(name)] == shown


@pytest.mark.parametrize(
    ("title", "told"),
    [("test", True), ("${{ a }} / x", True), ("${{ a }}", False), (" ${{ a }}${{ b }} ", False)],
)
def test_a_name_that_is_an_expression_alone_may_be_any_job_s(title: str, *, told: bool) -> None:
    assert durations.names_itself(title) is told


def test_a_matrix_counts_as_its_slowest_row() -> None:
    known = {
        "test (1)": Lasted(50, 60, 70, 90),
        "test (2)": Lasted(40, 50, 80, 85),
        "lint": Lasted(9, 1, 1, 1),
    }
    assert durations.together(tuple(durations.rows("test", known))) == Lasted(50, 60, 80, 90)
    assert durations.together(tuple(durations.rows("docs", known))) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (660, "11 min"),
        (3599, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert durations.said(seconds) == words
