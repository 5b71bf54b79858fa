"""Where GitHub cannot reach us it is asked, and the same follows as from webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from demo.github import moves
from demo.github.state import Status
from tests.road import CLOCK, CONFIG, FILES, NAME, PLENTY, SHELF, UTCNOW, Road
from workers import polling, reconcile
from workers.messages import Kind
from workers.world import World

POLL = 60


def ask(road: Road, seconds: float = POLL) -> None:
    """Let the time pass after which GitHub is asked again, and do what follows."""
    road.ahead += timedelta(seconds=seconds)
    reconcile.soon(road.world)
    road.run()


def jobs(road: Road, kind: Kind) -> int:
    with road.world.book.engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT count(*) FROM job WHERE kind = '{kind}'").scalar()
    return int(found or 0)


def report(road: Road, state: str) -> None:
    """Let a service report the state of the pull request's head."""
    found = road.hub.find(NAME)
    head = found.branch(f"kotsu/{UTCNOW}") or ""
    found.statuses = [Status(next(road.hub.world.ids), "ci", head, state, road.hub.world.now())]


@pytest.fixture
def polled(road: Road) -> Road:
    """A world that asks each minute; nobody tells it of anything."""
    road.world = replace(road.world, settings=replace(road.world.settings, poll=POLL))
    # GitHub tells seconds, and on a quick machine a whole test would be one of them.
    road.hub.world.now = road.world.clock
    return road


@pytest.fixture
def seen(polled: Road) -> Road:
    """A repository with its pull request open, of which all is known."""
    polled.add({"clock.py": CLOCK})
    for _ in range(3):
        ask(polled)
    assert polled.keys() == [UTCNOW]
    polled.news()
    return polled


def test_a_whole_life_goes_by_without_a_delivery(polled: Road) -> None:
    polled.hub.repository(NAME, FILES)
    ask(polled)
    assert polled.keys() == ["configure"]
    question = polled.pull("configure")
    assert question.pull
    configured = PLENTY + b"improvements:\n  unbounded-job: false\n"
    polled.hub.push(NAME, {CONFIG: configured}, branch=question.pull.head)
    polled.hub.merge(NAME, question.number)
    ask(polled)
    assert sorted(polled.keys()) == [UTCNOW, SHELF]
    ask(polled)
    polled.hub.people.grant(NAME, "ada-example")
    number = polled.pull(SHELF).number
    polled.hub.comment(NAME, number, "/kotsu never")
    ask(polled)
    assert polled.keys() == [UTCNOW]
    assert [c.author.login for c in polled.hub.find(NAME).issues[number].comments] == [
        "ada-example",
        polled.hub.world.app.bot.login,
    ]
    merged = polled.pull(UTCNOW).number
    polled.hub.merge(NAME, merged)
    ask(polled)
    assert polled.states()[merged] == (UTCNOW, "merged")
    assert polled.keys() == []
    assert polled.hub.deliveries == []
    assert polled.parked() == []


def test_where_nothing_happened_nothing_but_that_is_asked(seen: Road) -> None:
    done = seen.jobs()["done"]
    ask(seen)
    assert sorted(e.template for e in seen.news()) == [
        "/app/installations",
        *["/app/installations/{installation_id}/access_tokens"] * 3,
        *["/graphql"] * 2,
        "/installation/repositories",
        "/installation/token",
    ]
    assert seen.jobs()["done"] == done + 1


def test_what_we_do_ourselves_is_looked_at_once_and_no_more(polled: Road) -> None:
    polled.add({"clock.py": CLOCK})
    for _ in range(4):
        ask(polled)
    looks = jobs(polled, Kind.FOLLOW_UP)
    assert looks <= 2
    polled.writes()
    for _ in range(3):
        ask(polled)
    assert polled.writes() == []
    assert jobs(polled, Kind.FOLLOW_UP) == looks


