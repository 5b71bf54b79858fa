"""Where a person paused a repository nothing new comes, what is open goes on, and no other notices."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.pages import repository
from app.pages.view import View
from app.visitors import Visitor
from demo.github.ci import Job as Check
from tests.fleet import NOW
from tests.road import CLOCK, CONFIG, FILES, NAME, PLENTY, UTCNOW, Road
from tests.workers.bookkeeping import of
from tests.workers.test_plan import CATALOGUE, finding, keys, reasons, targets
from workers import capacity, config, onboarding, plan
from workers.config import Config, Switch
from workers.evaluation.pausing import WHOLE
from workers.ledger import Ledger
from workers.ledger.pauses import PauseRow
from workers.messages import Kind, branch_key
from workers.model import Past, State, Wanted
from workers.reasons import Reason

OUTSIDE = capacity.Outside(pauses=(PauseRow(7, WHOLE, NOW, 0, 0, place=1, begun_by="ann"),))
ALL = {CONFIG: PLENTY, "clock.py": CLOCK}


def planned(
    *before: Past, given: Config | None = None, wanted: Wanted = plan.NOTHING, everything: bool = False
) -> plan.Plan:
    found = [*targets("a", "b"), finding("heal", target="c")]
    given = given or config.defaults()
    asked = {"wanted": wanted, "everything": everything}
    return plan.make(found, CATALOGUE, given, before, NOW, outside=OUTSIDE, **asked)  # type: ignore[arg-type]  # by name


def rest(road: Road, name: str = NAME) -> None:
    """Let Ann pause a repository."""
    id_ = road.hub.find(name).id
    road.world.book.pauses.begin(road.installation.id, WHOLE, road.world.clock(), place=id_, who="ann")


def go_on(road: Road) -> None:
    """Let Bob resume it on its page."""
    owner, _, name = NAME.partition("/")
    bob = Visitor("bob", "key", {road.hub.find(NAME).id: "push"})
    repository.resume(View(road.world.book, bob, road.world.clock(), path={"owner": owner, "name": name}))


# --- what is planned


def test_all_that_is_found_waits_also_what_is_urgent_and_says_for_whom() -> None:
    made = planned()
    assert keys(made) == []
    assert set(reasons(made).values()) == {Reason.REPOSITORY_PAUSED}
    assert {"paused by `ann` since 2026-03-02" in one.sentence for one in made.later} == {True}


def test_what_a_person_asks_for_comes_alone() -> None:
    assert keys(planned(wanted=Wanted(now=frozenset({"raise/b"})))) == ["raise/b"]


def test_what_is_open_is_kept_up_to_date() -> None:
    assert keys(planned(Past("raise/a", State.OPEN, NOW))) == ["raise/a"]


def test_a_kotsu_yml_that_names_it_changes_nothing() -> None:
    on = Config(improvements={"raise": Switch(enabled=True)})
    assert keys(planned(given=on)) == []
    assert keys(planned(everything=True)) == []


def test_what_is_switched_off_is_so_first() -> None:
    off = Config(improvements={"raise": Switch(enabled=False)})
    assert reasons(planned(given=off))["raise/a"] is Reason.DISABLED


# --- what happens


def test_nothing_is_opened_until_it_goes_on(road: Road) -> None:
    road.add(ALL)
    rest(road)
    road.scan()
    assert (road.keys(), road.withheld()[UTCNOW][0]) == ([], "repository-paused")
    go_on(road)
    road.scan()
    assert road.keys() == [UTCNOW]
    assert UTCNOW not in road.withheld()


def test_what_is_open_stays_open_and_another_repository_does_not_notice(road: Road) -> None:
    road.add(ALL)
    road.add(ALL, "acme/other")
    road.scan()
    number = road.pull(UTCNOW).number
    rest(road)
    road.hub.push(NAME, {"other.py": CLOCK})
    road.scan()
    road.scan("acme/other")
    assert (road.keys(), road.pull(UTCNOW).number) == ([UTCNOW], number)
    assert b"timezone" in road.proposed(UTCNOW, "other.py")
    assert road.keys("acme/other") == [UTCNOW]


def test_nobody_is_asked_for_a_kotsu_yml_meanwhile(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    rest(road)
    road.scan()
    assert (road.keys(), road.branches()) == ([], set())
    assert road.withheld()[onboarding.KEY][0] == "repository-paused"
    go_on(road)
    road.scan()
    assert road.keys() == [onboarding.KEY]


def test_one_that_was_asked_may_still_answer(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    road.scan()
    body = road.pull(onboarding.KEY).body
    rest(road)
    road.scan()
    assert (road.keys(), road.pull(onboarding.KEY).body) == ([onboarding.KEY], body)
    road.hub.merge(NAME, road.pull(onboarding.KEY).number)
    road.scan()
    assert {reason for reason, _ in road.withheld().values()} >= {"repository-paused"}
    assert road.keys() == []


def test_a_branch_that_was_begun_before_becomes_a_pull_request_after(road: Road) -> None:
    road.add({**ALL, CONFIG: PLENTY + b"open-as: branch\nchecks:\n  wait: 30\n"})
    road.hub.ci.script(NAME, Check())
    road.hub.settle()
    road.scan()
    road.hub.settle()
    road.wait(1)
    rest(road)
    road.enqueue(
        Kind.FOLLOW_UP, branch_key(road.hub.find(NAME).id, f"kotsu/{UTCNOW}"), branch=f"kotsu/{UTCNOW}"
    )
    road.run()
    assert road.keys() == []
    go_on(road)
    road.days(0)
    assert road.keys() == [UTCNOW]


def test_a_branch_stays_one_though_the_file_asks_for_pull_requests_by_now(road: Road) -> None:
    road.add({**ALL, CONFIG: PLENTY + b"open-as: branch\n"})
    road.hub.ci.script(NAME, Check())
    road.hub.settle()
    road.scan()
    rest(road)
    road.hub.push(NAME, {CONFIG: PLENTY + b"open-as: draft\n"}, "Open drafts")
    road.scan()
    assert road.keys() == []


# --- what the ledger keeps


@pytest.fixture
def paused(book: Ledger) -> Ledger:
    """A ledger in which Ann paused repository 1 of two."""
    for id_ in (1, 2):
        book.upsert_repository(of(id_), NOW)
    assert book.pauses.begin(7, WHOLE, NOW, place=1, who="ann")
    return book


def test_twice_is_one_and_it_is_told_apart_from_those_of_improvements(paused: Ledger) -> None:
    assert not paused.pauses.begin(7, WHOLE, NOW + timedelta(days=1), place=1, who="bob")
    assert {id_: row.begun_by for id_, row in paused.pauses.wholes().items()} == {1: "ann"}
    assert paused.pauses.read() == []
    vital = paused.vitals.read(NOW)
    assert (vital.pauses, vital.rests) == (0, 1)
    assert paused.spending.outside(7, 2, NOW).pauses == ()
    assert paused.pauses.end(7, WHOLE, "bob", NOW, place=1)
    assert not paused.pauses.end(7, WHOLE, "bob", NOW, place=1)
    assert (paused.pauses.wholes(), paused.spending.outside(7, 1, NOW).pauses) == ({}, ())


def test_it_goes_with_the_repository_to_another_installation(paused: Ledger) -> None:
    paused.upsert_repository(of(1, installation=8), NOW)
    paused.remove_installation(7, NOW)
    assert list(paused.pauses.wholes()) == [1]
    assert [row.begun_by for row in paused.spending.outside(8, 1, NOW).pauses] == ["ann"]


def test_it_is_forgotten_with_the_repository(paused: Ledger) -> None:
    paused.remove_repositories([2], NOW)
    assert list(paused.pauses.wholes()) == [1]
    paused.remove_repositories([1], NOW)
    assert paused.pauses.wholes() == {}
