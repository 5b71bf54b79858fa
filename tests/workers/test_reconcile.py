"""What heals without a single webhook, and what is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app import events
from demo.loopback import Answer, Loopback, Request
from tests.road import CLOCK, CONFIG, FILES, NAME, UTCNOW, Road
from workers import reconcile
from workers.messages import Event

OTHER = "acme/other"


def _compare(road: Road) -> None:
    """Let the time pass after which GitHub is asked again, and do what follows."""
    road.ahead += reconcile.EVERY
    reconcile.soon(road.world)
    road.run()


def _state(road: Road, name: str = NAME) -> str | None:
    row = road.world.book.repository(road.hub.find(name).id)
    return row.state if row else None


@pytest.fixture
def known(road: Road) -> Road:
    """Two repositories that were scanned once; nobody tells us of anything after that."""
    road.add({"clock.py": CLOCK})
    road.add({"README.md": b"Nothing to do"}, OTHER)
    _compare(road)
    road.news()
    return road


def test_an_installation_that_nobody_told_of_is_found(known: Road) -> None:
    known.hub.repository("globex/site", {"clock.py": CLOCK, CONFIG: b"version: 1\n"})
    known.hub.install("globex")
    _compare(known)
    assert known.keys("globex/site") == [UTCNOW]


def test_what_did_not_change_costs_five_requests_and_no_job(known: Road) -> None:
    before = known.jobs()["done"]
    _compare(known)
    asked = [e.template for e in known.news()]
    assert sorted(asked) == [
        "/app/hook/deliveries",
        "/app/installations",
        "/app/installations/{installation_id}/access_tokens",
        "/app/installations/{installation_id}/access_tokens",
        "/graphql",
        "/installation/repositories",
    ]
    assert known.jobs()["done"] == before + 1


def test_it_is_asked_for_every_five_minutes_and_not_more_often(known: Road) -> None:
    reconcile.soon(known.world)
    known.wait(200)
    reconcile.soon(known.world)
    assert known.world.book.due(known.world.clock()) == []
    known.wait(101)
    reconcile.soon(known.world)
    assert len(known.world.book.due(known.world.clock())) == 1


def test_pushes_that_were_missed_are_found_by_their_heads(known: Road) -> None:
    known.hub.push(OTHER, {"clock.py": CLOCK})
    _compare(known)
    assert known.keys(OTHER) == [UTCNOW]
    assert len(known.world.book.scans(known.hub.find(NAME).id)) == 1


def test_our_own_branches_are_no_news(known: Road) -> None:
    known.hub.push(NAME, {"x.py": b"x = 1\n"}, branch="topic")
    _compare(known)
    assert len(known.world.book.scans(known.hub.find(NAME).id)) == 1


def test_a_merge_that_was_missed_is_learned(known: Road) -> None:
    number = known.pull(UTCNOW).number
    known.hub.merge(NAME, number)
    _compare(known)
    assert known.states()[number] == (UTCNOW, "merged")


def test_a_new_repository_is_found_and_an_empty_one_is_no_trouble(known: Road) -> None:
    known.add({"clock.py": CLOCK}, "acme/new")
    known.hub.repository("acme/empty")
    _compare(known)
    assert known.keys("acme/new") == [UTCNOW]
    _compare(known)
    assert _state(known, "acme/empty") == "active"


def test_new_names_are_learned(known: Road) -> None:
    known.hub.rename(NAME, "store")
    known.hub.rename_default_branch(OTHER, "trunk")
    _compare(known)
    rows = {row.full_name: row.default_branch for row in known.world.book.repositories()}
    assert rows == {"acme/store": "main", OTHER: "trunk"}


def test_an_archived_repository_rests_and_comes_back(known: Road) -> None:
    known.hub.archive(OTHER)
    _compare(known)
    assert _state(known, OTHER) == "skipped"
    known.hub.archive(OTHER, archived=False)
    known.hub.push(OTHER, {"clock.py": CLOCK})
    _compare(known)
    assert known.keys(OTHER) == [UTCNOW]


def test_a_repository_that_was_taken_out_is_forgotten_with_its_files(known: Road) -> None:
    repository = known.hub.find(NAME)
    mirror = known.world.settings.data_dir / "mirrors" / f"{repository.id}.git"
    assert mirror.exists()
    known.installation.repositories = {known.hub.find(OTHER).id}
    _compare(known)
    assert known.world.book.repository(repository.id) is None
    assert _state(known, OTHER) == "active"
    assert not mirror.exists()


def test_an_installation_that_went_is_forgotten(known: Road) -> None:
    known.hub.uninstall(known.installation)
    _compare(known)
    assert known.world.book.repositories() == []
    row = known.world.book.installation(known.installation.id)
    assert row is not None
    assert row.state == "removed"
    _compare(known)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (r"/app/installations\?", b"[]"),
        ("/installation/repositories", b'{"total_count":0,"repositories":[]}'),
    ],
)
def test_an_empty_list_by_mishap_forgets_nothing(known: Road, path: str, body: bytes) -> None:
    known.hub.fail("GET", path, 200, body=body)
    _compare(known)
    assert len(known.world.book.repositories()) == 2
    assert _state(known) == "active"


def test_a_suspension_and_its_end_are_learned(known: Road) -> None:
    known.hub.suspend(known.installation)
    _compare(known)
    row = known.world.book.installation(known.installation.id)
    assert row is not None
    assert row.state == "suspended"
    known.hub.push(OTHER, {"clock.py": CLOCK})
    _compare(known)
    assert known.keys(OTHER) == []
    known.hub.suspend(known.installation, suspended=False)
    _compare(known)
    assert known.keys(OTHER) == [UTCNOW]


def test_one_tenant_in_trouble_does_not_hold_up_the_others(known: Road) -> None:
    known.hub.repository("globex/site", {CONFIG: b"version: 1\n"})
    known.hub.install("globex")
    _compare(known)
    known.hub.push("globex/site", {"clock.py": CLOCK})
    known.hub.fail("POST", f"installations/{known.installation.id}/access_tokens", 502)
    _compare(known)
    assert known.keys("globex/site") == [UTCNOW]


def test_an_installation_that_is_known_again_is_no_longer_paused(known: Road) -> None:
    known.world.book.pause(known.installation.id, "Check the key.", known.world.clock())
    _compare(known)
    row = known.world.book.installation(known.installation.id)
    assert row is not None
    assert row.reason == ""


# Out of order.


def _told(road: Road, name: str, **payload: object) -> None:
    repository = road.hub.world.find(NAME)
    about = {"id": 1, "name": "shop", "owner": {"login": "acme"}, "default_branch": "main"}
    about |= {"id": repository.id} if repository else {}
    payload = {
        "installation": {"id": road.installation.id, "account": {"login": "acme"}},
        "repository": about,
        **payload,
    }
    event: Event = events.read(name, f"guid-{name}-{payload.get('action')}", payload)
    assert event.kind is not None
    road.world.book.record(event, road.world.clock())
    road.run()


def test_a_push_after_the_repository_was_deleted_leaves_nothing(known: Road) -> None:
    repository = known.hub.find(NAME)
    _told(known, "repository", action="deleted")
    _told(known, "push", ref="refs/heads/main", after="1" * 40)
    del known.hub.world.repositories[repository.id]
    _compare(known)
    assert [row.full_name for row in known.world.book.repositories()] == [OTHER]
    assert known.parked() == []


def test_a_push_before_the_installation_is_as_good_as_after_it(road: Road) -> None:
    road.add({"clock.py": CLOCK})
    _told(road, "push", ref="refs/heads/main", after="1" * 40)
    _told(road, "installation", action="created")
    _compare(road)
    assert road.keys() == [UTCNOW]
    assert [row.state for row in road.world.book.installations()] == ["active"]


# Deliveries.


@pytest.fixture
def receiver(known: Road) -> Iterator[list[int]]:
    """A receiver that is down as long as the list holds a status; the last one taken stays."""
    statuses: list[int] = []

    def answer(_: Request) -> Answer:
        return Answer(statuses.pop(0) if statuses else 202)

    with Loopback(answer) as loopback:
        known.hub.webhook_url = loopback.url
        yield statuses
        known.hub.settle()
        known.hub.webhook_url = None


def _attempts(road: Road) -> list[str]:
    road.hub.settle()
    return [e.path for e in road.news() if e.template.endswith("/attempts")]


def test_a_delivery_that_nobody_took_is_asked_for_again_once(known: Road, receiver: list[int]) -> None:
    receiver.append(503)
    known.hub.push(OTHER, FILES)
    known.hub.settle()
    _compare(known)
    assert len(_attempts(known)) == 1
    first, *_, again = [
        d for d in known.hub.deliveries if d.event == "push" and d.payload["ref"][-4:] == "main"
    ]
    assert (first.status, again.status, again.guid) == (503, 202, first.guid)
    _compare(known)
    assert _attempts(known) == []


@pytest.mark.parametrize("status", [0, 502, 503, 504])
def test_a_delivery_is_asked_for_until_somebody_is_there_to_take_it(
    known: Road, receiver: list[int], status: int
) -> None:
    receiver += [status] * 3
    known.hub.push(NAME, {"x": b"x"}, branch="topic")
    known.hub.settle()
    asked = []
    for _ in range(4):
        _compare(known)
        asked.append(len(_attempts(known)))
    assert asked == [1, 1, 1, 0]
    assert known.hub.deliveries[-1].status == 202


@pytest.mark.parametrize("status", [400, 401, 413, 500])
def test_a_delivery_that_is_refused_again_is_left_to_the_comparison(
    known: Road, receiver: list[int], status: int
) -> None:
    receiver += [status] * 4
    known.hub.push(NAME, {"x": b"x"}, branch="topic")
    known.hub.settle()
    asked = []
    for _ in range(3):
        _compare(known)
        asked.append(len(_attempts(known)))
    assert asked == [1, 0, 0]


def test_an_attempt_that_is_listed_behind_younger_ones_is_seen(known: Road, receiver: list[int]) -> None:
    receiver.append(503)
    for name in ("slow", "quick"):
        known.hub.push(NAME, {"x": b"x"}, branch=name)
    known.hub.settle()
    slow, quick = [d for d in known.hub.deliveries if d.event == "push"][-2:]
    for one in (slow, quick):
        one.delivered_at = known.world.clock() + reconcile.EVERY - timedelta(seconds=20)
    known.hub.world.deliveries.remove(slow)
    _compare(known)
    assert _attempts(known) == []
    known.hub.world.deliveries.append(slow)
    _compare(known)
    (path,) = _attempts(known)
    assert path.split("/")[-2] == str(slow.id)


def test_many_failed_deliveries_are_asked_for_once_each_a_few_at_a_time_and_the_oldest_first(
    known: Road, receiver: list[int]
) -> None:
    receiver += [503] * 130
    for number in range(130):
        known.hub.deliver("push", {"number": number})
    asked = []
    for _ in range(4):
        _compare(known)
        asked.append(_attempts(known))
    assert [len(some) for some in asked] == [50, 50, 30, 0]
    numbers = [int(path.split("/")[-2]) for some in asked for path in some]
    assert numbers == sorted(set(numbers))


def test_what_is_recorded_is_not_asked_for_though_github_never_heard_so(
    known: Road, receiver: list[int]
) -> None:
    receiver += [503, 503]
    for name in ("one", "two"):
        known.hub.push(NAME, {"x": b"x"}, branch=name)
    known.hub.settle()
    (first, second) = [d for d in known.hub.deliveries if d.event == "push"][-2:]
    known.world.book.record(Event(first.guid, "push"), known.world.clock())
    _compare(known)
    (path,) = _attempts(known)
    assert path.split("/")[-2] == str(second.id)


def test_a_delivery_that_github_no_longer_has_stops_nothing(known: Road) -> None:
    known.hub.deliver("push", {"number": 1})
    known.hub.fail("POST", "/attempts", 404, body=b'{"message":"Not Found"}')
    known.hub.push(OTHER, {"clock.py": CLOCK})
    _compare(known)
    assert known.keys(OTHER) == [UTCNOW]


def test_an_outage_of_two_hours_heals_within_ten_minutes(known: Road) -> None:
    known.ahead += timedelta(hours=2)
    known.hub.push(OTHER, {"clock.py": CLOCK})
    known.add({"clock.py": CLOCK}, "acme/new")
    known.hub.merge(NAME, known.pull(UTCNOW).number)
    begun = known.ahead
    _compare(known)
    assert known.ahead - begun <= timedelta(minutes=10)
    assert (known.keys(OTHER), known.keys("acme/new"), known.keys()) == ([UTCNOW], [UTCNOW], [])
