"""A repository is paused and resumed on its page by whoever may write there; some others are told."""

from __future__ import annotations

import pytest

from app import reporting
from app.guard import Refused
from app.pages import improvements, overview, repositories, repository
from app.visitors import Visitor
from tests.app.looking import ACME, ADA, BOB, LOCAL, OTHER, SHOP, VAULT, Looker, column, figures
from tests.app.serving import Server
from tests.fleet import NOW
from workers.evaluation import report
from workers.evaluation.pausing import WHOLE
from workers.ledger import JobState, Standing
from workers.messages import Kind, Repository

PATH = {"owner": "acme", "name": "shop"}
SITE = {"owner": "acme", "name": "site"}
EVE = Visitor("eve", "key-of-eve", {SHOP: "pull"})
WORDS = "paused by bob since 2026-03-02"


def deeds(looker: Looker) -> list[tuple[str, str, str, int | None]]:
    return [(row.who, row.action, row.target, row.repository_id) for row in looker.book.audit.read(None)]


def test_who_may_write_pauses_and_another_resumes_each_once_however_often(looker: Looker) -> None:
    for _ in range(2):
        repository.rest(looker.view(BOB, PATH))
    assert looker.book.pauses.wholes()[SHOP].begun_by == "bob"
    for _ in range(2):
        repository.resume(looker.view(ADA, PATH))
    assert looker.book.pauses.wholes() == {}
    assert deeds(looker) == [("ada", "resume", "acme/shop", SHOP), ("bob", "pause", "acme/shop", SHOP)]


@pytest.mark.parametrize(("visitor", "path"), [(EVE, PATH), (ADA, SITE)])
def test_who_only_reads_is_offered_nothing_and_changes_nothing(
    looker: Looker, visitor: Visitor, path: dict[str, str]
) -> None:
    assert looker.at(repository, visitor, path).values["may_write"] is False
    for act in (repository.rest, repository.resume):
        with pytest.raises(Refused) as refused:
            act(looker.view(visitor, path))
        assert refused.value.status == 403
    assert (looker.book.pauses.wholes(), deeds(looker)) == ({}, [])


def test_who_may_not_see_it_does_not_learn_that_it_is_there(looker: Looker) -> None:
    with pytest.raises(Refused) as refused:
        repository.rest(looker.view(ADA, {"owner": "other", "name": "vault"}))
    assert refused.value.status == 404


def test_it_is_said_wherever_people_look_for_what_has_stopped(looker: Looker) -> None:
    repository.rest(looker.view(BOB, PATH))
    shown = looker.at(repository, EVE, PATH)
    assert (figures(shown)["state"], shown.values["is_paused"]) == (WORDS, True)
    assert shown.lead.startswith(f"It is {WORDS}: nothing new is proposed here but what somebody asks for")
    assert column(looker.at(repositories), "repositories", "state") == [WORDS, "active"]
    stopped = looker.at(overview)
    assert (column(stopped, "stopped", "what"), column(stopped, "stopped", "why")) == (["acme/shop"], [WORDS])


def test_it_is_no_improvement_that_pauses(looker: Looker) -> None:
    repository.rest(looker.view(BOB, PATH))
    assert improvements.paused(looker.view(LOCAL)) == {}
    assert "" not in column(looker.at(improvements, LOCAL), "improvements", "improvement")


def test_of_one_that_they_may_not_see_nobody_is_told(looker: Looker) -> None:
    looker.book.pauses.begin(OTHER, WHOLE, NOW, place=VAULT, who="eve")
    assert looker.view(ADA).paused == {}
    assert column(looker.at(overview, ADA), "stopped", "why") == []
    assert column(looker.at(overview, LOCAL), "stopped", "what") == ["other/vault"]


def test_one_that_is_not_worked_on_says_that_first(looker: Looker) -> None:
    repository.rest(looker.view(BOB, PATH))
    looker.book.set_state(SHOP, Standing.SKIPPED, "it is archived", NOW)
    shown = looker.at(repository, path=PATH)
    assert (figures(shown)["state"], shown.lead) == (
        f"skipped: it is archived; {WORDS}",
        "Nothing is proposed here, as it is skipped: it is archived.",
    )


def test_the_report_of_a_week_names_it_beside_the_improvements(looker: Looker) -> None:
    looker.book.set_installation(ACME, "acme", "active", NOW)
    repository.rest(looker.view(BOB, PATH))
    (of,) = [row for row in looker.book.installations() if row.id == ACME]
    for seen, count in ((None, 1), ([SHOP], 1), ([VAULT], 0)):
        known = reporting.known(looker.book, of, "2026-W09", NOW, seen)
        told = {one.name: one for one in report.made(known, "2026-W09", NOW).sections}["paused"]
        assert told.figures == {"paused": 0, "repositories": count}
        assert [[cell.text for cell in row] for row in told.rows] == [
            ["all of them", "acme/shop", "bob said so"]
        ] * count


def test_the_buttons_ask_for_a_look_and_a_link_or_a_stranger_do_not(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", ACME), NOW)
    home = "/repositories/acme/shop"
    for act, other in (("pause", "Resume"), ("resume", "Pause")):
        page, address = server.get(home).text, f"{server.url}{home}/{act}"
        assert f"<button>{other}</button>" not in page
        assert server.client.get(address).status_code == 405
        assert server.client.post(address, data={"csrf": "0" * 64}).status_code == 403
        given = {"csrf": page.partition('name="csrf" value="')[2][:64]}
        before = server.book.pauses.wholes().keys()
        for _ in range(2):
            answer = server.client.post(address, data=given)
            assert (answer.status_code, answer.headers["location"]) == (303, home)
        assert server.book.pauses.wholes().keys() != before
        assert f"<button>{other}</button>" in server.get(home).text
    assert [(job.kind, job.repository_id) for job in server.book.jobs(JobState.QUEUED)] == [(Kind.SCAN, 1)]
    assert [row.action for row in server.book.audit.read(None)][:2] == ["resume", "pause"]
