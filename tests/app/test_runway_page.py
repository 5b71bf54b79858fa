"""The runway and the promises: what comes when, by day and by owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from app.pages import runway, todo
from codemods.debts import Standing
from tests.app.looking import ACME, LOCAL, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers.ledger.exposures import ExposureRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.promises import PromiseRow

TODAY = NOW.date()


def ends(days: int, subject: str, repository: int = SHOP) -> HorizonRow:
    return HorizonRow(repository, "python", subject, TODAY + timedelta(days=days), "pyproject.toml", "raise")


def weak(repository: int, advisory: str, days: int = 5) -> ExposureRow:
    return ExposureRow(repository, advisory, "django", "high", "", TODAY, NOW - timedelta(days=days))


# --- the runway


def test_what_ends_within_90_days_is_said_first(looker: Looker) -> None:
    looker.book.horizons.replace(
        SHOP, [ends(60, "Python 3.9"), ends(-10, "Python 3.8"), ends(91, "Django 4.2")]
    )
    looker.book.horizons.replace(SITE, [ends(60, "Python 3.9", SITE)])
    shown = looker.at(runway)
    assert shown.lead == "Within 90 days end: Python 3.9 on 2026-05-01 (2 repositories)."
    assert column(shown, "ends", "subject") == ["Python 3.8", "Python 3.9", "Django 4.2"]
    assert column(shown, "ends", "when") == ["over", "in 31 to 90 days", "in 91 to 180 days"]
    assert column(shown, "ends", "where")[1] == "acme/shop, acme/site"
    assert figures(shown) == {"over": 1, "in-30": 0, "in-90": 1, "in-180": 2, "weaknesses": 0}


@pytest.mark.parametrize(
    ("within", "subjects"),
    [
        ("over", ["Python 3.8"]),
        ("30", ["today"]),
        ("90", ["today", "Python 3.9"]),
        ("180", ["today", "Python 3.9", "Django 4.2"]),
        ("nonsense", ["Python 3.8", "today", "Python 3.9", "Django 4.2"]),
        ("-1", ["Python 3.8", "today", "Python 3.9", "Django 4.2"]),
    ],
)
def test_every_figure_leads_to_the_rows_that_it_counts(
    looker: Looker, within: str, subjects: list[str]
) -> None:
    all_ = [ends(-1, "Python 3.8"), ends(0, "today"), ends(90, "Python 3.9"), ends(91, "Django 4.2")]
    looker.book.horizons.replace(SHOP, all_)
    assert column(looker.at(runway, within=within), "ends", "subject") == subjects


def test_a_subject_leads_to_its_places(looker: Looker) -> None:
    looker.book.horizons.replace(SHOP, [ends(5, "Python 3.9"), ends(5, "Django 4.2")])
    assert [table.name for table in looker.at(runway).tables] == ["ends", "weaknesses"]
    shown = looker.at(runway, subject="Django 4.2")
    assert column(shown, "places", "subject") == ["Django 4.2"]
    assert column(shown, "places", "key") == ["raise"]


def test_ends_and_weaknesses_of_others_are_not_counted(looker: Looker) -> None:
    looker.book.horizons.replace(VAULT, [ends(5, "Secret 1", VAULT)])
    looker.book.exposures.note(VAULT, [weak(VAULT, "CVE-1")], NOW)
    shown = looker.at(runway)
    assert set(figures(shown).values()) == {0}
    assert [table.rows for table in shown.tables] == [[], []]
    assert looker.at(runway, repository="other/vault").table("places").rows == []
    assert figures(looker.at(runway, LOCAL))["weaknesses"] == 1


def test_a_weakness_is_counted_once_and_until_it_is_gone(looker: Looker) -> None:
    looker.book.exposures.note(SHOP, [weak(SHOP, "CVE-1", 5), weak(SHOP, "CVE-2")], NOW)
    looker.book.exposures.note(SITE, [weak(SITE, "CVE-1", 9)], NOW)
    looker.book.exposures.note(SHOP, [weak(SHOP, "CVE-1", 5)], NOW)
    shown = looker.at(runway)
    assert figures(shown)["weaknesses"] == 1
    (row,) = shown.table("weaknesses").rows
    assert (row["days"], row["repositories"]) == (9, 2)


def test_where_nothing_is_known_nothing_is_claimed(looker: Looker) -> None:
    shown = looker.at(runway)
    assert shown.lead == "Nothing that is known of ends within 90 days."
    assert "learned when they are looked at" in shown.table("ends").empty


def test_a_long_table_goes_on_where_it_was_left(looker: Looker) -> None:
    looker.book.horizons.replace(SHOP, [ends(n, f"Thing {n}") for n in range(130)])
    first = looker.at(runway, within="180")
    assert (len(first.table("ends").rows), first.table("ends").more) == (
        100,
        "/runway?within=180&ends-from=100#ends",
    )
    rest = looker.at(runway, **{"within": "180", "ends-from": "100"}).table("ends")
    assert (len(rest.rows), rest.more) == (30, "")


# --- promises


def promise(repository: int, standing: Standing, owner: str = "", **more: date) -> PromiseRow:
    return PromiseRow(repository, "a.py", 3, "TODO: mend", standing.value, owner, **more)


def test_promises_come_as_people_should_read_them(looker: Looker) -> None:
    rows = [
        promise(SHOP, Standing.UNCONDITIONAL, "bob", written=TODAY - timedelta(days=400)),
        promise(SHOP, Standing.NOT_YET, due=TODAY + timedelta(days=3)),
        promise(SHOP, Standing.DUE, "ada"),
        promise(SHOP, Standing.DUE, "ada", due=TODAY),
    ]
    looker.book.promises.replace(SHOP, rows)
    shown = looker.at(todo)
    assert column(shown, "promises", "standing") == ["due", "due", "not yet", "unconditional"]
    assert column(shown, "promises", "age") == [None, None, None, 400]
    assert shown.lead == "2 of 4 promises are due; 2 of them belong to ada."
    assert figures(shown) == {"due": 2, "orphaned": 0, "not_yet": 1, "unconditional": 1, "ownerless": 1}
    assert column(shown, "owners", "owner") == ["ada", "bob", "nobody"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"standing": "due"}, 1),
        ({"owner": "nobody"}, 1),
        ({"owner": "eve"}, 0),
        ({"repository": "acme/site"}, 0),
    ],
)
def test_promises_are_narrowed_by_what_the_address_says(
    looker: Looker, asked: Mapping[str, str], count: int
) -> None:
    looker.book.promises.replace(SHOP, [promise(SHOP, Standing.DUE, "ada"), promise(SHOP, Standing.NOT_YET)])
    assert len(looker.at(todo, **asked).table("promises").rows) == count


def test_promises_of_others_are_neither_shown_nor_counted(looker: Looker) -> None:
    looker.book.promises.replace(VAULT, [promise(VAULT, Standing.DUE, "eve")])
    looker.book.debts.note(VAULT, TODAY, {Standing.DUE: 1})
    shown = looker.at(todo)
    assert [table.rows for table in shown.tables] == [[], [], []]
    assert set(figures(shown).values()) == {0}
    assert [[value for value, _ in one.options] for one in shown.filters][1] == []


def test_a_repository_that_was_not_looked_at_keeps_its_last_count(looker: Looker) -> None:
    looker.book.debts.note(SHOP, TODAY - timedelta(days=20), {Standing.DUE: 3})
    looker.book.debts.note(SHOP, TODAY, {Standing.DUE: 1})
    looker.book.debts.note(SITE, TODAY - timedelta(days=9), {Standing.NOT_YET: 5})
    rows = looker.at(todo).table("trend").rows
    assert [(row["due"], row["not_yet"]) for row in rows] == [(3, 0), (3, 5), (1, 5)]
    assert looker.book.debts.on([], {ACME}) == {}
