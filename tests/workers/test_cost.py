"""What a review is estimated at, and what a proposal is worth."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods.model import Applicability, Category, Edit, Upgrade
from workers import cost

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE


def edit(path: str = "a.py", lines: int = 1) -> Edit:
    return Edit(path, b"old\n" * lines, b"new\n" * lines)


def upgrade(before: str, after: str) -> Upgrade:
    return Upgrade("shelf", Version(before), Version(after))


def test_the_smallest_costs_four_minutes() -> None:
    assert cost.minutes([edit()], 1, SAFE) == 4


def test_more_files_places_and_lines_cost_more() -> None:
    small = cost.minutes([edit()], 1, SAFE)
    assert cost.minutes([edit(), edit("b.py")], 2, SAFE) > small
    assert cost.minutes([edit()], 5, SAFE) > small
    assert cost.minutes([edit(lines=60)], 1, SAFE) > small


def test_what_may_change_behaviour_is_thought_about_twice_as_long() -> None:
    edits = [edit(f"{n}.py") for n in range(9)]
    assert cost.minutes(edits, 20, UNSAFE) - 2 in range(2 * (cost.minutes(edits, 20, SAFE) - 2) - 1, 99)


def test_tests_are_read_faster() -> None:
    edits = [edit(f"{n}.py") for n in range(9)]
    tests = [edit(f"tests/test_{n}.py") for n in range(9)]
    assert cost.minutes(tests, 9, SAFE) < cost.minutes(edits, 9, SAFE)


def test_a_major_version_costs_more_than_a_minor_one_and_that_more_than_a_patch() -> None:
    steps = [("1.2.3", "2.0"), ("1.2.3", "1.3"), ("1.2.3", "1.2.4")]
    assert [cost.minutes([edit()], 1, UNSAFE, [upgrade(*step)]) for step in steps] == [12, 6, 4]


def test_nobody_reads_the_lines_of_a_lock_file() -> None:
    patch = [upgrade("1.2.3", "1.2.4")]
    large = [edit(), edit("uv.lock", 900)]
    assert cost.minutes(large, 2, UNSAFE, patch) == cost.minutes([edit()], 1, UNSAFE, patch)


def test_a_group_costs_less_than_its_members_one_by_one() -> None:
    members = [upgrade("1.2.3", "1.3")] * 4
    alone = cost.minutes([edit()], 1, UNSAFE, members[:1])
    assert alone < cost.minutes([edit()], 4, UNSAFE, members) < 4 * alone


@pytest.mark.parametrize("category", Category)
def test_what_is_safe_and_saves_work_is_worth_more(category: Category) -> None:
    assert cost.value(category, SAFE, 5) > cost.value(category, UNSAFE, 5) > 0
    assert cost.value(category, SAFE, 30) > cost.value(category, SAFE, 5)
    assert cost.value(category, SAFE, 6000) == cost.value(category, SAFE, 60)
