"""The campaigns: how much is done and who comes last, of the repositories that the visitor may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.pages import campaigns
from tests.app.looking import ACME, BOB, LOCAL, OTHER, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers.campaigns import Course, Stand
from workers.ledger import Standing, WithheldRow
from workers.model import CONFIGURE
from workers.reasons import Reason

DAY, WEEK = timedelta(days=1), timedelta(days=7)
BEGAN = NOW - 3 * WEEK


def course(**more: object) -> Course:
    about = Course(ACME, "no-bare-except", "bare-except", ("*",), (1,), 30, "f", BEGAN, BEGAN)
    return replace(about, **{"waves": ((SHOP, SITE),), **more})  # type: ignore[arg-type]  # columns by name


def looked(looker: Looker, *repositories: int) -> None:
    for repository in repositories:
        scan = looker.book.start_scan(repository, "a" * 40, NOW)
        looker.book.finish_scan(scan, "done", {}, NOW)


def merged(looker: Looker, repository: int, number: int = 1) -> None:
    looker.pull(repository, number, state="merged", opened=BEGAN + DAY, days=7)


def test_without_a_campaign_it_is_said_where_they_are_declared(looker: Looker) -> None:
    shown = looker.at(campaigns)
    assert [table.rows for table in shown.tables] == [[], [], []]
    assert "kotsu.yml" in shown.table("campaigns").empty
    assert shown.filters == ()


def test_what_is_done_is_counted_against_what_has_anything_to_do(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    merged(looker, SHOP)
    looker.pull(SITE, 2, opened=NOW - 2 * DAY)
    looked(looker, SHOP, SITE)
    shown = looker.at(campaigns)
    (row,) = shown.table("campaigns").rows
    assert [row[key] for key in ("done", "of", "share", "wave", "wrong", "brake")] == [
        1,
        2,
        50,
        "1 of 2",
        0,
        30,
    ]
    assert column(shown, "laggards", "repository") == ["acme/site"]
    assert column(shown, "laggards", "standing") == ["has an open pull request"]
    assert column(shown, "laggards", "days") == [2]
    assert column(shown, "progress", "done") == [0, 1, 1, 1]
    assert "<svg" in shown.table("progress").chart
    assert shown.lead == "no-bare-except has the longest way to go: 1 of 2 repositories are done."


@pytest.mark.parametrize(
    ("reason", "of"), [(Reason.CAMPAIGN, 1), (Reason.TEAM_BUDGET, 1), (Reason.DISABLED, 0), (None, 0)]
)
def test_who_has_nothing_to_do_is_not_waited_for(looker: Looker, reason: Reason | None, of: int) -> None:
    looker.book.campaigns.save(course())
    looked(looker, SHOP, SITE)
    if reason:
        kept = WithheldRow("bare-except", "bare-except", "Mend", reason.id, reason.value)
        looker.book.replace_withheld(SHOP, [kept])
    (row,) = looker.at(campaigns).table("campaigns").rows
    assert (row["of"], row["share"]) == (of, 0 if of else None)


@pytest.mark.parametrize(
    ("word", "wrong"), [("", 1), ("ignore", 1), ("red", 1), ("snooze", 0), ("campaign", 0)]
)
def test_a_no_and_a_failure_count_for_the_brake(looker: Looker, word: str, wrong: int) -> None:
    looker.book.campaigns.save(course())
    looker.pull(SHOP, 1, opened=BEGAN + DAY, failure={"name": "tests"} if word == "red" else None)
    looker.book.close_proposal(SHOP, 1, "closed", NOW, word=word)
    looked(looker, SHOP, SITE)
    assert column(looker.at(campaigns), "campaigns", "wrong") == [wrong]


def test_who_does_not_answer_whether_it_wants_a_kotsu_yml_is_not_waited_for(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    looked(looker, SHOP, SITE)
    reason = Reason.ONBOARDING
    kept = WithheldRow("bare-except", "bare-except", "Mend", reason.id, reason.value)
    for repository, days in ((SHOP, 14), (SITE, 13)):
        looker.book.replace_withheld(repository, [kept])
        looker.pull(repository, 9, key=CONFIGURE, opened=NOW - days * DAY)
    stands = dict(
        zip(
            column(looker.at(campaigns), "laggards", "repository"),
            column(looker.at(campaigns), "laggards", "standing"),
            strict=True,
        )
    )
    assert stands == {
        "acme/shop": "has not answered yet whether it wants a kotsu.yml",
        "acme/site": "waits for its pull request",
    }


def test_what_was_withheld_before_kotsu_yml_broke_does_not_hold(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    looked(looker, SHOP, SITE)
    kept = WithheldRow("bare-except", "bare-except", "Mend", Reason.TEAM_BUDGET.id, "No room.")
    looker.book.replace_withheld(SHOP, [kept])
    assert column(looker.at(campaigns), "laggards", "repository") == ["acme/shop"]
    looker.book.finish_scan(looker.book.start_scan(SHOP, "b" * 40, NOW), "broken configuration", {}, NOW)
    assert column(looker.at(campaigns), "laggards", "repository") == []


def test_a_week_counts_what_was_merged_and_not_what_was_closed_after_it(looker: Looker) -> None:
    looker.book.campaigns.save(course(waves=((SHOP,),)))
    merged(looker, SHOP)
    looker.pull(SHOP, 2, opened=NOW - 2 * DAY)
    looker.book.close_proposal(SHOP, 2, "closed", NOW - DAY, word="superseded")
    looked(looker, SHOP, SITE)
    assert column(looker.at(campaigns), "progress", "done") == [0, 1, 1, 1]


def test_what_was_closed_before_it_began_says_nothing(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    looker.pull(SHOP, 1, state="closed", opened=BEGAN - 9 * DAY)
    looker.pull(SITE, 2, state="merged", improvement="stray-print", opened=BEGAN + DAY)
    looked(looker, SHOP, SITE)
    assert column(looker.at(campaigns), "campaigns", "of") == [0]


def test_one_that_was_stopped_says_why_and_waits_for_nobody(looker: Looker) -> None:
    looker.book.campaigns.save(course(state=Stand.STOPPED, reason="2 of 3 pull requests failed"))
    looker.pull(SHOP, 1)
    shown = looker.at(campaigns)
    assert shown.lead == "The campaign no-bare-except was stopped: 2 of 3 pull requests failed."
    assert shown.table("laggards").rows == []
    assert figures(shown) == {"running": 0, "stopped": 1, "done": 0}


def test_why_one_waits_names_repositories_and_is_not_shown(looker: Looker) -> None:
    looker.book.campaigns.save(course(reason="acme/hidden has an open pull request"))
    assert "hidden" not in str(looker.at(campaigns))


def test_of_other_organisations_and_repositories_nothing_is_counted(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    looker.book.campaigns.save(replace(course(), installation_id=OTHER, name="secret", waves=((VAULT,),)))
    merged(looker, SITE)
    looker.pull(VAULT, 1)
    looked(looker, SHOP, SITE, VAULT)
    shown = looker.at(campaigns, BOB)
    assert column(shown, "campaigns", "campaign") == ["no-bare-except"]
    assert column(shown, "campaigns", "done") == [0]
    assert "acme/site" not in str(shown)
    assert column(looker.at(campaigns, LOCAL), "campaigns", "campaign") == ["no-bare-except", "secret"]


def test_a_campaign_without_a_repository_that_one_sees_is_not_there(looker: Looker) -> None:
    looker.book.campaigns.save(course(repositories=("site",)))
    assert looker.at(campaigns, BOB).table("campaigns").rows == []
    looker.book.campaigns.save(course(repositories=("shop",)))
    looker.book.set_state(SHOP, Standing.SKIPPED, "archived", NOW)
    assert looker.at(campaigns, BOB).table("campaigns").rows == []


def test_one_can_be_looked_at_alone(looker: Looker) -> None:
    looker.book.campaigns.save(course())
    looker.book.campaigns.save(course(name="another"))
    assert column(looker.at(campaigns, name="another"), "campaigns", "campaign") == ["another"]
    assert looker.at(campaigns, name="none").table("campaigns").rows == []
