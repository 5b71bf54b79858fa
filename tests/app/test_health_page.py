"""The health: what is wrong is said first, and of others nothing is counted."""

from __future__ import annotations

from datetime import timedelta

from app.pages import health
from tests.app.looking import ACME, ADA, BOB, LOCAL, OTHER, SHOP, SITE, VAULT, Looker, column, figures
from tests.app.serving import Server
from tests.fleet import NOW
from workers.ledger import schema
from workers.messages import Event, Kind, Priority, Repository

MINUTE = timedelta(minutes=1)


def queued(
    looker: Looker, repository: int | None, late: timedelta, priority: Priority = Priority.MERGE
) -> int:
    return looker.book.enqueue(
        Kind.SCAN, f"scan:{repository}", NOW - late, repository_id=repository, priority=priority
    )


def given_up(looker: Looker, repository: int | None) -> int:
    job = queued(looker, repository, MINUTE)
    claimed = looker.book.claim("host:1", NOW, MINUTE)
    assert claimed
    looker.book.fail(claimed, "the sky fell", NOW)
    return job


def test_where_all_is_well_that_is_said(looker: Looker) -> None:
    queued(looker, SHOP, MINUTE)
    shown = looker.at(health)
    assert shown.lead == "Everything runs."
    assert column(shown, "waiting", "priority") == ["merge"]
    assert figures(shown) == {
        "overdue": 60,
        "given-up": 0,
        "working": 0,
        "deliveries": 0,
        "last-delivery": None,
        "revision": schema.HEAD,
    }


def test_what_is_late_and_what_was_given_up_is_said_first(looker: Looker) -> None:
    given_up(looker, SHOP)
    queued(looker, SITE, 3 * 60 * MINUTE, Priority.SCHEDULE)
    shown = looker.at(health)
    assert shown.lead == (
        "Look at this: the first job is overdue for 3 h: is a worker running?; 1 job was given up."
    )
    assert column(shown, "given-up", "error") == ["the sky fell"]


def test_jobs_and_deliveries_of_others_are_not_counted(looker: Looker) -> None:
    given_up(looker, VAULT)
    given_up(looker, None)
    queued(looker, VAULT, 60 * MINUTE)
    event = Event("guid", "push", repository=Repository(VAULT, "other", "vault", "main", OTHER))
    looker.book.record(event, NOW - MINUTE)
    looker.book.quotas.rest(OTHER, NOW + MINUTE, "it is tired")
    shown = looker.at(health)
    assert shown.lead == "Everything runs."
    assert [table.rows for table in shown.tables] == [[], [], [], [], []]
    everything = looker.at(health, LOCAL)
    assert (figures(everything)["given-up"], figures(everything)["deliveries"]) == (2, 1)
    assert column(everything, "resting", "account") == ["other"]


def test_who_works_is_told_and_where_only_at_the_machine(looker: Looker) -> None:
    queued(looker, SHOP, MINUTE)
    assert looker.book.claim("host:1", NOW, MINUTE)
    assert column(looker.at(health), "working", "worker") == [None]
    assert column(looker.at(health, LOCAL), "working", "worker") == ["host:1"]


def test_who_may_not_write_tries_nothing_again(looker: Looker) -> None:
    given_up(looker, SITE)
    assert (looker.at(health, ADA).values["again"], len(looker.at(health).table("given-up").rows)) == ([], 1)
    given_up(looker, SHOP)
    assert len(looker.at(health, BOB).values["again"]) == 1  # type: ignore[arg-type]  # a list


def test_an_old_delivery_is_none_of_today(looker: Looker) -> None:
    shop = Repository(SHOP, "acme", "shop", "main", ACME)
    looker.book.record(Event("old", "push", repository=shop), NOW - timedelta(hours=25))
    looker.book.record(Event("new", "push", repository=shop), NOW - MINUTE)
    shown = looker.at(health)
    assert column(shown, "deliveries", "count") == [1]
    assert figures(shown)["last-delivery"] == NOW - MINUTE


def test_the_page_of_jobs_has_moved_there(server: Server) -> None:
    answer = server.get("/jobs")
    assert (answer.status_code, answer.headers["location"]) == (301, "/health")
    assert "Everything runs." in server.get("/health").text
