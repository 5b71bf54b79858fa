"""What must never be lost or done twice where the parts of a pull request's life meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from demo.github import git, moves
from demo.github.state import Issue
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, Road
from workers import onboarding, tasks
from workers.ledger import Ledger, Unavailable, jobs
from workers.messages import Kind, remove_key, scan_key

BRANCH = f"kotsu/{UTCNOW}"
SMALL = {"shop/clock.py": CLOCK}


class Killed(BaseException):
    """What no handler catches: the process ends here."""


def mended(road: Road) -> None:
    """Let somebody do by hand what the pull request proposes."""
    road.hub.push(NAME, {"shop/clock.py": road.proposed(UTCNOW, "shop/clock.py")})


def opened_again(road: Road, number: int, head: str) -> Issue:
    """Let a person bring the branch back, and open the pull request again."""
    repository = road.hub.find(NAME)
    git.move_ref(repository.folder, f"refs/heads/{BRANCH}", head)
    issue = repository.issues[number]
    moves.reopen(road.hub.world, repository, issue, road.hub.world.account("ada"))
    return issue


def test_what_a_person_opened_again_stays_open_though_its_word_is_taken_back(road: Road) -> None:
    repository = road.add(SMALL)
    road.scan()
    mended(road)
    head = repository.branch(BRANCH) or ""
    road.scan()
    pull = opened_again(road, 1, head)
    road.follow(1)
    for _ in range(2):
        road.scan()
    assert (pull.state, len(pull.comments)) == ("open", 1)


def test_what_was_made_anew_is_not_made_anew_again_when_its_job_is_repeated(road: Road) -> None:
    """The job fails at something else; what a person pushes before its next try is theirs to keep."""
    repository = road.add()
    road.scan()
    old = road.hub.push(NAME, {"NEWS.md": b"Old.\n"}, branch=BRANCH)
    road.hub.push(NAME, {"requirements.txt": b"shelf == 1.0\n"})
    road.hub.fail("PATCH", rf"/pulls/{road.pull(SHELF).number}$", 502)
    road.enqueue(Kind.SCAN, scan_key(repository.id), recreate=[UTCNOW])
    road.run()
    assert repository.branch(BRANCH) != old
    theirs = road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=BRANCH)
    road.wait()
    assert road.jobs() == {"done": 2}
    assert repository.branch(BRANCH) == theirs


def test_a_repository_that_said_no_loses_no_pull_request_that_is_open(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    road.scan()
    road.hub.close(NAME, road.pull(onboarding.KEY).number)
    road.hub.push(NAME, {CONFIG: PLENTY})
    road.scan()
    assert len(road.keys()) == 3
    road.hub.push(NAME, {CONFIG: None})
    road.scan()
    assert sorted(road.keys()) == sorted([UTCNOW, JOB, SHELF])


@pytest.mark.parametrize("name", ["enqueue", "look_again", "told"])
def test_a_beat_that_is_killed_forgets_nobodys_time(
    road: Road, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    repository = road.add(SMALL)
    road.scan()
    now = road.world.clock()
    road.world.book.look_again(repository.id, now)
    road.world.book.change_proposal(repository.id, 1, road.world.clock(), due=now)

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, name, dies)
        with pytest.raises(Killed):
            tasks.wake(road.world)
    tasks.wake(road.world)
    assert len(road.world.book.due(road.world.clock())) == 2


def test_what_was_fetched_of_a_repository_is_gone_before_nobody_knows_of_it(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = road.add(SMALL)
    road.scan()
    mirror = road.world.settings.data_dir / "mirrors" / f"{repository.id}.git"
    road.enqueue(Kind.REMOVE, remove_key(road.installation.id))
    remove: Callable[..., None] = Ledger.remove_installation

    def dies(*given: object) -> None:
        remove(*given)
        raise Killed

    monkeypatch.setattr(Ledger, "remove_installation", dies)
    with pytest.raises(Killed):
        road.run()
    assert not mirror.exists()


def unavailable(*_: object, **__: object) -> None:
    raise Unavailable("the server closed the connection")


def test_a_database_that_goes_away_in_the_middle_is_no_fault_of_the_jobs(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = road.add(SMALL)
    job_id = road.enqueue(Kind.SCAN, scan_key(repository.id))
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "start_scan", unavailable)
        for _ in range(jobs.TRIES + 1):
            tasks.perform(road.world, job_id)
            road.ahead += timedelta(minutes=1)
    road.run()
    job = road.world.book.job(job_id)
    assert (job and job.state, road.keys()) == ("done", [UTCNOW])


def test_where_it_stays_away_the_job_is_left_to_its_lease(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = road.add(SMALL)
    job_id = road.enqueue(Kind.SCAN, scan_key(repository.id))
    with monkeypatch.context() as patched:
        for name in ("start_scan", "postpone", "due"):
            patched.setattr(Ledger, name, unavailable)
        tasks.perform(road.world, job_id)
    assert road.jobs() == {"running": 1}
    road.wait(tasks.LEASE.total_seconds() - 1)
    assert road.jobs() == {"running": 1}
    road.wait(2)
    assert (road.jobs(), road.keys()) == ({"done": 1}, [UTCNOW])


def test_a_sweep_without_a_database_is_no_bug(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = road.add(SMALL)
    road.scan()
    road.world.book.look_again(repository.id, road.world.clock())
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "due_repositories", unavailable)
        tasks.look_around(road.world)
    assert road.jobs() == {"done": 1}
    tasks.look_around(road.world)
    assert road.world.book.due(road.world.clock())
