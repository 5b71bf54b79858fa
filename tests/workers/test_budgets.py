"""Budgets on the road: two repositories of one team, hours, and what survives a lost ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from demo.github.ci import Job
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, WORKFLOW, Road
from tests.workers.test_plan import CATALOGUE, NOW, finding
from workers import admission, budgets, capacity, config, draft, marker, plan
from workers.budgets import Bounds
from workers.capacity import Spent
from workers.model import Stage
from workers.purses import Price
from workers.reasons import Reason

OTHER = "acme/till"
COMMON, WORKFLOWS = "acme/.github", ".github/workflows/ci.yml"
TEAM = b"capacity:\n  team: acme/team\n"
TEAMS = b"capacity:\n  teams:\n    acme/team: {minutes-per-week: 5}\n"
ONE = {CONFIG: PLENTY + TEAM, "shop/clock.py": CLOCK}


@pytest.fixture
def road(road: Road) -> Road:
    """A road whose organisation has a budget for a team."""
    road.hub.repository(COMMON, {"kotsu.yml": TEAMS})
    return road


def test_two_repositories_share_the_budget_of_their_team(road: Road) -> None:
    road.add(ONE)
    road.add(ONE, OTHER)
    road.scan()
    road.scan(OTHER)
    assert (road.keys(), road.keys(OTHER)) == ([UTCNOW], [])
    reason, sentence = road.withheld(OTHER)[UTCNOW]
    assert reason == "team-budget"
    assert "the budget of `acme/team` has 0 of 5 left this week" in sentence
    road.days(8)
    road.scan(OTHER)
    assert road.keys(OTHER) == [UTCNOW]


def test_a_scan_writes_down_what_its_repository_may_know_of_budgets(road: Road) -> None:
    shop = road.add(ONE)
    key = budgets.key(shop.id)
    assert road.world.book.recall([key]) == {}
    road.scan()
    known = budgets.read(road.world.book.recall([key])[key])
    assert known is not None
    assert known.teams == {"acme/team": Bounds(minutes=5)}
    assert (known.zone, known.organisation) == ("UTC", Bounds())


def test_what_waits_remembers_since_when(road: Road) -> None:
    road.add(ONE)
    other = road.add(ONE, OTHER)
    road.scan()
    road.scan(OTHER)
    (first,) = road.world.book.withheld(other.id)
    road.wait()
    road.scan(OTHER)
    (second,) = road.world.book.withheld(other.id)
    assert first.since is not None
    assert first.since == second.since
    assert (second.seen or first.since) - first.since >= timedelta(hours=1)


def test_a_worker_that_is_faster_leaves_nothing_for_the_other(road: Road) -> None:
    road.add(ONE)
    other = road.add({"README.md": b"# Till"}, OTHER)
    road.scan(OTHER)
    release = reserved(road, other.id)
    road.scan()
    assert road.keys() == []
    assert road.withheld()[UTCNOW][0] == "team-budget"
    release()
    road.scan()
    assert road.keys() == [UTCNOW]


def reserved(road: Road, repository_id: int) -> Callable[[], None]:
    """Keep a place as a worker does that is about to open something; return how to give it back."""
    spending, price = road.world.book.spending, Price("acme/team", 4)
    about = (road.installation.id, repository_id, "another")
    spending.reserve(*about, price, now=road.world.clock(), judge=lambda _: capacity.Verdict())
    return partial(spending.release, repository_id, "another")


def test_what_is_urgent_and_finds_no_room_at_the_door_is_planned_again_at_once(road: Road) -> None:
    other = road.add({"README.md": b"# Till"}, OTHER)
    road.scan(OTHER)
    reserved(road, other.id)
    place = road.world.book.repository(other.id)
    given = config.read(TEAM + TEAMS.removeprefix(b"capacity:\n"), "kotsu.yml", organisation=True)
    assert place is not None
    assert isinstance(given, config.Config)
    (candidate,) = plan.make([finding("heal", target="a")], CATALOGUE, given, (), NOW).now
    proposal = replace(draft.write(candidate, CATALOGUE["heal"], given, semantic=False), cost=4)
    assert (proposal.urgent, proposal.overdraft, proposal.team) == (True, True, "acme/team")
    held = admission.refused(road.world, place.repository, given, replace(proposal, overdraft=False))
    assert held is not None
    assert held.wait is not None
    assert capacity.look_again([held], held.wait.since) == held.wait.since
    patient = replace(proposal, overdraft=False, urgent=False)
    waits = admission.refused(road.world, place.repository, given, patient)
    assert waits is not None
    assert waits.wait is not None
    assert (waits.reason, waits.key) == (Reason.TEAM_BUDGET, "heal/a")
    assert (waits.wait.after or waits.wait.since) > waits.wait.since
    asked = admission.refused(road.world, place.repository, given, patient, hurried=True)
    assert asked is not None
    assert asked.wait is not None
    assert capacity.look_again([asked], asked.wait.since) == asked.wait.since
    assert admission.refused(road.world, place.repository, given, proposal) is None


def test_no_place_is_kept_for_what_is_open(road: Road) -> None:
    repository = road.add(ONE)
    road.scan()
    seen: list[Spent] = []

    def judge(spent: object) -> capacity.Verdict:
        seen.extend(spent)  # type: ignore[call-overload]  # it is a list
        return capacity.Verdict(Reason.TEAM_BUDGET)

    price, now = Price("acme/team", 1), road.world.clock()
    road.world.book.spending.reserve(road.installation.id, repository.id, "new", price, now=now, judge=judge)
    assert [s.price for s in seen] == [Price("acme/team", 5)]


def test_out_of_hours_nothing_is_opened_and_the_next_look_is_at_the_opening(road: Road) -> None:
    repository = road.add({**FILES, CONFIG: PLENTY + b"capacity:\n  days: []\n"})
    road.scan()
    assert road.keys() == []
    assert {reason for reason, _ in road.withheld().values()} == {"out-of-hours"}
    tomorrow = f"{road.world.clock() + timedelta(days=1):%A}".lower()
    road.hub.push(NAME, {CONFIG: PLENTY + f"capacity:\n  days: [{tomorrow}]\n".encode()})
    road.scan()
    assert road.keys() == []
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.due is not None
    assert (row.due.hour, row.due.minute) == (0, 0)
    road.ahead += row.due - road.world.clock()
    road.days(0)
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]


def test_the_price_stands_in_the_body_and_survives_the_ledger(road: Road, tmp_path: Path) -> None:
    repository = road.add(ONE)
    road.scan()
    body = road.pull(UTCNOW).body or ""
    assert "Its review is estimated at 5 minutes, of the budget of `acme/team`." in body
    assert marker.price(marker.metadata(body)) == {"cost": 5, "team": "acme/team", "overdraft": False}
    road.forget(tmp_path / "new.db")
    road.scan()
    (row,) = road.world.book.proposals(repository.id)
    assert (row.cost, row.team, row.overdraft) == (5, "acme/team", False)


def test_a_merge_gives_no_minutes_back(road: Road) -> None:
    road.add({**FILES, CONFIG: PLENTY + b"capacity:\n  minutes-per-week: 7\n"})
    road.scan()
    (first,) = road.keys()
    number = road.pull(first).number
    road.hub.merge(NAME, number)
    road.follow(number)
    assert road.keys() == []
    assert road.withheld()[JOB][0] == "minutes"


def test_what_fails_is_open_like_any_other_and_gives_its_minutes_back_when_it_goes(road: Road) -> None:
    few = b"limits: {open: 1, first: 1}\ncapacity: {minutes-per-week: 100}\n"
    repository = road.add({"shop/clock.py": CLOCK, WORKFLOWS: WORKFLOW, CONFIG: few})
    road.hub.ci.script(NAME, Job(says=lambda files, _: "failure" if is_ours(files) else "success"))
    road.hub.settle()
    road.scan()
    road.hub.settle()
    road.days(0)
    (first,) = road.keys()
    (row,) = road.world.book.proposals(repository.id)
    assert (row.stage, row.cost > 0) == (Stage.RED, True)
    road.days(1)
    ((other, (reason, _)),) = road.withheld().items()
    assert (road.keys(), reason) == ([first], "open-limit")
    road.days(14)
    closed = next(r for r in road.world.book.proposals(repository.id) if r.key == first)
    assert (closed.word, closed.cost) == ("red", 0)
    assert road.keys() == [other]


def is_ours(files: Mapping[str, bytes]) -> bool:
    return b"timezone" in files["shop/clock.py"] or b"timeout" in files[WORKFLOWS]


def test_what_people_close_is_paid_for(road: Road) -> None:
    repository = road.add(ONE)
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    (row,) = road.world.book.proposals(repository.id)
    assert (row.state, row.cost) == ("closed", 5)


BOARD = PLENTY + b"dashboard: true\n"


def test_a_repository_cannot_spend_the_budget_of_a_team_without_access(road: Road) -> None:
    road.add({**ONE, CONFIG: BOARD + TEAM})
    road.add(ONE, OTHER).teams.add("team")
    road.scan()
    assert road.keys() == [UTCNOW]
    assert [row.team for row in road.world.book.proposals(road.hub.find(NAME).id)] == [""]
    (issue,) = road.hub.people.issues(NAME)
    assert "`acme/team` is named here and has no access to this repository" in (issue.body or "")
    road.scan(OTHER)
    assert road.keys(OTHER) == [UTCNOW]
    assert [row.team for row in road.world.book.proposals(road.hub.find(OTHER).id)] == ["acme/team"]


@pytest.mark.parametrize(
    "files",
    [
        {CONFIG: PLENTY + b"reviewers: [ACME/team]\n"},
        {CONFIG: PLENTY + b"rules: [{match: {improvement: aware-utcnow}, reviewers: [acme/team]}]\n"},
        {CONFIG: PLENTY, "CODEOWNERS": b"* @acme/team\n"},
    ],
)
def test_whoever_is_asked_for_a_review_without_access_pays_nothing(
    road: Road, files: Mapping[str, bytes]
) -> None:
    road.add({**ONE, **files})
    road.add({"README.md": b"# Till"}, OTHER).teams.add("team")
    road.scan()
    assert [row.team for row in road.world.book.proposals(road.hub.find(NAME).id)] == [""]


def test_where_nobody_knows_the_team_its_budget_counts(road: Road) -> None:
    road.add(ONE)
    road.add({"README.md": b"# Till"}, OTHER).teams.add("team")
    no = b'{"message":"Resource not accessible by integration"}'
    road.hub.fail("GET", r"/orgs/acme/teams/", 403, times=9, body=no)
    road.scan()
    road.hub.recover()
    assert [row.team for row in road.world.book.proposals(road.hub.find(NAME).id)] == ["acme/team"]


def test_nobody_is_asked_about_teams_that_the_repository_does_not_name(road: Road) -> None:
    road.add({CONFIG: PLENTY, "shop/clock.py": CLOCK})
    road.scan()
    assert [e for e in road.hub.requests if e.template.startswith("/orgs/")] == []
