"""Whom there is room for: budgets, whose turn it is, and what people read about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.model import Applicability, Category, Finding
from tests.workers.test_plan import CATALOGUE, NOW, finding, improvement, keys, reasons, targets
from workers import capacity, plan
from workers.capacity import Claim, Outside, Spent
from workers.config import Config
from workers.model import Past, Plan, State
from workers.purses import Price
from workers.reasons import Reason

TEAM = "acme/team"
WIDE = {"limits": {"open": 100, "first": 100, "per_day": 100}}
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def config(**said: object) -> Config:
    return Config.model_validate({**WIDE, "capacity": {"gentle": 0, **said}})


def shared(budget: dict[str, int], **said: object) -> Config:
    return config(team=TEAM, teams={TEAM: budget}, **said)


def made(
    findings: Sequence[Finding],
    given: Config,
    *past: Past,
    now: datetime = NOW,
    outside: Outside = capacity.NOTHING,
) -> Plan:
    return plan.make(findings, CATALOGUE, given, past, now, outside=outside)


def spent(cost: int, *, days: float = 0.1, is_open: bool = True, team: str = TEAM) -> Spent:
    return Spent(Price(team, cost), NOW - timedelta(days=days), is_open)


def sentence(found: Plan, key: str) -> str:
    return next(w.sentence for w in found.later if w.key == key)


# --- budgets


def test_minutes_are_spent_until_the_week_has_none_left() -> None:
    found = made(targets("a", "b", "c"), config(minutes_per_week=9))
    assert keys(found) == ["raise/a", "raise/b"]
    assert reasons(found) == {"raise/c": Reason.MINUTES}
    assert sentence(found, "raise/c") == (
        "Its review takes about 4 minutes, and `capacity.minutes-per-week` has 1 of 9 left this week. "
        "It may change after Monday 2026-03-09 00:00 UTC."
    )


def test_what_was_closed_was_reviewed_all_the_same() -> None:
    before = Past("raise/x", State.CLOSED, NOW - timedelta(hours=1), cost=6)
    assert reasons(made(targets("a"), config(minutes_per_week=9), before)) == {"raise/a": Reason.MINUTES}


def test_last_week_is_over() -> None:
    before = Past("raise/x", State.OPEN, NOW - timedelta(hours=10), cost=6)
    assert keys(made(targets("a"), config(minutes_per_week=9), before)) == ["raise/a"]


def test_a_team_has_one_budget_in_all_its_repositories() -> None:
    given = shared({"minutes_per_week": 10})
    assert keys(made(targets("a"), given, outside=Outside(spent=(spent(6),)))) == ["raise/a"]
    found = made(targets("a"), given, outside=Outside(spent=(spent(7),)))
    assert reasons(found) == {"raise/a": Reason.TEAM_BUDGET}
    assert "the budget of `acme/team` has 3 of 10 left" in sentence(found, "raise/a")


def test_another_team_has_another_budget() -> None:
    given = shared({"minutes_per_week": 10})
    assert keys(made(targets("a"), given, outside=Outside(spent=(spent(9, team="acme/other"),)))) == [
        "raise/a"
    ]


def test_a_team_is_the_same_in_any_case() -> None:
    given = shared({"minutes_per_week": 10})
    found = made(targets("a"), given, outside=Outside(spent=(spent(9, team="Acme/Team"),)))
    assert reasons(found) == {"raise/a": Reason.TEAM_BUDGET}


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"open": 1}, "As many pull requests are open as the organisation's budget allows."),
        (
            {"per_day": 1},
            (
                "As many new pull requests were opened today as the organisation's budget allows. "
                "It may change after Tuesday 2026-03-03 00:00 UTC."
            ),
        ),
    ],
    ids=["open", "new"],
)
def test_the_organisation_has_a_budget_over_all(budget: dict[str, int], words: str) -> None:
    given = config(organisation=budget)
    found = made(targets("a"), given, outside=Outside(spent=(spent(4),)))
    assert reasons(found) == {"raise/a": Reason.ORGANISATION_BUDGET}
    assert sentence(found, "raise/a") == words
    assert keys(made(targets("a"), given, outside=Outside(spent=(spent(4, days=2, is_open=False),)))) == [
        "raise/a"
    ]


def test_a_budget_of_nothing_lets_nothing_in() -> None:
    assert keys(made(targets("a"), config(minutes_per_week=0))) == []


def test_what_is_larger_than_a_week_has_one_for_itself_and_says_so() -> None:
    given = config(minutes_per_week=3)
    (candidate,) = made(targets("a"), given).now
    assert candidate.overdraft
    before = Past("raise/x", State.CLOSED, NOW - timedelta(hours=1), cost=1)
    assert reasons(made(targets("a"), given, before)) == {"raise/a": Reason.MINUTES}


def test_the_only_reviewer_is_the_team() -> None:
    given = config(teams={"acme/web": {}, "acme/Owner": {}})
    assert capacity.team(given, ("acme/web",), "acme/owner") == "acme/web"
    assert capacity.team(given, ("acme/web", "ada"), "acme/owner") == ""
    assert capacity.team(given, (), "acme/owner") == "acme/owner"
    assert capacity.team(given, (), "ada") == ""
    assert capacity.team(config(teams={"Ada": {}}), (), "ada") == "ada"


def test_the_team_that_is_named_comes_before_the_reviewers() -> None:
    both = {"acme/web": {}, "acme/till": {}}
    assert capacity.team(config(team="acme/web", teams=both), ("acme/till",), "ada") == "acme/web"


def test_who_has_no_budget_is_not_charged() -> None:
    assert capacity.team(config(), ("acme/web",), "acme/owner") == ""
    given = config(team="acme/web", teams={"acme/till": {}})
    assert capacity.team(given, ("acme/till",), "ada") == ""


def test_whom_a_rule_asks_pays_for_what_it_matches() -> None:
    rule = {"match": {"improvement": ("raise",)}, "reviewers": (TEAM,)}
    said = {"rules": (rule,), "reviewers": ("acme/rich",), "capacity": {"teams": {TEAM: {"open": 0}}}}
    found = made(targets("a"), Config.model_validate({**WIDE, **said}))
    assert reasons(found) == {"raise/a": Reason.TEAM_BUDGET}


# --- what cannot wait


def test_what_is_urgent_goes_beyond_any_budget_and_says_so() -> None:
    given = shared({"minutes_per_week": 0, "open": 0, "per_day": 0}, hours="00:00-00:01")
    (candidate,) = made([finding("heal", target="a")], given).now
    assert (candidate.overdraft, candidate.team) == (True, TEAM)
    (within,) = made([finding("heal", target="a")], config(minutes_per_week=99)).now
    assert not within.overdraft


def test_who_waits_because_of_it_is_told() -> None:
    before = Past("heal/x", State.OPEN, NOW - timedelta(hours=1), cost=14, overdraft=True)
    found = made(targets("a"), config(minutes_per_week=9), before)
    assert "has 0 of 9 left this week (5 were spent beyond it, on what could not wait)" in sentence(
        found, "raise/a"
    )


@pytest.mark.parametrize(("ends", "is_urgent"), [("2026-03-02", True), ("2026-03-03", False), ("", False)])
def test_what_has_come_to_its_end_cannot_wait(ends: str, *, is_urgent: bool) -> None:
    catalogue = {
        **CATALOGUE,
        "leave": improvement("leave", Category.LIFECYCLE, Applicability.SAFE),
        "raise": CATALOGUE["raise"],
    }
    leaving = replace(finding("leave", target="a"), ends=ends)
    raising = replace(finding("raise", target="b"), ends="2000-01-01")
    found = plan.make([leaving, raising], catalogue, config(minutes_per_week=0), (), NOW)
    assert keys(found) == (["leave/a"] if is_urgent else [])


def test_what_is_open_keeps_its_price() -> None:
    before = Past("raise/a", State.OPEN, NOW, cost=77, team="acme/old", overdraft=True)
    (candidate,) = made(targets("a"), shared({"minutes_per_week": 1}), before).now
    assert (candidate.cost, candidate.team, candidate.overdraft) == (77, "acme/old", True)


# --- when


def test_out_of_hours_nothing_is_opened_and_everybody_learns_when() -> None:
    given = config(hours="10:00-12:00", minutes_per_week=4)
    found = made(targets("a", "b"), given)
    assert reasons(found) == {"raise/a": Reason.OUT_OF_HOURS, "raise/b": Reason.MINUTES}
    assert sentence(found, "raise/a").endswith("It may change after Monday 2026-03-02 10:00 UTC.")
    assert capacity.look_again(found.later, NOW) == NOW + timedelta(hours=1)
    assert keys(made(targets("a", "b"), given, now=NOW + timedelta(hours=1))) == ["raise/a"]


def test_nothing_is_planned_for_who_names_no_day() -> None:
    found = made(targets("a"), config(days=()))
    assert reasons(found) == {"raise/a": Reason.OUT_OF_HOURS}
    assert capacity.look_again(found.later, NOW) == NOW + DAY


def test_the_first_weeks_are_gentle() -> None:
    limits = {"open": 9, "first": 1, "per_day": 9}
    given = Config.model_validate({"limits": limits})
    first = Past("raise/x", State.OPEN, NOW - timedelta(days=13))
    found = made(targets("a"), given, first)
    assert reasons(found) == {"raise/a": Reason.GENTLE}
    assert sentence(found, "raise/a").endswith("It may change after Tuesday 2026-03-03 09:00 UTC.")
    assert keys(made(targets("a"), given, replace(first, opened=NOW - 14 * DAY))) == ["raise/a"]
    assert keys(made(targets("a"), given, replace(first, state=State.MERGED))) == ["raise/a"]


def test_who_wants_nothing_at_first_gets_one_after_the_other() -> None:
    given = Config.model_validate({"limits": {"first": 0, "per_day": 1, "open": 9}})
    assert keys(made(targets("a", "b"), given)) == ["raise/a"]


def test_a_repository_is_looked_at_each_day_and_sooner_where_that_may_help() -> None:
    assert capacity.look_again((), NOW) == NOW + DAY
    found = made(targets("a", "b"), config(minutes_per_week=4))
    assert capacity.look_again(found.later, NOW) == NOW + DAY
    found = made(targets("a", "b"), config(per_day=1))
    assert capacity.look_again(found.later, NOW) == NOW + timedelta(hours=15)


@pytest.mark.parametrize(
    ("state", "hours", "due"),
    [
        (State.CLOSED, 3, timedelta(hours=3)),
        (State.CLOSED, 30, DAY),
        (State.CLOSED, -1, DAY),
        (State.CLOSED, 0, DAY),
        (State.OPEN, 3, DAY),
    ],
)
def test_what_rests_up_to_a_moment_is_looked_at_then(state: State, hours: int, due: timedelta) -> None:
    rests = Past("raise/a", state, NOW - 9 * DAY, word="snooze", until=NOW + timedelta(hours=hours))
    assert capacity.look_again((), NOW, [rests, replace(rests, until=None)]) == NOW + due


# --- whose turn it is


def test_the_most_valuable_for_a_minute_comes_first() -> None:
    cheap, dear = finding("raise", target="a"), finding("raise", target="b", lines=190)
    assert keys(made([dear, cheap], config(open=1))) == ["raise/a"]


def test_what_has_waited_comes_before_what_is_new() -> None:
    before = Outside(since={"raise/b": NOW - 5 * DAY})
    assert keys(made(targets("a", "b"), config(open=1))) == ["raise/a"]
    assert keys(made(targets("a", "b"), config(open=1), outside=before)) == ["raise/b"]


def test_nobody_takes_what_the_longest_waiting_does_not_find_enough_of() -> None:
    large = [finding("sweep", f"{n}.py") for n in range(9)]
    given = config(minutes_per_week=18)
    spends = Past("raise/x", State.CLOSED, NOW - timedelta(hours=1), cost=4)
    assert keys(made([*large, *targets("a")], given, spends)) == ["raise/a"]
    waited = Outside(since={"sweep": NOW - 40 * DAY})
    assert keys(made([*large, *targets("a")], given, spends, outside=waited)) == []
    assert keys(made([*large, *targets("a")], given, outside=waited)) == ["sweep"]


def claim(cost: int, *, value: int = 45, waited: int = 1, name: str = "9:raise/z") -> Claim:
    return Claim(Price(TEAM, cost), value, NOW - waited * DAY, name)


def test_what_waits_elsewhere_and_is_worth_more_keeps_its_place() -> None:
    given = shared({"minutes_per_week": 7})
    better = Outside(claims=(claim(4, value=90),))
    found = made(targets("a"), given, outside=better)
    assert reasons(found) == {"raise/a": Reason.TEAM_BUDGET}
    assert "4 of them for what comes first elsewhere" in sentence(found, "raise/a")
    assert keys(made(targets("a"), given, outside=Outside(claims=(claim(4, value=9),)))) == ["raise/a"]


def test_what_waits_elsewhere_and_does_not_fit_holds_nobody_up() -> None:
    given, used = shared({"minutes_per_week": 10}), (spent(4),)
    better = Outside(spent=used, claims=(claim(8, value=99),))
    assert keys(made(targets("a"), given, outside=better)) == ["raise/a"]


def test_but_for_who_has_waited_too_long() -> None:
    given, used = shared({"minutes_per_week": 10}), (spent(4),)
    oldest = Outside(spent=used, claims=(claim(8, waited=50),))
    assert reasons(made(targets("a"), given, outside=oldest)) == {"raise/a": Reason.TEAM_BUDGET}


def test_two_repositories_agree_on_whose_turn_it_is() -> None:
    given = shared({"minutes_per_week": 4})
    since = {"raise/a": NOW - DAY}

    def seen(place: str, other: str) -> Plan:
        elsewhere = (claim(4, name=f"{other}:raise/a"),)
        return made(targets("a"), given, outside=Outside(claims=elsewhere, since=since, place=f"{place}:"))

    assert [keys(seen("1", "2")), keys(seen("2", "1"))] == [["raise/a"], []]


# --- all of it

NAMES = [f"t{n}" for n in range(6)]
FINDINGS = st.lists(
    st.builds(
        lambda id_, name, lines: finding(id_, target=name, lines=lines),
        st.sampled_from(["raise", "guard", "heal"]),
        st.sampled_from(NAMES),
        st.sampled_from([1, 30, 150]),
    ),
    max_size=12,
    unique_by=lambda f: (f.improvement, f.target),
)
SINCE = st.dictionaries(
    st.sampled_from([f"{id_}/{name}" for id_ in ("raise", "guard") for name in NAMES]),
    st.integers(0, 70).map(lambda days: NOW - days * DAY),
)
BUDGETS = st.fixed_dictionaries(
    {},
    optional={
        "open": st.integers(0, 5),
        "per_day": st.integers(0, 5),
        "minutes_per_week": st.integers(0, 60),
    },
)


@settings(deadline=None, max_examples=150)
@given(
    findings=FINDINGS,
    since=SINCE,
    own=BUDGETS,
    team=BUDGETS,
    organisation=BUDGETS,
    used=st.lists(st.integers(1, 30), max_size=3),
)
def test_no_budget_is_exceeded_and_nobody_starves(  # noqa: PLR0913 -- what an admission depends on
    *,
    findings: list[Finding],
    since: dict[str, datetime],
    own: dict[str, int],
    team: dict[str, int],
    organisation: dict[str, int],
    used: list[int],
) -> None:
    given = config(**own, team=TEAM, teams={TEAM: team}, organisation=organisation)
    outside = Outside(spent=tuple(spent(cost) for cost in used), since=since)
    found = made(findings, given, outside=outside)
    assert found == made(findings[::-1], given, outside=outside)
    for budget, before in ((own, []), (team, used), (organisation, used)):
        within = [c for c in found.now if not c.overdraft]
        spends = sum(before) + sum(c.cost for c in within)
        assert not within or spends <= budget.get("minutes_per_week", spends)
        count = len(before) + len(within)
        assert not within or count <= min(budget.get("open", count), budget.get("per_day", count))
    # Whoever is past the deadline waits for nobody who is not.
    late = [w for w in found.later if w.wait and NOW - w.wait.since > capacity.patience(w.wait.value)]
    if late:
        got_in = [c for c in found.now if not c.urgent]
        assert all(NOW - since.get(c.key, NOW) >= capacity.patience(c.value) / 2 for c in got_in)


@given(
    value=st.integers(1, 160),
    other=st.integers(1, 160),
    cost=st.integers(1, 300),
    days=st.integers(0, 400),
    waited=st.integers(0, 55),
)
def test_past_its_deadline_something_comes_before_all_that_is_younger_and_not(
    value: int, other: int, cost: int, days: int, waited: int
) -> None:
    late = NOW - capacity.patience(value) - timedelta(days=days, seconds=1)
    younger = NOW - min(timedelta(days=waited), capacity.patience(other))
    first = capacity.rank(Price("", cost), value, late, NOW, "z")
    assert first < capacity.rank(Price("", 1), other, younger, NOW, "a")


def test_patience_is_two_to_eight_weeks() -> None:
    assert [capacity.patience(value) for value in (1, 40, 160)] == [8 * WEEK, 36 * DAY, 2 * WEEK]
