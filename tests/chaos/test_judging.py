"""What judges a run of the fleet finds each wrong, and nothing where all is as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from demo.github import git, moves
from demo.github.state import CheckRun, Issue
from tests.app.serving import Server
from tests.chaos import judging
from tests.road import CLOCK, JOB, NAME, UTCNOW, WORKFLOW, Road
from workers import tasks
from workers.ledger import tables
from workers.messages import Kind, scan_key

EXPECTED = {NAME: {UTCNOW: "open", JOB: "merged"}}


@pytest.fixture
def lived(road: Road, told: Server) -> Road:
    """A repository whose pull requests were opened, one of them merged, all of it told and done."""
    road.add({"clock.py": CLOCK, ".github/workflows/ci.yml": WORKFLOW})
    road.hub.install("acme")
    road.settle()
    road.hub.merge(NAME, road.pull(JOB).number)
    road.settle()
    assert told.hinted
    return road


def found(road: Road) -> list[str]:
    return judging.wrongs(road.hub, road.world.book, EXPECTED)


def changed(road: Road, *statements: object) -> None:
    with road.world.book.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]  # statements of any kind


def twice(road: Road) -> Issue:
    bot = road.hub.world.app.bot
    pull = road.pull(UTCNOW)
    head = f"kotsu/{UTCNOW}"
    return moves.open_pull(
        road.hub.world, road.hub.find(NAME), bot, head=head, base="main", title=pull.title, body=pull.body
    )


def never_told(road: Road) -> None:
    url, road.hub.webhook_url = road.hub.webhook_url, "http://127.0.0.1:9/"
    road.hub.deliver("push", {"ref": "refs/heads/main"})
    road.hub.webhook_url = url


def green(road: Road) -> None:
    pull = road.pull(UTCNOW).pull
    assert pull is not None
    check = CheckRun(1, "tests", pull.head_sha, "completed", road.hub.world.now(), "ci")
    check.conclusion = "success"
    road.hub.find(NAME).checks.append(check)


def orphaned(road: Road) -> None:
    repository = road.hub.find(NAME)
    git.move_ref(repository.folder, "refs/heads/kotsu/left-over", repository.branch("main"))


def chatty(road: Road) -> None:
    for _ in range(2):
        road.hub.comment(NAME, road.pull(UTCNOW).number, "A word of ours.", who="kotsu[bot]")


def waiting(road: Road) -> None:
    road.enqueue(Kind.SCAN, scan_key(road.hub.find(NAME).id))


def abandoned(road: Road) -> None:
    waiting(road)
    assert road.world.book.claim("a worker", road.world.clock(), tasks.LEASE) is not None


def poisoned(road: Road) -> None:
    parked = update(tables.job).values(state="poisoned", last_error="too much")
    changed(road, parked.where(tables.job.c.id == 1))


def lost(road: Road) -> None:
    changed(road, delete(tables.job).where(tables.job.c.key == scan_key(road.hub.find(NAME).id)))


def unknown(road: Road) -> None:
    for table in (tables.proposal, tables.event):
        changed(road, delete(table).where(table.c.key == UTCNOW))


WRONGS: dict[str, tuple[Callable[[Road], object], str]] = {
    "a pull request that comes twice": (twice, f"{UTCNOW} must be open, and is open, open"),
    "a pull request that is closed": (lambda r: r.hub.close(NAME, r.pull(UTCNOW).number), "and is closed"),
    "a branch of nobody": (orphaned, "nobody knows the branch kotsu/left-over"),
    "a label that is missing": (lambda r: r.pull(UTCNOW).labels.clear(), "has no label"),
    "a draft that is green": (green, "is green, and a draft still"),
    "a comment that comes twice": (chatty, "has 2 comments that say: A word of ours."),
    "a pull request that the ledger lacks": (unknown, "and the ledger knows None"),
    "a job that waits": (waiting, "is queued at try 0: nobody has begun it"),
    "a lease that is left": (abandoned, "is running at try 0: a worker"),
    "a job that is parked": (poisoned, "is poisoned at try 0: too much"),
    "a job that is lost": (lost, "asked for something, and its job is lost"),
    "a delivery that nobody took": (never_told, "was never taken"),
}


@pytest.mark.parametrize(("act", "words"), WRONGS.values(), ids=WRONGS)
def test_each_wrong_is_found(lived: Road, act: Callable[[Road], object], words: str) -> None:
    assert found(lived) == []
    act(lived)
    assert any(words in wrong for wrong in found(lived)), found(lived)


def test_a_stack_in_the_log_is_a_bug_and_a_sentence_is_none() -> None:
    sentence = json.dumps({"event": "job waits", "reason": "502"})
    lines = "Traceback (most recent call last):\n ...\nKeyError: 'a'"
    stack = json.dumps({"event": "job failed", "exception": lines})
    assert judging.said(f"{sentence}\nworker: Warm shutdown\n") == []
    assert judging.said(f"{sentence}\n{stack}\n") == ["the log has a stack of: job failed: KeyError: 'a'"]
    assert judging.said("Traceback (most recent call last):\n") != []
