"""The activity and its runs: everything that may be seen, once, in its order, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.guard import Refused
from app.pages import activity, run
from app.pages.view import Link
from tests.app.looking import ACME, ADA, BOB, LOCAL, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers.ledger import Ledger
from workers.ledger.lines import LineRow
from workers.ledger.words import WordRow
from workers.messages import Kind, Repository

HOUR = timedelta(hours=1)


def scan(looker: Looker, repository: int | None) -> int:
    return looker.book.enqueue(Kind.SCAN, f"scan:{repository}", NOW, repository_id=repository)


def told(looker: Looker) -> None:
    """Let one thing of each kind happen in the shop."""
    looker.pull(SHOP, 1, opened=NOW - 4 * HOUR)
    look = looker.book.start_scan(SHOP, "b" * 40, NOW - 3 * HOUR, scan(looker, SHOP))
    looker.book.finish_scan(look, "done", {"proposals": 1, "withheld": 2, "problems": 0}, NOW)
    word = WordRow("comment:1", 1, "rebase", "carol", "done", NOW - 2 * HOUR)
    looker.book.words.take(SHOP, word)
    looker.book.audit.note(
        "dan", "scan", NOW - HOUR, installation_id=ACME, repository_id=SHOP, target="acme/shop"
    )


def test_everything_that_happened_is_there_the_newest_first(looker: Looker) -> None:
    told(looker)
    shown = looker.at(activity)
    assert column(shown, "activity", "source") == ["person", "word", "look", "pull request"]
    assert column(shown, "activity", "what") == ["scan", "rebase", "done", "opened"]
    assert column(shown, "activity", "who") == ["dan", "carol", None, None]
    assert column(shown, "activity", "about") == ["acme/shop", "done", "b" * 12, "bare-except/1"]
    (link,) = [row["run"] for row in shown.table("activity").rows if row["run"]]
    assert getattr(link, "href", "") == "/activity/runs/1"


def test_a_number_leads_to_our_pull_request_and_to_nothing_that_is_not_ours(looker: Looker) -> None:
    told(looker)
    looker.pull(VAULT, 2)
    looker.book.words.take(SHOP, WordRow("comment:2", 2, "rebase", "carol", "done", NOW - 5 * HOUR))
    numbers = [row["number"] for row in looker.at(activity).table("activity").rows]
    ours = Link(1, "https://github.com/pull/1")
    assert numbers == [None, ours, None, ours, 2]


def test_what_happens_elsewhere_is_not_there(looker: Looker) -> None:
    looker.pull(VAULT, 1)
    looker.book.start_scan(VAULT, "b" * 40, NOW)
    looker.book.words.take(VAULT, WordRow("comment:1", 1, "rebase", "eve", "done", NOW))
    looker.book.audit.note("eve", "scan", NOW, repository_id=VAULT)
    looker.book.audit.note("eve", "sign-in", NOW)
    assert looker.at(activity).table("activity").rows == []
    assert looker.at(activity, repository="other/vault").table("activity").rows == []
    assert len(looker.at(activity, LOCAL).table("activity").rows) == 5


def test_what_somebody_did_themselves_they_see_wherever_it_was(looker: Looker) -> None:
    looker.book.audit.note("ada", "sign-in", NOW)
    assert column(looker.at(activity), "activity", "what") == ["sign-in"]
    assert looker.at(activity, BOB).table("activity").rows == []
    assert looker.at(activity, repository="acme/shop").table("activity").rows == []


@pytest.mark.parametrize(("source", "count"), [("word", 1), ("pull request", 1), ("nonsense", 0), ("", 4)])
def test_one_kind_or_one_repository_can_be_looked_at_alone(looker: Looker, source: str, count: int) -> None:
    told(looker)
    looker.pull(SITE, 1)
    asked = {"repository": "acme/shop", "source": source}
    assert len(looker.at(activity, **asked).table("activity").rows) == count


def test_each_is_shown_once_though_many_happen_in_one_moment(looker: Looker) -> None:
    for number in range(1, 76):
        looker.pull(SHOP, number, improvement=f"i-{number}", opened=NOW)
        looker.book.audit.note("ada", f"did-{number}", NOW, repository_id=SHOP)
    first = looker.at(activity).table("activity")
    before = first.more.partition("before=")[2].replace("%3A", ":").replace("%2B", "+").replace("%7E", "~")
    second = looker.at(activity, before=before).table("activity")
    seen = [(row["what"], row["about"]) for row in (*first.rows, *second.rows)]
    assert (len(first.rows), len(second.rows), second.more) == (100, 50, "")
    assert len(set(seen)) == 150


@pytest.mark.parametrize(
    "before",
    [
        *("", "x", "~~", "2026-01-01~PULL~1", "9~PULL~x", "2026-01-01T00:00:00+00:00~NO~1"),
        *("0001-01-01T00:00:00+14:00~LOOK~1", "9999-12-31T23:59:59-14:00~LOOK~1"),
    ],
)
def test_a_place_that_says_nothing_begins_at_the_newest(looker: Looker, before: str) -> None:
    told(looker)
    assert len(looker.at(activity, before=before).table("activity").rows) == 4


def test_whoever_may_see_more_than_a_statement_can_name_sees_the_same(book: Ledger) -> None:
    looker = Looker(book)
    for id_ in (SHOP, VAULT):
        book.upsert_repository(Repository(id_, "acme", f"repo-{id_}", "main", ACME), NOW)
    told(looker)
    looker.pull(VAULT, 1)
    book.audit.note("ada", "sign-in", NOW)
    book.audit.note("eve", "sign-in", NOW)
    few, read = [SHOP, SITE], book.happenings.read
    many = [*few, *range(100, 70_000)]
    for who in ("ada", ""):
        for limit in (2, 100):
            assert read(many, who=who, limit=limit) == read(few, who=who, limit=limit)
    assert len(read(many, who="ada")) == 5


# --- one run


def test_a_run_has_its_job_its_looks_and_its_lines(looker: Looker) -> None:
    told(looker)
    looker.book.lines.add(
        [LineRow(1, NOW, "info", "repository scanned", {"outcome": "done", "proposals": 2})]
    )
    shown = looker.at(run, path={"id": "1"})
    assert shown.title == "Run 1"
    assert column(shown, "looks", "counts") == ["1 proposal, 2 withheld"]
    assert column(shown, "lines", "about") == ["outcome: done, proposals: 2"]
    assert figures(shown) == {"looks": 1, "lines": 1}
    assert "acme/shop" in column(shown, "job", "value")


def test_a_run_that_was_given_up_says_so_in_the_words_of_the_other_pages(looker: Looker) -> None:
    looker.book.enqueue(Kind.SCAN, "scan", NOW, repository_id=SHOP)
    job = looker.book.claim("worker", NOW, HOUR)
    assert job is not None
    looker.book.fail(job, "It broke.", NOW)
    shown = looker.at(run, path={"id": str(job.id)})
    assert "given up" in column(shown, "job", "value")


@pytest.mark.parametrize("id_", ["2", "x", "-1", "1.5", "٣", "9" * 30, ""])
def test_a_run_that_is_not_there_is_refused(looker: Looker, id_: str) -> None:
    told(looker)
    with pytest.raises(Refused) as refused:
        looker.at(run, path={"id": id_})
    assert refused.value.status == 404


@pytest.mark.parametrize("repository", [VAULT, None])
def test_a_run_of_others_and_of_the_server_is_for_whoever_sits_at_the_machine(
    looker: Looker, repository: int | None
) -> None:
    job = scan(looker, repository)
    with pytest.raises(Refused) as refused:
        looker.at(run, ADA, {"id": str(job)})
    assert refused.value.status == 404
    assert looker.at(run, LOCAL, {"id": str(job)}).title == f"Run {job}"
