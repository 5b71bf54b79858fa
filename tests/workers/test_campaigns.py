"""Waves and brakes: what a campaign comes to, decided from how its repositories stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import campaigns
from workers.campaigns import Course, Member, Seen, Stand, Standing
from workers.ledger.surveys import Look
from workers.wants import Campaign

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPEN, MERGED, IDLE, SILENT, REJECTED, WAITING = (
    Standing.OPEN,
    Standing.MERGED,
    Standing.IDLE,
    Standing.SILENT,
    Standing.REJECTED,
    Standing.WAITING,
)


def _course(waves: tuple[int, ...] = (1, 5), brake: int = 20, improvement: str = "aware-utcnow") -> Course:
    said = Campaign(improvement=improvement, repositories=("*",), waves=waves, brake=brake)
    return campaigns.begun(1, "clean", said, NOW, NOW)


def _all(count: int, standing: Standing = WAITING, **others: Standing) -> list[Member]:
    """Return members in the campaign's order; ``others`` name the standing of some by their place."""
    found = campaigns.ordered("clean", [Member(n, f"acme/r{n}", standing) for n in range(count)])
    return [replace(m, standing=others.get(f"n{place}", standing)) for place, m in enumerate(found)]


def _run(course: Course, *steps: list[Member]) -> Course:
    for members in steps:
        course = campaigns.advanced(course, members, NOW)
    return course


def _sizes(course: Course) -> list[int]:
    return [len(wave) for wave in course.waves]


def test_waves_open_one_after_the_other() -> None:
    one = _run(_course(), _all(8))
    assert _sizes(one) == [1]
    two = _run(one, _all(8, n0=MERGED))
    assert _sizes(two) == [1, 5]
    rest = _run(two, _all(8, MERGED, n6=WAITING, n7=WAITING))
    assert _sizes(rest) == [1, 5, 2]
    done = _run(rest, _all(8, MERGED))
    assert (done.state, done.reason) == (Stand.DONE, "")


@pytest.mark.parametrize(
    "held",
    [
        s
        for s in Standing
        if s not in (IDLE, SILENT, Standing.PAUSED, MERGED, REJECTED, Standing.BROKEN, Standing.FAILED)
    ],
)
def test_a_wave_waits_for_each_of_its_repositories(held: Standing) -> None:
    course = _run(_course((2,)), _all(8), _all(8, n0=MERGED, n1=held))
    assert (_sizes(course), course.state) == ([2], Stand.RUNNING)
    assert course.reason.endswith(held.value)


def test_a_repository_with_nothing_to_do_leaves_its_place_to_another() -> None:
    course = _run(_course(), _all(8), _all(8, n0=IDLE))
    assert _sizes(course) == [2]
    assert _sizes(_run(course, _all(8, n0=IDLE, n1=MERGED))) == [2, 5]


def test_where_nobody_has_anything_to_do_it_is_done() -> None:
    assert _run(_course(), _all(8, IDLE)).state is Stand.DONE
    assert _run(_course(), []).state is Stand.DONE


def test_a_question_that_nobody_answers_holds_no_wave() -> None:
    course = _run(_course(), _all(8), _all(8, n0=SILENT))
    assert _sizes(course) == [2]
    two = _run(course, _all(8, n0=SILENT, n1=MERGED))
    assert _sizes(two) == [2, 5]
    assert _run(course, _all(8, n0=SILENT, n1=REJECTED)).state is Stand.STOPPED


@pytest.mark.parametrize("quiet", [SILENT, Standing.PAUSED])
def test_a_campaign_is_not_done_before_the_last_has_answered_and_joined(quiet: Standing) -> None:
    silent = _run(_course(()), _all(3, MERGED, n1=quiet))
    assert (silent.state, _sizes(silent)) == (Stand.RUNNING, [2])
    assert silent.reason.endswith(quiet.value)
    joined = _run(silent, _all(3, MERGED, n1=WAITING))
    assert (joined.state, _sizes(joined)) == (Stand.RUNNING, [3])
    assert _run(joined, _all(3, MERGED)).state is Stand.DONE
    assert _run(silent, _all(3, MERGED, n1=IDLE)).state is Stand.DONE


def test_a_repository_that_is_gone_holds_nobody_up() -> None:
    course = _run(_course(), _all(8))
    assert _sizes(_run(course, _all(8)[1:])) == [1]
    assert _run(course, _all(8)[1:]).waves != course.waves


def test_a_new_repository_waits_for_its_wave_or_joins_the_last() -> None:
    course = _run(_course((1,)), _all(3), _all(4))
    assert _sizes(course) == [1]
    ((first,),) = course.waves

    def done(count: int) -> list[Member]:
        return [replace(m, standing=MERGED if m.id == first else OPEN) for m in _all(count)]

    rest = _run(course, done(4))
    assert _sizes(rest) == [1, 3]
    assert _sizes(_run(rest, done(6))) == [1, 5]


def test_a_no_in_a_wave_of_one_stops_it() -> None:
    course = _run(_course(), _all(8), _all(8, n0=REJECTED))
    assert (course.state, _sizes(course)) == (Stand.STOPPED, [1])
    assert course.reason == "1 of 1 pull request failed or met with a no, and its brake is at 20 %"
    assert _run(course, _all(8, MERGED)) == course


@pytest.mark.parametrize("wrong", [REJECTED, Standing.FAILED, Standing.BROKEN])
def test_two_of_six_stop_it_and_one_does_not(wrong: Standing) -> None:
    two = _run(_course(), _all(8), _all(8, n0=MERGED))
    assert _run(two, _all(8, OPEN, n0=MERGED, n1=wrong)).state is Stand.RUNNING
    assert _run(two, _all(8, OPEN, n0=MERGED, n1=wrong, n2=wrong)).state is Stand.STOPPED


