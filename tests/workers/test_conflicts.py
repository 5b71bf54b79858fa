"""An open pull request that conflicts with its base: nobody reads it before it is built anew."""

from __future__ import annotations

from datetime import timedelta

from demo.github.ci import NEVER, Job, fails_on
from demo.github.state import Pull
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers.ledger import ProposalRow
from workers.model import Stage
from workers.unsure import STEPS

BRANCH = f"kotsu/{UTCNOW}"
LONG = CLOCK + b"".join(b"X%d = %d\n" % (n, n) for n in range(20))
BESIDE = LONG.replace(b"\n\nBORN", b"\n# When.\nBORN")
ASKS = PLENTY + b"reviewers: [ada-example]\n"


def opened(road: Road, job: Job | None = None, config: bytes = ASKS) -> Pull:
    """Open the one pull request of a repository, whose checks end at once."""
    road.add({"shop/clock.py": LONG, CONFIG: config})
    road.hub.reviewing.collaborators(NAME, "ada-example")
    road.hub.ci.script(NAME, job or Job())
    road.hub.settle()
    road.scan()
    road.hub.settle()
    return pull(road)


def pull(road: Road) -> Pull:
    found = road.pull(UTCNOW).pull
    assert found is not None
    return found


def row(road: Road) -> ProposalRow:
    (found,) = road.world.book.proposals(road.hub.find(NAME).id)
    return found


def left(road: Road) -> timedelta | None:
    due = row(road).due
    return due - road.world.clock() if due else None


def test_what_conflicts_is_built_anew_and_asked_about_then(road: Road) -> None:
    before = opened(road).head_sha
    # Nothing of ours hears of this push but the pull request itself, which is looked at.
    road.hub.push(NAME, {"shop/clock.py": BESIDE})
    road.follow(1)
    road.hub.settle()
    assert pull(road).head_sha != before
    assert b"# When." in road.proposed(UTCNOW, "shop/clock.py")
    assert (pull(road).draft, pull(road).reviewers) == (True, [])
    road.follow(1)
    assert not pull(road).draft
    assert [who.login for who in pull(road).reviewers] == ["ada-example"]


def test_a_conflict_that_github_has_not_worked_out_is_asked_for_again_soon(road: Road) -> None:
    before = opened(road).head_sha
    road.follow(1)
    road.hub.world.lazy = True
    road.hub.push(NAME, {"shop/clock.py": BESIDE})
    road.follow(1)
    waits = left(road)
    assert waits is not None
    # The reminder of the reviewer is days away: the earliest moment counts.
    assert waits <= STEPS[0]
    road.days(0.01)
    assert pull(road).head_sha != before


def test_what_github_never_works_out_is_asked_for_less_and_less_often(road: Road) -> None:
    opened(road)
    road.follow(1)
    road.hub.world.lazy = True
    for step in STEPS:
        pull(road).judged = None
        road.follow(1)
        waits = left(road)
        assert waits is not None
        assert 0.8 * step <= waits <= step
        road.wait(waits.total_seconds() + 1)
    road.hub.world.now = road.world.clock
    road.hub.push(NAME, {"README.md": b"# Moved again\n"})
    road.follow(1)
    assert (left(road) or STEPS[1]) <= STEPS[0]


def test_an_earlier_moment_is_kept_where_github_has_not_worked_it_out(road: Road) -> None:
    opened(road, Job(says=lambda *_: NEVER), ASKS + b"checks:\n  wait: 1\n")
    road.hub.world.lazy = True
    road.follow(1)
    waits = left(road)
    assert waits is not None
    assert waits <= timedelta(minutes=1)


def test_what_conflicts_with_what_a_person_committed_is_left_and_nobody_else_is_asked(road: Road) -> None:
    opened(road)
    theirs = road.hub.push(NAME, {"shop/clock.py": BESIDE.replace(b"utcnow()", b"today()")}, branch=BRANCH)
    road.hub.push(NAME, {"shop/clock.py": LONG.replace(b"utcnow()", b"now()")})
    road.hub.settle()
    for _ in range(3):
        road.follow(1)
    assert road.hub.find(NAME).branch(BRANCH) == theirs
    assert pull(road).reviewers == []
    assert len(road.pull(UTCNOW).comments) <= 1


def test_a_red_one_that_conflicts_is_built_anew_too(road: Road) -> None:
    before = opened(road, Job(says=fails_on(b"timezone", ".py"))).head_sha
    road.follow(1)
    assert row(road).stage == Stage.RED
    road.hub.push(NAME, {"shop/clock.py": BESIDE})
    road.follow(1)
    assert pull(road).head_sha != before


def test_a_draft_that_a_person_made_is_left_alone_though_it_conflicts(road: Road) -> None:
    before = opened(road).head_sha
    road.hub.draft(NAME, 1, draft=False)
    road.hub.draft(NAME, 1)
    road.hub.push(NAME, {"shop/clock.py": BESIDE})
    road.follow(1)
    assert (pull(road).head_sha, row(road).stage) == (before, Stage.HELD)
