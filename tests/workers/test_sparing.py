"""What GitHub allows: read from its headers, kept for people when it is little, and asked again for free."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.github.api import Exchange
from tests.fleet import NOW
from tests.road import CONFIG, FILES, PLENTY, UTCNOW, Road
from tests.workers.bookkeeping import claimed
from workers.github import Known
from workers.github.left import left
from workers.ledger import Ledger
from workers.messages import Kind, Priority, Repository, scan_key
from workers.sparing import Left, spared

HOUR = timedelta(hours=1)


def one(remaining: int, resource: str = "core", resets: datetime = NOW + HOUR) -> Left:
    return Left(resource, remaining, 5000, resets)


def counted(found: list[Exchange]) -> list[str]:
    """Return what counts: whatever is asked with an installation's token and is not answered with a 304."""
    free = ("git", "/app/installations/{installation_id}/access_tokens", "/app")
    return [f"{e.method} {e.path}" for e in found if e.template not in free and e.status != 304]


# --- what is decided


def test_as_long_as_there_is_enough_nobody_waits() -> None:
    assert spared([], NOW) is None
    assert spared([one(500), one(4999, "graphql")], NOW) is None


def test_the_last_tenth_is_for_people() -> None:
    found = spared([one(4999, "graphql"), one(499)], NOW)
    assert found is not None
    assert (found.until, found.everybody) == (NOW + HOUR, False)
    assert found.words == "499 of 5000 requests (core) are left"


def test_where_nothing_is_left_everybody_waits_until_the_later_reset() -> None:
    found = spared([one(0), one(0, "graphql", NOW + 2 * HOUR / 3), one(20, "search")], NOW)
    assert found is not None
    assert (found.until, found.everybody) == (NOW + HOUR, True)


@pytest.mark.parametrize("resets", [NOW, NOW - HOUR])
def test_what_was_given_anew_by_now_is_no_limit(resets: datetime) -> None:
    assert spared([one(0, resets=resets)], NOW) is None


def test_a_reset_that_cannot_be_is_no_reason_to_wait_for_ever() -> None:
    found = spared([one(0, resets=NOW + 1000 * HOUR)], NOW)
    assert found is not None
    assert found.until == NOW + 2 * HOUR


