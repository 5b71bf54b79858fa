"""From a draft to a reviewer or a merge, by the events of a GitHub with checks of its own."""

from __future__ import annotations

import pytest

from demo.github.ci import Job, fails_on
from demo.github.state import Pull
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road

ADA = "ada-example"
ASKS = PLENTY + b"reviewers: [ada-example]\n"


def followed(road: Road, job: Job, *, automerge: bool = False) -> Pull:
    """Open the one pull request of a repository, let its check end, and look at it."""
    repository = road.add({"shop/clock.py": CLOCK, CONFIG: ASKS})
    road.hub.reviewing.collaborators(NAME, ADA)
    road.hub.ci.script(NAME, job)
    road.hub.ci.require(NAME, job.name)
    road.hub.settle()
    road.scan()
    road.hub.settle()
    number = road.pull(UTCNOW).number
    road.world.book.change_proposal(repository.id, number, road.world.clock(), automerge=automerge)
    road.follow(number)
    pull = repository.issues[number].pull
    assert pull is not None
    return pull


def test_a_reviewer_is_asked_when_the_checks_are_green(road: Road) -> None:
    pull = followed(road, Job())
    assert not pull.draft
    assert [account.login for account in pull.reviewers] == [ADA]
    (row,) = road.world.book.proposals(road.hub.find(NAME).id)
    assert row.reviewers == (ADA,)
    assert row.due is not None


def test_nobody_is_asked_about_what_fails_because_of_us(road: Road) -> None:
    pull = followed(road, Job(says=fails_on(b"timezone", ".py")), automerge=True)
    assert pull.draft
    assert (pull.reviewers, pull.merged_at) == ([], None)


def told(road: Road) -> Pull:
    """Let GitHub be told to merge it once somebody has approved."""
    merging = road.add({"shop/clock.py": CLOCK, CONFIG: ASKS + b"automerge: true\n"}).merging
    merging.approvals, merging.waits = 1, True
    road.hub.reviewing.collaborators(NAME, ADA)
    road.hub.ci.script(NAME, Job(says=lambda _, attempt: "failure" if attempt else "success"))
    road.hub.ci.require(NAME, "tests")
    road.hub.settle()
    road.scan()
    road.hub.settle()
    road.follow(1)
    pull = road.pull(UTCNOW).pull
    assert pull is not None
    assert pull.auto_merge is not None
    return pull


@pytest.mark.parametrize("did", ["draft", "commit", "red"])
def test_what_github_was_told_is_taken_back_before_it_can_merge_something_else(road: Road, did: str) -> None:
    pull = told(road)
    if did == "draft":
        road.hub.draft(NAME, 1)
    elif did == "commit":
        road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=f"kotsu/{UTCNOW}")
    else:
        road.hub.ci.rerun(NAME, pull.head_sha)
        road.hub.settle()
    road.follow(1)
    assert pull.auto_merge is None
    road.news()
    road.follow(1)
    assert road.writes() == []


def test_what_a_person_told_github_stays_told(road: Road) -> None:
    pull = followed(road, Job(says=fails_on(b"timezone", ".py")))
    pull.auto_merge = (road.hub.world.account(ADA), "squash")
    road.follow(1)
    assert pull.auto_merge is not None


def test_what_kotsu_yml_lets_us_merge_is_shown_to_nobody(road: Road) -> None:
    pull = followed(road, Job(), automerge=True)
    assert pull.merged_at is not None
    assert pull.reviewers == []