def test_below_the_share_it_goes_on() -> None:
    two = _run(_course(brake=50), _all(8), _all(8, n0=MERGED))
    assert _run(two, _all(8, OPEN, n0=MERGED, n1=REJECTED, n2=REJECTED)).state is Stand.RUNNING


def test_one_no_among_others_lets_the_next_wave_open() -> None:
    two = _run(_course(), _all(8), _all(8, n0=MERGED))
    assert _sizes(_run(two, _all(8, MERGED, n1=REJECTED, n6=WAITING, n7=WAITING))) == [1, 5, 2]


@given(
    st.lists(st.lists(st.sampled_from(list(Standing)), min_size=9, max_size=9), max_size=8),
    st.lists(st.integers(1, 4), max_size=3),
)
def test_whatever_happens_no_wave_holds_more_than_it_may(
    history: list[list[Standing]], sizes: list[int]
) -> None:
    course, order = _course(tuple(sizes)), _all(9)
    for standings in history:
        known = dict(zip([m.id for m in order], standings, strict=True))
        members = [replace(m, standing=known[m.id]) for m in order]
        before = course
        course = campaigns.advanced(course, members, NOW)
        assert campaigns.advanced(before, members[::-1], NOW) == course
        opened = [id_ for wave in course.waves for id_ in wave]
        assert len(opened) == len(set(opened))
        assert len(course.waves) <= len(before.waves) + 1 <= course.total + 1
        for size, wave, was in zip(course.sizes, course.waves, (*before.waves, ()), strict=False):
            assert sum(known[id_] not in (IDLE, SILENT) for id_ in wave if id_ not in was) <= size
        assert course.state is not Stand.DONE or before.state is Stand.DONE or SILENT not in standings


def test_what_belongs_to_it_is_told_by_key() -> None:
    whole, one = _course(), _course(improvement="upgrade-dependency/django")
    assert [whole.is_about(key) for key in ("aware-utcnow", "aware-utcnow.2", "aware-utc")] == [
        True,
        True,
        False,
    ]
    assert one.is_about("upgrade-dependency/django")
    assert not one.is_about("upgrade-dependency/flask")
    assert _course(improvement="upgrade-dependency").is_about("upgrade-dependency/zope.2")


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("*", "acme/shop", True),
        ("shop*", "acme/Shop-2", True),
        ("Shop", "acme/shop", True),
        ("acme/shop", "acme/shop", True),
        ("other/*", "acme/shop", False),
        ("acme*", "acme/shop", False),
    ],
)
def test_patterns_are_about_names(pattern: str, name: str, *, covered: bool) -> None:
    assert replace(_course(), repositories=(pattern,)).covers(name) is covered


def test_outside_of_an_open_wave_one_sentence_says_what_it_waits_for() -> None:
    course = replace(_course(), waves=((7,),))
    (inside,) = campaigns.turns([course], 7, "acme/a")
    (outside,) = campaigns.turns([course], 8, "acme/b")
    assert (inside.is_open, outside.is_open) == (True, False)
    assert outside.sentence == (
        "It belongs to the campaign `clean`: wave 2 of 3 opens when wave 1 is merged and its default "
        "branches stayed green."
    )
    assert campaigns.turns([replace(course, state=Stand.DONE)], 8, "acme/b") == ()


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Seen(is_new=False), Standing.UNKNOWN),
        (Seen(is_new=True), IDLE),
        (Seen(is_new=True, waiting=("disabled", "advice")), IDLE),
        (Seen(is_new=True, waiting=("disabled", "open-limit")), WAITING),
        (Seen(is_new=True, waiting=("campaign",)), WAITING),
        (Seen(is_new=True, waiting=("onboarding",)), WAITING),
        (Seen(is_new=True, waiting=("onboarding", "advice"), is_silent=True), SILENT),
        (Seen(is_new=True, waiting=("campaign",), is_silent=True), WAITING),
        (Seen(is_new=True, waiting=("advice",), is_silent=True), IDLE),
        (Seen(is_new=True, is_open=True, waiting=("series-limit",)), OPEN),
        (Seen(is_new=True, is_open=True, is_red=True), Standing.FAILED),
        (Seen(is_new=True, merged=True), MERGED),
        (Seen(is_new=False, merged=True), Standing.UNKNOWN),
        (Seen(is_new=True, merged=True, waiting=("day-limit",)), WAITING),
        (Seen(is_new=True, merged=True, rejected=True), REJECTED),
        (Seen(is_new=True, failed=True), Standing.BROKEN),
    ],
)
def test_done_is_what_a_scan_says(seen: Seen, found: Standing) -> None:
    assert campaigns.standing(seen) is found


@pytest.mark.parametrize(
    ("kept", "outcome", "stands"),
    [
        ([("aware-utcnow", "repository-paused")], "done", Standing.PAUSED),
        ([("configure", "repository-paused")], "done", Standing.PAUSED),
        ([("bare-except", "repository-paused")], "done", IDLE),
        ([("aware-utcnow", "repository-paused")], "broken configuration", IDLE),
        ([("aware-utcnow", "open-limit")], "done", WAITING),
        ([("aware-utcnow", "declined")], "done", IDLE),
    ],
)
def test_one_that_somebody_paused_is_known_by_what_waits_there(
    kept: list[tuple[str, str]], outcome: str, stands: Standing
) -> None:
    found = campaigns.seen(_course(), (), Look(NOW, outcome), kept, NOW)
    assert campaigns.standing(found) is stands
