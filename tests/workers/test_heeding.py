"""A review is about what was proposed then: what is proposed now may be something else."""

from __future__ import annotations

from demo.github.state import Pull
from tests.road import CONFIG, NAME, PLENTY, SHELF, Road
from tests.workers.cases import MONDAY
from workers import heeding, marker
from workers.conversation import Conversation

ADA, BOB = "ada-example", "bob-example"
LINES = b"".join(b"# %d\n" % n for n in range(9))
FIRST = {
    "requirements.txt": b"shelf==1.0\n" + LINES,
    CONFIG: PLENTY + b"reviewers: [ada-example]\n",
}


def reviewed(road: Road, state: str = "approved") -> Pull:
    """Open an upgrade that Ada was asked to review, and did."""
    object.__setattr__(road.world, "clock", lambda: MONDAY + road.ahead)
    road.hub.world.now = road.world.clock
    road.add(FIRST)
    road.hub.reviewing.collaborators(NAME, ADA, BOB)
    road.scan()
    road.follow(1)
    road.hub.reviewing.review(NAME, 1, state, who=ADA)
    road.wait(60)
    road.follow(1)
    return pull(road)


def pull(road: Road) -> Pull:
    found = road.pull(SHELF).pull
    assert found is not None
    return found


def talk(road: Road) -> Conversation:
    with road.world.app.open(road.installation.id, road.hub.find(NAME).id) as repo:
        return heeding.read(repo, repo.pull(1))


def newer(road: Road) -> None:
    """Let the upgrade go to a newer release."""
    road.index.release("shelf", "3.0")
    road.scan()
    road.wait(60)
    road.follow(1)


def asked(road: Road) -> list[str]:
    return [account.login for account in pull(road).reviewers]


def test_an_approval_of_an_earlier_release_is_none_of_the_newer_one_and_is_asked_for_again(
    road: Road,
) -> None:
    before = reviewed(road).head_sha
    assert talk(road).reviewed_at is not None
    newer(road)
    assert pull(road).head_sha != before
    assert talk(road).reviewed_at is None
    assert talk(road).objection == "what was approved is not what it proposes now"
    assert asked(road) == [ADA]
    (row,) = road.world.book.proposals(road.hub.find(NAME).id)
    assert (row.reviewed_at, row.reviewers) == (None, (ADA,))


def test_github_that_writes_the_new_head_to_an_earlier_approval_makes_it_no_other(road: Road) -> None:
    reviewed(road)
    road.index.release("shelf", "3.0")
    road.scan()
    pull(road).reviews[0].commit = pull(road).head_sha
    assert talk(road).reviewed_at is None
    road.hub.reviewing.review(NAME, 1, who=BOB)
    assert talk(road).objection == ""


def test_a_review_of_a_page_that_was_open_for_long_is_about_what_it_showed(road: Road) -> None:
    before = reviewed(road, "commented").head_sha
    newer(road)
    road.hub.reviewing.review(NAME, 1, who=BOB)
    pull(road).reviews[-1].commit = before
    assert talk(road).objection == "what was approved is not what it proposes now"


def test_an_approval_stays_where_only_the_base_is_another(road: Road) -> None:
    before = reviewed(road).head_sha
    road.hub.push(NAME, {"requirements.txt": b"-r more.txt\nshelf==1.0\n" + LINES, "more.txt": b""})
    road.scan()
    road.wait(60)
    road.follow(1)
    assert pull(road).head_sha != before
    assert talk(road).objection == ""
    assert talk(road).reviewed_at is not None
    assert asked(road) == []


def test_a_request_for_changes_stays_one_of_the_newer_release(road: Road) -> None:
    reviewed(road, "changes_requested")
    newer(road)
    assert talk(road).objection == "changes are requested"
    assert asked(road) == []


def test_it_is_known_though_the_worker_was_killed_before_it_wrote_the_body(road: Road) -> None:
    reviewed(road)
    road.index.release("shelf", "3.0")
    road.hub.fail("PATCH", "/pulls/1$", 502)
    road.scan()
    road.wait(120)
    pull(road).reviews[0].commit = pull(road).head_sha
    assert marker.changed(marker.metadata(road.pull(SHELF).body or "")) is not None
    assert talk(road).reviewed_at is None
