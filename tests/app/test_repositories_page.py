"""The list of repositories: which have nothing open, and how they stand."""

from __future__ import annotations

import pytest

from app.pages import repositories
from tests.app.looking import BOB, SHOP, VAULT, Looker, column
from tests.fleet import NOW
from workers.evaluation import pausing
from workers.ledger import Standing, WithheldRow
from workers.reasons import Reason


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["acme/shop", "acme/site"]),
        ({"open": "none"}, ["acme/site"]),
        ({"open": "some"}, ["acme/shop"]),
        ({"state": "active"}, ["acme/shop"]),
        ({"state": "skipped"}, ["acme/site"]),
        ({"state": "skipped", "open": "some"}, []),
    ],
)
def test_they_are_narrowed_to_what_is_asked_for(
    looker: Looker, asked: dict[str, str], found: list[str]
) -> None:
    looker.pull(SHOP, 1)
    looker.book.set_state(2, Standing.SKIPPED, "it is archived", NOW)
    shown = looker.at(repositories, **asked)
    assert column(shown, "repositories", "repository") == found
    assert shown.lead == "No pull request is open in 1 of 2 repositories; the page of each says why."


def test_one_that_somebody_paused_is_found_as_such(looker: Looker) -> None:
    looker.book.pauses.begin(7, pausing.WHOLE, NOW, place=SHOP, who="gil")
    looker.book.pauses.begin(8, pausing.WHOLE, NOW, place=VAULT, who="gil")
    assert column(looker.at(repositories, state="paused"), "repositories", "repository") == ["acme/shop"]
    assert column(looker.at(repositories, state="active"), "repositories", "repository") == ["acme/site"]


def test_how_much_is_withheld_stands_there(looker: Looker) -> None:
    rows = [WithheldRow(f"k/{n}", "k", "Mend", Reason.ADVICE.id, "See line 1.") for n in range(3)]
    looker.book.replace_withheld(SHOP, rows)
    looker.book.replace_withheld(VAULT, rows)
    assert column(looker.at(repositories), "repositories", "withheld") == [3, 0]


def test_where_something_is_open_everywhere_nothing_is_said(looker: Looker) -> None:
    looker.pull(SHOP, 1)
    assert looker.at(repositories, BOB).lead == ""