def test_a_comment_is_heard_once(seen: Road) -> None:
    seen.hub.people.grant(NAME, "ada-example")
    number = seen.pull(UTCNOW).number
    seen.hub.comment(NAME, number, "/kotsu why")
    for _ in range(3):
        ask(seen)
    comments = seen.hub.find(NAME).issues[number].comments
    assert len(comments) == 2
    seen.hub.comment(NAME, number, "Thank you.")
    ask(seen)
    assert jobs(seen, Kind.COMMAND) == 1
    assert len(comments) == 3


def test_what_was_said_before_the_first_look_is_not_heard(polled: Road) -> None:
    repository = polled.add({"clock.py": CLOCK})
    polled.hub.people.grant(NAME, "ada-example")
    polled.scan()
    number = polled.pull(UTCNOW).number
    polled.hub.comment(NAME, number, "/kotsu never")
    ask(polled)
    assert jobs(polled, Kind.COMMAND) == 0
    assert len(repository.issues[number].comments) == 1


def test_what_people_do_elsewhere_is_none_of_our_business(seen: Road) -> None:
    looks, world = jobs(seen, Kind.FOLLOW_UP), seen.hub.world
    issue = moves.open_issue(world, seen.hub.find(NAME), "It is slow", None, world.account("ada-example"))
    ask(seen)
    seen.hub.comment(NAME, issue.number, "Very slow.")
    ask(seen)
    # What happened in the very second up to which all was heard may be looked at once more.
    assert jobs(seen, Kind.FOLLOW_UP) <= looks + 1
    assert jobs(seen, Kind.COMMAND) + jobs(seen, Kind.DASHBOARD) == 0
    assert seen.writes() == []


def test_checks_that_have_ended_are_seen(seen: Road) -> None:
    number, looks = seen.pull(UTCNOW).number, jobs(seen, Kind.FOLLOW_UP)
    report(seen, "pending")
    ask(seen)
    assert jobs(seen, Kind.FOLLOW_UP) == looks
    report(seen, "success")
    ask(seen)
    assert jobs(seen, Kind.FOLLOW_UP) == looks + 1
    assert number in seen.states()


def test_where_checks_may_not_be_read_the_rest_is_heard(seen: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}'
    number = seen.pull(UTCNOW).number
    seen.hub.merge(NAME, number)
    # The first question of a comparison is about heads.
    asks = seen.world.app.heads

    def heads(*given: object) -> object:
        found = asks(*given)  # type: ignore[arg-type]  # handed on
        seen.hub.fail("POST", "/graphql", 200, body=body)
        return found

    monkeypatch.setattr(seen.world.app, "heads", heads)
    ask(seen)
    assert seen.states()[number] == (UTCNOW, "merged")


def test_a_box_of_the_dashboard_is_seen(polled: Road) -> None:
    limits = b"dashboard: true\nlimits:\n  open: 1\n  first: 1\n  per-day: 1\n"
    polled.hub.repository(NAME, {**FILES, CONFIG: limits})
    for _ in range(3):
        ask(polled)
    (board,) = polled.hub.people.issues(NAME)
    polled.hub.people.tick(NAME, board.number, "kotsu:now ")
    ask(polled)
    assert len(polled.keys()) == 2


def test_killed_behind_the_jobs_it_says_the_same_again(seen: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    number = seen.pull(UTCNOW).number
    seen.hub.merge(NAME, number)
    with monkeypatch.context() as patch:
        patch.setattr(type(seen.world.book), "remember", _dies)
        with pytest.raises(_DeadError):
            polling.listen(seen.world, seen.installation.id)
    polling.listen(seen.world, seen.installation.id)
    assert len(seen.world.book.due(seen.world.clock())) == 1
    seen.run()
    assert seen.states()[number] == (UTCNOW, "merged")


class _DeadError(Exception):
    """The process is gone."""


def _dies(*_: object) -> None:
    raise _DeadError


def test_without_the_setting_nothing_of_it_is_asked(road: Road) -> None:
    road.add({"clock.py": CLOCK})
    ask(road, 300)
    road.news()
    ask(road, 300)
    assert "/app/hook/deliveries" in [e.template for e in road.news()]
    world: World = road.world
    assert world.book.recall([f"poll:{road.hub.find(NAME).id}"], world.clock()) == {}