def test_a_budget_is_read_from_the_headers() -> None:
    headers = {
        "x-ratelimit-limit": "12500",
        "x-ratelimit-remaining": "7",
        "x-ratelimit-reset": "1767225600",
        "x-ratelimit-resource": "graphql",
    }
    assert left(headers) == Left("graphql", 7, 12500, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("said", ["", "many", "-1", "\u0661", "1" * 40])
def test_headers_that_say_nothing_are_no_budget(said: str) -> None:
    told = {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "1"}
    assert all(left({**told, name: said}) is None for name in told)
    assert left({}) is None


# --- in a run


def test_once_little_is_left_only_people_are_served_until_the_hour_is_over(road: Road) -> None:
    road.add()
    road.scan()
    assert road.world.book.quotas.resting(road.world.clock()) == set()
    road.hub._api.spent[road.installation.id, "core"] = (road.hub.world.now(), 4600)
    assert road.scan().state == "done"
    assert road.world.book.quotas.resting(road.world.clock()) == {road.installation.id}
    job = road.scan()
    assert (job.state, job.tries, job.last_error) == ("queued", 0, None)
    road.world.book.enqueue(
        Kind.SCAN,
        scan_key(road.hub.find("acme/shop").id),
        road.world.clock(),
        priority=Priority.PERSON,
    )
    assert road.world.book.due(road.world.clock()) == [job.id]
    road.ahead += HOUR + timedelta(minutes=1)
    assert road.world.book.quotas.resting(road.world.clock()) == set()


def test_used_up_requests_let_everybody_wait_until_the_hour_is_over(road: Road) -> None:
    road.add()
    road.hub.world.limit = 20
    job = road.scan()
    assert (job.state, job.tries) == ("queued", 0)
    assert "rate limit exceeded" in (job.last_error or "")
    assert timedelta(minutes=58) < job.due - road.world.clock() <= HOUR
    road.world.book.enqueue(Kind.SCAN, "scan:1", road.world.clock(), installation_id=road.installation.id)
    assert road.world.book.due(road.world.clock()) == []
    road.hub.world.limit = 5000
    road.wait(3600)
    assert len(road.keys()) == 3


def test_a_limit_of_graphql_lets_the_installation_rest(road: Road) -> None:
    road.add()
    body = b'{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}'
    road.scan()
    road.hub.fail("POST", "graphql", 200, body=body, headers={"Retry-After": "900"})
    road.days(1)
    assert road.world.book.quotas.resting(road.world.clock()) == {road.installation.id}
    assert road.world.book.quotas.resting(road.world.clock() + timedelta(minutes=16)) == set()


MINUTE = timedelta(minutes=1)


def refused(book: Ledger, now: datetime, asked: timedelta | None = None) -> timedelta:
    return book.quotas.refused(7, now, asked, "secondary rate limit") - now


def test_each_refusal_without_a_word_doubles_the_rest_up_to_an_hour(book: Ledger) -> None:
    now, rests = NOW, []
    for _ in range(9):
        rests.append(refused(book, now) // MINUTE)
        now += rests[-1] * MINUTE
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_refused_while_an_installation_rests_lengthens_nothing(book: Ledger) -> None:
    assert [refused(book, NOW) for _ in range(3)] == [MINUTE] * 3
    assert refused(book, NOW + MINUTE) == 2 * MINUTE


def test_what_github_asks_for_is_kept_to_and_doubles_nothing(book: Ledger) -> None:
    assert refused(book, NOW, 5 * MINUTE) == 5 * MINUTE
    assert refused(book, NOW, MINUTE) == 5 * MINUTE
    assert refused(book, NOW + 5 * MINUTE) == MINUTE


@pytest.mark.parametrize(("behind", "next_rest"), [(0, 2), (1, 1)], ids=["under way", "after the rest"])
def test_only_what_is_done_after_the_rest_ends_the_doubling(
    book: Ledger, behind: int, next_rest: int
) -> None:
    book.enqueue(Kind.SCAN, "scan:1", NOW, installation_id=7)
    job = claimed(book)
    refused(book, NOW)
    assert book.finish(job, NOW + behind * MINUTE)
    assert refused(book, NOW + MINUTE) == next_rest * MINUTE


def test_a_refusal_without_a_word_lets_the_installation_rest_for_a_minute(road: Road) -> None:
    road.add()
    road.hub.fail("GET", "repos/", 403, body=b'{"message":"You have exceeded a secondary rate limit."}')
    job = road.scan()
    assert (job.state, job.tries) == ("queued", 0)
    assert timedelta() < job.due - road.world.clock() <= MINUTE
    assert road.world.book.quotas.resting(road.world.clock()) == {road.installation.id}


# --- a scan where nothing changed


@pytest.mark.parametrize(
    "common", [None, b"", b"limits:\n  open: 9\n"], ids=["none", "without a file", "with one"]
)
def test_a_scan_where_nothing_changed_costs_two_requests_at_most(road: Road, common: bytes | None) -> None:
    road.add({**FILES, CONFIG: PLENTY + b"dashboard: true\n"})
    if common is not None:
        files = {".github/kotsu.yml": common} if common else {"profile/README.md": b"# Acme\n"}
        road.hub.repository("acme/.github", files)
    for _ in range(2):  # the first opens, the second sees what was opened
        road.scan()
    assert len(road.keys()) == 3
    road.news()
    assert road.scan().state == "done"
    found = road.news()
    assert len(found) > 12
    assert counted(found) == ["DELETE /installation/token"]


def test_what_changed_is_seen_and_asked_for_once(road: Road) -> None:
    road.add()
    road.scan()
    road.scan()
    road.news()
    road.hub.push("acme/shop", {"shop/clock.py": b"from datetime import datetime\n\nX = datetime.utcnow()\n"})
    road.scan()
    assert any(path.startswith("GET /repos/acme/shop/git/ref/") for path in counted(road.news()))
    assert b"X = datetime.now(" in road.proposed(UTCNOW, "shop/clock.py")


def test_nothing_is_remembered_of_what_is_forgotten(book: Ledger) -> None:
    book.upsert_repository(Repository(1, "acme", "shop", "main", 7), NOW)
    book.answers.keep(1, "scan:1", "kept", NOW)
    book.answers.keep(2, "scan:2", "of a repository that is not there", NOW)
    assert (book.answers.recall(1, "scan:1"), book.answers.recall(2, "scan:2")) == ("kept", "")
    book.remove_repositories([1], NOW)
    assert book.answers.recall(1, "scan:1") == ""


def test_answers_that_nobody_asked_for_again_go(book: Ledger) -> None:
    book.upsert_repository(Repository(1, "acme", "shop", "main", 7), NOW)
    book.answers.keep(1, "scan:1", "kept", NOW)
    book.prune(NOW + timedelta(days=29))
    assert book.answers.recall(1, "scan:1") == "kept"
    book.prune(NOW + timedelta(days=31))
    assert book.answers.recall(1, "scan:1") == ""


def test_a_server_that_leaves_the_token_out_of_its_etags_is_asked_with_its_own(road: Road) -> None:
    repository = road.add()
    known = Known("")
    headers = {"ETag": '"seven"', "Content-Type": "application/json"}
    road.hub.fail("GET", "/labels/one", 200, body=b'{"name":"one"}', headers=headers)
    with road.world.app.open(road.installation.id, repository.id, known) as repo:
        repo._client.get("/repos/acme/shop/labels/one")
    kept = known.kept()
    assert kept is not None
    road.hub.fail("GET", "/labels/one", 304, headers=headers)
    with road.world.app.open(road.installation.id, repository.id, Known(kept)) as repo:
        assert repo._client.get("/repos/acme/shop/labels/one") == {"name": "one"}
    (_, asked) = [e for e in road.hub.requests if e.path.endswith("/labels/one")]
    assert asked.headers["if-none-match"] == '"seven"'


def test_a_token_that_sees_less_is_answered_anew(road: Road) -> None:
    known = Known("")
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id, known):
        pass
    road.hub.archive("acme/shop")
    with road.world.app.open(road.installation.id, repository.id, Known(known.kept())) as repo:
        assert repo.about.skipped == "It is archived."
