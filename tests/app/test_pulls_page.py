"""The page of pull requests: how far they come, where they end, and which of them are stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pages import pulls
from tests.app.looking import BOB, LOCAL, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers.ledger import WithheldRow
from workers.reasons import Reason

DAY = timedelta(days=1)


def some(looker: Looker) -> None:
    """Let six be opened: two are merged, one is closed, one is withdrawn, and two are open."""
    looker.pull(SHOP, 1, state="merged", team="acme/web")
    looker.pull(SITE, 2, state="merged")
    looker.pull(SHOP, 3, state="closed", improvement="stray-print")
    looker.pull(SHOP, 4)
    looker.book.close_proposal(SHOP, 4, "closed", NOW, word="superseded")
    looker.pull(SHOP, 5, team="acme/web", cost=4)
    looker.pull(SITE, 6, stage="draft", opened=NOW - 25 * DAY)


def test_the_funnel_counts_what_came_how_far(looker: Looker) -> None:
    some(looker)
    waits = WithheldRow("k", "bare-except", "Mend", Reason.OPEN_LIMIT.id, "Later.", since=NOW, seen=NOW)
    looker.book.replace_withheld(SHOP, [waits])
    shown = looker.at(pulls)
    assert column(shown, "funnel", "step") == ["found", "opened", "green", "reviewed", "merged"]
    assert column(shown, "funnel", "count") == [7, 6, 5, 3, 2]
    assert "<svg" in shown.table("funnel").chart
    assert figures(shown) == {"open": 2, "review": 1, "decided": 3, "accepted": 67}
    assert shown.lead == (
        "Of 3 that were decided 2 were merged and stayed; of the others most were closed by a person (1)."
    )


def test_each_fate_leads_to_those_that_have_it(looker: Looker) -> None:
    some(looker)
    rows = looker.at(pulls).table("fates").rows
    assert {str(getattr(row["fate"], "words", "")): row["count"] for row in rows} == {
        "open": 2,
        "merged": 2,
        "closed": 1,
        "withdrawn": 1,
    }
    assert [getattr(row["fate"], "href", "") for row in rows][1] == "/pulls?fate=merged"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "review"}, ["Mend 5"]),
        ({"state": "draft"}, ["Mend 6"]),
        ({"state": "open"}, ["Mend 6", "Mend 5"]),
        ({"state": "closed"}, ["Mend 4", "Mend 3"]),
        ({"fate": "closed"}, ["Mend 3"]),
        ({"team": "acme/web"}, ["Mend 5", "Mend 1"]),
        ({"team": "acme/web", "state": "merged"}, ["Mend 1"]),
        ({"improvement": "stray-print"}, ["Mend 3"]),
        ({"improvement": "nothing"}, []),
        ({"state": "nonsense"}, []),
        ({"state": "reviewed"}, []),
        ({"state": "merged", "ended": "7"}, []),
        ({"state": "merged", "ended": "30"}, ["Mend 2", "Mend 1"]),
        ({"ended": "8"}, []),
    ],
)
def test_the_address_says_which_are_looked_at(
    looker: Looker, asked: dict[str, str], found: list[str]
) -> None:
    some(looker)
    shown = looker.at(pulls, **asked)
    assert column(shown, "pulls", "pull") == found
    assert set(column(shown, "stuck", "pull")) <= set(found)


def test_what_somebody_has_answered_waits_for_nobody_and_is_found(looker: Looker) -> None:
    some(looker)
    looker.pull(SHOP, 7, reviewed_at=NOW)
    assert column(looker.at(pulls, state="reviewed"), "pulls", "pull") == ["Mend 7"]
    assert column(looker.at(pulls, state="review"), "pulls", "pull") == ["Mend 5"]


def test_a_figure_leads_to_what_it_counts_and_a_team_has_one_name(looker: Looker) -> None:
    some(looker)
    shown = looker.at(pulls, team="Acme/Web", fate="open")
    assert [(one.value, one.rows) for one in shown.figures[:2]] == [
        (1, "/pulls?state=open&team=Acme%2FWeb&fate=open"),
        (1, "/pulls?state=review&team=Acme%2FWeb&fate=open"),
    ]
    assert len(looker.at(pulls, team="Acme/Web", fate="open", state="open").table("pulls").rows) == 1


def test_the_one_that_is_open_longest_comes_first_with_what_it_waits_for(looker: Looker) -> None:
    some(looker)
    shown = looker.at(pulls)
    assert column(shown, "stuck", "pull") == ["Mend 6", "Mend 5"]
    assert column(shown, "stuck", "waits") == ["it waits for its checks", "it waits for a review"]
    assert column(shown, "stuck", "days") == [25, 20]


def test_what_is_elsewhere_is_neither_shown_nor_counted_nor_offered(looker: Looker) -> None:
    looker.pull(VAULT, 1, team="other/core", improvement="secret-project")
    waits = WithheldRow("k", "bare-except", "Mend", Reason.OPEN_LIMIT.id, "Later.", since=NOW, seen=NOW)
    looker.book.replace_withheld(VAULT, [waits])
    shown = looker.at(pulls)
    assert figures(shown) == {"open": 0, "review": 0, "decided": 0, "accepted": None}
    assert column(shown, "funnel", "count") == [0] * 5
    assert [table.rows for table in shown.tables[1:]] == [[], [], []]
    assert [one.options for one in shown.filters][1:3] == [[], []]
    assert shown.lead == ""
    assert figures(looker.at(pulls, LOCAL))["open"] == 1


def test_who_sees_one_of_two_repositories_sees_its_share(looker: Looker) -> None:
    some(looker)
    assert set(column(looker.at(pulls, BOB), "pulls", "repository")) == {"acme/shop"}


def test_a_long_list_goes_on_where_it_ended(looker: Looker) -> None:
    for number in range(1, 103):
        looker.pull(SHOP, number)
    first = looker.at(pulls, state="open").table("pulls")
    assert (len(first.rows), first.more) == (100, "/pulls?state=open&pulls-from=100#pulls")
    last = looker.at(pulls, state="open", **{"pulls-from": "100"})
    assert column(last, "pulls", "pull") == ["Mend 2", "Mend 1"]
    assert last.table("pulls").more == ""
