"""From a draft to a reviewer or a merge, by the events of a GitHub with checks of its own."""

from __future__ import annotations

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
    road.world.book.change_proposal(repository.id, number, automerge=automerge)
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


def test_what_kotsu_yml_lets_us_merge_is_shown_to_nobody(road: Road) -> None:
    pull = followed(road, Job(), automerge=True)
    assert pull.merged_at is not None
    assert pull.reviewers == []
