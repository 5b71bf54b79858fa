"""The page of one repository: it says why there is no pull request, to those who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.guard import Refused
from app.pages import repository
from tests.app.looking import ADA, BOB, LOCAL, SHOP, VAULT, Looker, column, figures
from tests.app.serving import Server
from tests.fleet import NOW
from workers.ledger import Standing, WithheldRow
from workers.ledger.freshness import FreshnessRow
from workers.messages import Repository
from workers.reasons import Reason

PATH = {"owner": "acme", "name": "shop"}


def kept(reason: Reason, number: int = 1, sentence: str = "") -> WithheldRow:
    return WithheldRow(f"key/{number}", "key", f"Mend {number}", reason.id, sentence or reason.value)


def lead(looker: Looker) -> str:
    return looker.at(repository, path=PATH).lead


def scanned(looker: Looker, outcome: str = "done") -> None:
    scan = looker.book.start_scan(SHOP, "a" * 40, NOW)
    looker.book.finish_scan(scan, outcome, {"proposals": 0, "withheld": 2}, NOW)


def test_before_the_first_look_nothing_is_promised(looker: Looker) -> None:
    assert lead(looker) == "Nothing is proposed here yet, as it was not looked at."


def test_the_reason_of_most_is_said_first_and_in_its_own_words(looker: Looker) -> None:
    scanned(looker)
    spent = "The budget of `acme/web` has 0 of 60 left."
    rows = [kept(Reason.TEAM_BUDGET, 1, spent), kept(Reason.TEAM_BUDGET, 2, spent), kept(Reason.ADVICE, 3)]
    looker.book.replace_withheld(SHOP, rows)
    shown = looker.at(repository, path=PATH)
    assert shown.lead == (
        "No pull request is open, 3 found and not proposed. For 2 of them: "
        f"{spent} The others have reasons of their own."
    )
    assert column(shown, "withheld", "sentence") == [spent, spent, Reason.ADVICE.value]


def test_where_the_sentences_differ_the_reason_is_said_in_general(looker: Looker) -> None:
    scanned(looker)
    rows = [kept(Reason.ADVICE, number, f"See line {number}.") for number in (1, 2)]
    looker.book.replace_withheld(SHOP, rows)
    assert lead(looker) == f"No pull request is open, 2 found and not proposed: {Reason.ADVICE.value}"


def test_one_that_is_skipped_says_why_whatever_was_found_before(looker: Looker) -> None:
    scanned(looker)
    looker.book.replace_withheld(SHOP, [kept(Reason.ADVICE)])
    looker.book.set_state(SHOP, Standing.SKIPPED, "it is archived", NOW)
    assert lead(looker) == "Nothing is proposed here, as it is skipped: it is archived."


def test_a_look_that_failed_is_not_passed_over(looker: Looker) -> None:
    scanned(looker, "broken configuration")
    assert lead(looker).startswith("The last look ended with: broken configuration. No pull request is open")


def test_what_is_open_says_what_it_waits_for(looker: Looker) -> None:
    scanned(looker)
    looker.pull(SHOP, 1)
    looker.pull(SHOP, -2, stage="branch")
    looker.pull(SHOP, 3, state="merged")
    shown = looker.at(repository, path=PATH)
    assert set(column(shown, "open", "waits")) == {
        "it waits for a review",
        "its branch waits for checks before it becomes a pull request",
    }
    assert figures(shown)["open"] == 2
    assert [hasattr(row["pull"], "href") for row in shown.table("open").rows].count(True) == 1


def test_how_fresh_it_is_stands_there_once_a_week(looker: Looker) -> None:
    days = [NOW.date() - timedelta(days=number) for number in range(18)]
    looker.book.freshness.note(*(FreshnessRow(SHOP, day, 9, 8, 731, 1, 2, 3) for day in days))
    shown = looker.at(repository, path=PATH)
    assert column(shown, "freshness", "day") == [*days[::7], days[-1]]
    assert f"on {days[-1]} to" in shown.table("freshness").chart
    assert figures(shown)["libyears"] == 2.0
    assert "<svg" in shown.table("freshness").chart


def test_of_what_is_elsewhere_not_even_the_name_is_known(looker: Looker) -> None:
    hidden, none = {"owner": "other", "name": "vault"}, {"owner": "other", "name": "none"}
    refusals = []
    for path in (hidden, none):
        with pytest.raises(Refused) as refused:
            looker.at(repository, ADA, path)
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]
    assert looker.at(repository, LOCAL, hidden).title == "other/vault"


def test_nothing_of_another_repository_is_shown(looker: Looker) -> None:
    looker.pull(VAULT, 1)
    looker.book.replace_withheld(VAULT, [kept(Reason.ADVICE)])
    shown = looker.at(repository, path=PATH)
    assert [len(table.rows) for table in shown.tables] == [0, 0, 0, 0]


def test_who_only_reads_is_offered_nothing(looker: Looker) -> None:
    site = {"owner": "acme", "name": "site"}
    assert looker.at(repository, ADA, site).values["may_write"] is False
    assert looker.at(repository, BOB, PATH).values["may_write"] is True


def test_a_name_that_ends_like_a_file_is_a_page_too(server: Server) -> None:
    for number, name in enumerate(("shop", "shop.json"), 1):
        server.book.upsert_repository(Repository(number, "acme", name, "main", 1), NOW)
    assert "acme/shop.json</h1>" in server.get("/repositories/acme/shop.json").text
    told = server.get("/repositories/acme/shop.json/repository.json").json()
    assert (told["page"], told["figures"]["open"], told["open"]) == ("repository", 0, [])
    assert server.get("/repositories/acme/shop/repository.csv?table=scans").text.startswith("started,commit")
