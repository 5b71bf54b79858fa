"""The capacity: which team is overloaded, what is left of its week, and who is next, of what one may see."""

from __future__ import annotations

from datetime import timedelta

from app.pages import capacity
from tests.app.looking import ACME, BOB, LOCAL, OTHER, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers import budgets
from workers.budgets import Bounds, Shared
from workers.ledger import Standing, WithheldRow
from workers.reasons import Reason

DAY = timedelta(days=1)
WEB, OPS, NET = "acme/web", "acme/ops", "acme/net"


def reviews(  # noqa: PLR0913 -- whose, how many and what they cost
    looker: Looker, team: str, count: int, cost: int, *, first: int = 1, repository: int = SHOP
) -> None:
    for number in range(first, first + count):
        looker.pull(
            repository, number, team=team, cost=cost, reviewers=("mira",), asked_at=NOW - number * DAY
        )


def known(looker: Looker, repository: int, shared: Shared) -> None:
    looker.book.remember({budgets.key(repository): budgets.written(shared)}, NOW)


def waits(key: str, cost: int, value: int, days: int, team: str = WEB) -> WithheldRow:
    since = NOW - days * DAY
    words = f"{key} waits."
    return WithheldRow(key, "i", key, Reason.TEAM_BUDGET.id, words, (), since, NOW, cost, value, team)


def test_the_team_with_more_than_a_week_of_reviews_is_overloaded(looker: Looker) -> None:
    known(looker, SHOP, Shared(teams={WEB: Bounds(minutes=30), OPS: Bounds(minutes=31)}))
    reviews(looker, WEB, 3, 11)
    reviews(looker, OPS, 1, 31, first=10)
    shown = looker.at(capacity)
    assert (
        shown.lead
        == "Overloaded: acme/web (3 pull requests, 33 minutes where a week has 30, the oldest for 3 days)."
    )
    assert column(shown, "teams", "team") == [WEB, OPS]
    assert column(shown, "teams", "load") == ["overloaded", "fits"]
    assert column(shown, "teams", "budget") == [30, 31]
    assert "over" in shown.table("teams").chart


def test_without_a_budget_it_is_the_one_with_far_more_than_the_others(looker: Looker) -> None:
    reviews(looker, WEB, 4, 31)
    reviews(looker, OPS, 2, 30, first=10)
    reviews(looker, NET, 2, 20, first=20)
    shown = looker.at(capacity)
    assert shown.lead.startswith("Overloaded: acme/web (4 pull requests, 124 minutes")
    assert column(shown, "teams", "load") == ["overloaded", "fits", "fits"]


def test_a_little_is_never_too_much_and_one_team_alone_has_no_others(looker: Looker) -> None:
    reviews(looker, WEB, 1, 60)
    reviews(looker, OPS, 1, 1, first=10)
    assert looker.at(capacity).lead.startswith("No team is overloaded. Most waits for acme/web (1 pull")
    reviews(looker, OPS, 9, 60, first=10, repository=VAULT)
    assert column(looker.at(capacity), "teams", "load") == ["fits", "fits"]


def test_what_is_spent_counts_from_monday_and_kotsu_yml_costs_nothing(looker: Looker) -> None:
    known(looker, SHOP, Shared(organisation=Bounds(minutes=100)))
    looker.pull(SHOP, 1, team=WEB, cost=7, opened=NOW.replace(hour=0), state="merged", days=0.1)
    looker.pull(SHOP, 2, team=WEB, cost=9, opened=NOW.replace(hour=0) - timedelta(seconds=1))
    shown = looker.at(capacity)
    assert figures(shown)["spent"] == 7
    assert [one.words for one in shown.figures if one.key == "spent"] == ["7 of 100"]
    assert column(shown, "teams", "spent") == [7]


def test_the_week_begins_where_the_organisation_is(looker: Looker) -> None:
    known(looker, SHOP, Shared(zone="Asia/Tokyo"))
    looker.pull(SHOP, 1, team=WEB, cost=7, opened=NOW.replace(hour=0) - timedelta(hours=9))
    assert figures(looker.at(capacity))["spent"] == 7


def test_who_is_next_is_who_is_next_in_the_plan(looker: Looker) -> None:
    looker.book.replace_withheld(SHOP, [waits("dear", 60, 60, 1), waits("cheap", 1, 60, 1)])
    looker.book.replace_withheld(SITE, [waits("old", 60, 1, 40)])
    shown = looker.at(capacity)
    assert column(shown, "next", "title") == ["old", "cheap", "dear"]
    assert column(shown, "next", "place") == [1, 2, 3]
    assert column(shown, "next", "sentence") == ["old waits.", "cheap waits.", "dear waits."]
    assert column(shown, "teams", "queue") == [3]


def test_what_was_not_answered_is_counted_for_each_who_was_asked(looker: Looker) -> None:
    looker.pull(SHOP, 1, reviewers=("mira", "sam"), cost=5)
    looker.pull(SHOP, 2, reviewers=("mira",), cost=6)
    looker.pull(SHOP, 3, reviewers=("mira",), cost=7, reviewed_at=NOW)
    looker.pull(SHOP, 4, reviewers=("mira",), cost=7, stage="held")
    shown = looker.at(capacity)
    assert list(
        zip(*(column(shown, "owners", key) for key in ("owner", "reviews", "minutes")), strict=True)
    ) == [
        ("mira", 2, 11),
        ("sam", 1, 5),
    ]


