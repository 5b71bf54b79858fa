"""The search for what breaks a group: it finds every culprit, within its bound, whatever the checks say."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import halving
from workers.halving import Found, GivenUp, Outcome, Try, Why

Oracle = Callable[[frozenset[str]], Outcome]
PLENTY = 10_000


def names(count: int) -> tuple[str, ...]:
    return tuple(f"m{number:02}" for number in range(count))


def searched(
    members: tuple[str, ...], oracle: Oracle, budget: int = PLENTY
) -> tuple[Found | GivenUp, list[tuple[str, ...]]]:
    """Search to the end; return the answer and what was run for it."""
    results: dict[frozenset[str], Outcome] = {}
    runs: list[tuple[str, ...]] = []
    while isinstance(done := halving.step(members, results, budget), Try):
        tried = frozenset(done.members)
        assert tried not in results, "nothing is tried twice"
        results[tried] = oracle(tried)
        runs += [done.members] if results[tried] is not Outcome.UNBUILT else []
    return done, runs


def broken_by(*sets: set[str]) -> Oracle:
    """Checks that fail where all members of any of these sets are there."""
    return lambda tried: Outcome.RED if any(one <= tried for one in sets) else Outcome.GREEN


def bound(count: int) -> int:
    return math.ceil(math.log2(count)) + 1


@pytest.mark.parametrize(
    ("sets", "apart"),
    [
        ([{"m02"}], [("m02",)]),
        ([{"m00"}], [("m00",)]),
        ([{"m07"}], [("m07",)]),
        ([{"m01"}, {"m06"}], [("m01",), ("m06",)]),
        ([{"m03", "m05"}], [("m05",)]),
        ([{"m00", "m07"}], [("m07",)]),
        ([{"m01"}, {"m02", "m04"}], [("m01",), ("m04",)]),
        ([{"m00"}, {"m03"}, {"m07"}], [("m00",), ("m03",), ("m07",)]),
        ([set(names(8))], [("m07",)]),
        ([{name} for name in names(8)], [(name,) for name in names(8)]),
    ],
)
def test_culprits_are_found_also_those_that_fail_only_together(
    sets: list[set[str]], apart: list[tuple[str, ...]]
) -> None:
    done, runs = searched(names(8), broken_by(*sets))
    gone = {name for culprit in apart for name in culprit}
    assert done == Found(tuple(apart), tuple(n for n in names(8) if n not in gone))
    assert len(runs) <= len(apart) * bound(8)


@given(st.data())
def test_a_culprit_costs_no_more_than_its_bound(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 64))
    some = st.sets(st.sampled_from(names(count)), min_size=1, max_size=3)
    sets = data.draw(st.lists(some, min_size=1, max_size=3))
    done, runs = searched(names(count), broken_by(*sets))
    assert isinstance(done, Found)
    assert broken_by(*sets)(frozenset(done.green)) is Outcome.GREEN
    assert all(any(culprit[0] in one for one in sets) for culprit in done.culprits)
    assert 1 <= len(done.culprits) <= sum(map(len, sets))
    assert len(runs) <= len(done.culprits) * bound(count)


@given(st.data())
def test_as_many_culprits_as_break_it_alone_are_set_apart_and_no_others(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 64))
    guilty = data.draw(st.sets(st.sampled_from(names(count)), min_size=1, max_size=3))
    done, runs = searched(names(count), broken_by(*({name} for name in guilty)))
    assert done == Found(
        tuple((n,) for n in sorted(guilty)), tuple(n for n in names(count) if n not in guilty)
    )
    assert len(runs) <= len(guilty) * bound(count)


@given(st.data())
def test_checks_without_sense_end_in_something_green_or_in_giving_up(data: st.DataObject) -> None:
    count, budget = data.draw(st.integers(2, 24)), data.draw(st.integers(0, 40))
    said: dict[frozenset[str], Outcome] = {}

    def oracle(tried: frozenset[str]) -> Outcome:
        return said.setdefault(tried, data.draw(st.sampled_from(Outcome)))

    done, runs = searched(names(count), oracle, budget)
    assert len(runs) <= budget
    if isinstance(done, Found):
        assert not done.green or said[frozenset(done.green)] is Outcome.GREEN
        assert sorted([*(n for c in done.culprits for n in c), *done.green]) == list(names(count))
        assert done.culprits


@given(st.integers(2, 64), st.integers(0, 12))
def test_a_search_never_costs_more_than_its_budget(count: int, budget: int) -> None:
    done, runs = searched(names(count), broken_by(*({name} for name in names(count))), budget)
    assert len(runs) <= budget
    assert isinstance(done, Found) or done == GivenUp(Why.BUDGET)


def test_without_a_budget_nothing_is_tried() -> None:
    assert halving.step(names(4), {}, 0) == GivenUp(Why.BUDGET)


def test_where_nothing_runs_the_search_ends_at_once() -> None:
    done, runs = searched(names(8), lambda _: Outcome.NONE)
    assert done == GivenUp(Why.SILENT)
    assert len(runs) == 1


def test_members_that_cannot_move_without_each_other_are_one_culprit() -> None:
    def oracle(tried: frozenset[str]) -> Outcome:
        if len(tried & {"m02", "m03"}) == 1:
            return Outcome.UNBUILT
        return Outcome.RED if "m03" in tried else Outcome.GREEN

    done, runs = searched(names(6), oracle)
    assert done == Found((("m02", "m03"),), ("m00", "m01", "m04", "m05"))
    assert len(runs) <= bound(6)


def test_a_group_of_which_no_part_can_move_stays_as_it_is() -> None:
    def oracle(tried: frozenset[str]) -> Outcome:
        return Outcome.RED if len(tried) == 4 else Outcome.UNBUILT

    done, runs = searched(names(4), oracle)
    assert (done, runs) == (GivenUp(Why.WHOLE), [])
    assert [why for why in Why if GivenUp(why).is_harmless] == [Why.UNSTEADY, Why.WHOLE]


def test_where_the_rest_cannot_move_without_the_culprit_the_search_ends() -> None:
    def oracle(tried: frozenset[str]) -> Outcome:
        if "m03" in tried and "m00" not in tried:
            return Outcome.UNBUILT
        return Outcome.RED if "m00" in tried else Outcome.GREEN

    assert searched(names(4), oracle)[0] == GivenUp(Why.TOGETHER)


def test_two_members_need_two_runs() -> None:
    done, runs = searched(names(2), broken_by({"m01"}))
    assert done == Found((("m01",),), ("m00",))
    # That the rest is green is known before it is the rest.
    assert runs == [("m00",), ("m00", "m01")]


@given(st.integers(2, 64))
def test_nobody_is_blamed_where_all_of_it_passes(count: int) -> None:
    done, runs = searched(names(count), broken_by())
    assert done == GivenUp(Why.UNSTEADY)
    assert len(runs) <= bound(count)
