"""Who is asked: whose turn it is, and who knows the lines."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import reviewers
from workers.model import Blame
from workers.reviewers import Load

TEAM = ("ada", "bob", "cy", "acme/web")
_NAMES = st.lists(st.text("abcdefgh", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (Load({"ada": 1, "bob": 0, "cy": 2, "acme/web": 1}), "bob"),
        (
            Load({"ada": 1, "bob": 1, "cy": 1, "acme/web": 1}, {"ada": 3, "bob": 2, "cy": 2, "acme/web": 1}),
            "acme/web",
        ),
        (Load({"ada": 0, "bob": 1, "cy": 1, "acme/web": 1}, {"ada": 9}), "ada"),
    ],
)
def test_it_is_the_turn_of_whom_the_fewest_wait_for_then_of_who_was_asked_least(
    load: Load, expected: str
) -> None:
    assert reviewers.chosen(TEAM, 1, load, "key") == (expected,)


def test_where_all_is_equal_the_key_decides_the_same_each_time() -> None:
    turns = [reviewers.chosen(TEAM, 1, Load(), f"key-{n}") for n in range(200)]
    assert turns == [reviewers.chosen(TEAM[::-1], 1, Load(), f"key-{n}") for n in range(200)]
    assert all(count > 20 for count in Counter(turns).values())
    assert len(set(turns)) == len(TEAM)


def test_a_name_is_one_person_however_it_is_written() -> None:
    assert reviewers.chosen(("Ada", "ada"), 2, Load(), "key") == ("ada",)
    assert reviewers.chosen(("Ada", "bob"), 1, Load({"ada": 1}), "key") == ("bob",)
    assert reviewers.chosen((), 1, Load(), "key") == ()


@given(_NAMES, st.integers(1, 3), st.integers(1, 60))
def test_over_many_pull_requests_nobody_is_asked_more_than_once_more_than_another(
    names: list[str], ask: int, count: int
) -> None:
    waiting: Counter[str] = Counter()
    for number in range(count):
        asked = reviewers.chosen(names, ask, Load(waiting), f"key-{number}")
        assert len(asked) == len(set(asked)) == min(ask, len(names))
        waiting.update(asked)
    figures = [waiting[name] for name in names]
    assert max(figures) - min(figures) <= 1


@given(_NAMES, st.integers(5, 40))
def test_who_reviews_at_once_is_not_asked_more_often(names: list[str], count: int) -> None:
    recent: Counter[str] = Counter()
    for number in range(count):
        recent.update(reviewers.chosen(names, 1, Load({}, recent), f"key-{number}"))
    figures = [recent[name] for name in names]
    assert max(figures) - min(figures) <= 1


def test_the_last_day_of_an_absence_still_belongs_to_it() -> None:
    said = {"Ada": date(2026, 12, 31), "bob": date(2026, 12, 30)}
    assert reviewers.away(said, date(2026, 12, 31)) == {"ada": date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("patch", "lines"),
    [
        ("@@ -3,3 +3,3 @@ def f():\n a\n-b\n+c\n d", {4}),
        ("@@ -3,2 +3,3 @@\n a\n+c\n d", {3}),
        ("@@ -1 +1,2 @@\n+c\n a", {1}),
        ("@@ -1,2 +0,0 @@\n-a\n-b", {1, 2}),
        ("@@ -1,2 +1,1 @@\n a\n-b\n@@ -9 +8 @@\n-x\n+y\n\\ No newline at end of file", {2, 9}),
        ("", set()),
    ],
)
def test_the_lines_that_a_hunk_replaces_or_stands_after(patch: str, lines: set[int]) -> None:
    assert reviewers.touched(patch) == lines


def blame(first: int, last: int, login: str, day: int = 1) -> Blame:
    return Blame(first, last, login.title(), date(2026, 1, day), login)


def test_who_wrote_most_of_the_lines_comes_first_then_who_did_so_last() -> None:
    of_one = [blame(1, 2, "ada"), blame(3, 5, "bob", 2), blame(6, 9, "cy", 3)]
    assert reviewers.authors([({1, 3, 4, 7}, of_one)]) == ("bob", "cy", "ada")
    assert reviewers.authors([({1, 3, 4}, of_one), ({1}, [blame(1, 1, "ada")])]) == ("bob", "ada")


def test_neither_bots_nor_ghosts_nor_neighbours_wrote_the_lines() -> None:
    blames = [blame(1, 1, "kotsu[bot]"), blame(2, 2, ""), blame(3, 9, "ada")]
    assert reviewers.authors([({1, 2}, blames)]) == ()
    assert reviewers.authors([]) == ()