def test_many_teams_and_reviewers_go_on_where_the_list_ended(looker: Looker) -> None:
    for number in range(1, 102):
        looker.pull(SHOP, number, team=f"acme/{number}", reviewers=(f"mira{number}",), cost=number)
    shown = looker.at(capacity)
    for name in ("teams", "owners"):
        assert (len(shown.table(name).rows), shown.table(name).more) == (
            100,
            f"/capacity?{name}-from=100#{name}",
        )
    assert column(looker.at(capacity, **{"teams-from": "100"}), "teams", "team") == ["acme/1"]


def test_a_team_that_nothing_here_is_charged_for_is_not_named(looker: Looker) -> None:
    known(looker, SHOP, Shared(teams={"acme/secret": Bounds(minutes=30)}))
    shown = looker.at(capacity)
    assert "secret" not in str(shown)
    assert shown.lead == "No team has anything to review."


def test_what_is_elsewhere_is_neither_shown_nor_counted(looker: Looker) -> None:
    known(looker, VAULT, Shared(teams={"other/core": Bounds(minutes=1)}))
    reviews(looker, "other/core", 3, 40, repository=VAULT)
    looker.book.replace_withheld(VAULT, [waits("k", 1, 1, 1, "other/core")])
    reviews(looker, WEB, 1, 40, repository=SITE)
    shown = looker.at(capacity, BOB)
    assert figures(shown) == {"reviews": 0, "minutes": 0, "spent": 0, "room": 0}
    assert [table.rows for table in shown.tables] == [[], [], []]
    assert "other" not in str(shown)
    assert column(looker.at(capacity, LOCAL), "teams", "load") == ["overloaded", "fits"]


def test_a_budget_that_another_version_wrote_is_not_known(looker: Looker) -> None:
    for text in ("no json", "[]", "{}", '{"zone": "UTC", "organisation": {"new": 1}, "teams": {}}'):
        looker.book.remember({budgets.key(SHOP): text}, NOW)
        assert budgets.read(text) is None
        reviews(looker, WEB, 1, 5)
        assert column(looker.at(capacity), "teams", "budget") == [None]


def named(looker: Looker) -> None:
    for installation, account in ((ACME, "acme"), (OTHER, "other")):
        looker.book.set_installation(installation, account, Standing.ACTIVE, NOW)


def test_a_budget_that_no_look_has_read_yet_is_said_to_be_unknown(looker: Looker) -> None:
    reviews(looker, WEB, 1, 5)
    reviews(looker, OPS, 1, 5, first=10, repository=SITE)
    known(looker, SITE, Shared())
    shown = looker.at(capacity)
    note = "Budgets not known yet: acme/web. The next look at their repositories reads them."
    assert shown.table("teams").note == note
    known(looker, SHOP, Shared(teams={WEB: Bounds(minutes=30)}))
    assert looker.at(capacity).table("teams").note == ""


def test_one_repository_that_knows_the_budget_of_a_team_is_enough(looker: Looker) -> None:
    reviews(looker, WEB, 1, 5)
    known(looker, SITE, Shared(teams={WEB: Bounds(minutes=30)}))
    shown = looker.at(capacity)
    assert (shown.table("teams").note, column(shown, "teams", "budget")) == ("", [30])


def test_each_organisation_has_a_week_of_its_own(looker: Looker) -> None:
    named(looker)
    known(looker, SHOP, Shared(organisation=Bounds(minutes=100)))
    known(looker, VAULT, Shared(organisation=Bounds(minutes=20)))
    looker.pull(SHOP, 1, cost=7, opened=NOW)
    looker.pull(VAULT, 1, cost=9, opened=NOW)
    shown = looker.at(capacity, LOCAL)
    assert [one.words for one in shown.figures if one.key == "spent"] == ["16"]
    assert [list(row.values()) for row in shown.table("organisations").rows] == [
        ["acme", 7, 100],
        ["other", 9, 20],
    ]
    assert [table.name for table in looker.at(capacity).tables] == ["teams", "owners", "next"]


def test_teams_of_the_same_name_are_told_apart(looker: Looker) -> None:
    named(looker)
    reviews(looker, "web", 1, 30)
    reviews(looker, "web", 1, 31, repository=VAULT)
    reviews(looker, "ops", 1, 5, first=10)
    shown = looker.at(capacity, LOCAL)
    assert "Most waits for other/web (" in shown.lead
    assert all(name in shown.table("teams").chart for name in (">acme/web<", ">other/web<", ">ops<"))
    alone = looker.at(capacity).table("teams").chart
    assert (">web<" in alone, "acme/web" in alone) == (True, False)


def test_what_waits_goes_on_where_the_list_ended_and_each_organisation_has_its_first(looker: Looker) -> None:
    named(looker)
    looker.book.replace_withheld(SHOP, [waits(f"k{n}", n, 60, 1) for n in range(1, 102)])
    looker.book.replace_withheld(VAULT, [waits("theirs", 60, 1, 1)])
    shown = looker.at(capacity, LOCAL)
    assert column(shown, "next", "title")[:3] == ["k1", "theirs", "k2"]
    assert column(shown, "next", "organisation")[:3] == ["acme", "other", "acme"]
    assert (len(shown.table("next").rows), shown.table("next").more) == (100, "/capacity?next-from=100#next")
    assert column(looker.at(capacity, LOCAL, **{"next-from": "100"}), "next", "place") == [100, 101]


def test_a_team_that_is_named_with_its_organisation_says_so_once(looker: Looker) -> None:
    reviews(looker, WEB, 1, 9)
    reviews(looker, WEB, 1, 5, repository=VAULT, first=20)
    looker.book.set_installation(7, "acme", "active", NOW)
    looker.book.set_installation(8, "other", "active", NOW)
    shown = looker.at(capacity, LOCAL)
    assert all(name in shown.table("teams").chart for name in (f">{WEB}<", f">other: {WEB}<"))
