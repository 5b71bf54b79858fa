"""Whole lives of pull requests, across everything that has a say in them."""

from __future__ import annotations

import re

from demo.github import ci, moves
from demo.github.ci import Files, Job
from demo.github.state import Pull
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers.ledger import ProposalRow
from workers.ledger.trials import RUNNING
from workers.model import Stage

GROUP, RUFF = "upgrade-dependency/linters-group", "upgrade-dependency/ruff"
LINTERS = ("black", "flake8", "mypy", "ruff")
LINES = "".join(f"{name}==1.0\n" for name in LINTERS).encode()
ADA = "ada-example"
ASKS = PLENTY + b"reviewers: [ada-example]\n"


def begun(road: Road, job: Job) -> None:
    """Open the group of a repository whose checks are such a job, and let these end."""
    for name in LINTERS:
        road.index.release(name, "1.0")
        road.index.release(name, "1.1")
    road.add({"requirements.txt": LINES, CONFIG: ASKS})
    road.hub.reviewing.collaborators(NAME, ADA)
    road.hub.ci.script(NAME, job)
    road.hub.settle()
    road.scan()
    road.hub.settle()


def moved(files: Files) -> set[str]:
    return set(re.findall(r"^(\S+)==1\.1\b", files["requirements.txt"].decode(), re.MULTILINE))


def red_with_ruff(files: Files, _: int) -> str:
    return "failure" if "ruff" in moved(files) else "success"


def pull(road: Road, key: str = GROUP) -> Pull:
    found = road.pull(key).pull
    assert found is not None
    return found


def row(road: Road, key: str = GROUP) -> ProposalRow:
    (found,) = (r for r in road.world.book.proposals(road.hub.find(NAME).id, "open") if r.key == key)
    return found


def asked(road: Road, key: str = GROUP) -> list[str]:
    return [account.login for account in pull(road, key).reviewers]


def follow(road: Road, number: int = 1) -> None:
    road.hub.settle()
    road.follow(number)
    road.hub.settle()


def test_a_group_that_turns_red_on_a_newer_base_loses_its_culprit_and_is_merged(road: Road) -> None:
    strict = {"is": False}

    def says(files: Files, _: int) -> str:
        return "failure" if strict["is"] and "ruff" in moved(files) else "success"

    begun(road, Job(says=says))
    follow(road)
    assert (pull(road).draft, asked(road)) == (False, [ADA])
    # The base moves on so that it conflicts, and what it is now does not bear the new ruff.
    strict["is"] = True
    road.hub.push(
        NAME, {"requirements.txt": b"# Linters.\n" + LINES.replace(b"ruff==1.0", b"ruff==1.0  # hm")}
    )
    head = pull(road).head_sha
    follow(road)
    assert pull(road).head_sha != head
    follow(road)
    assert (pull(road).draft, row(road).stage) == (True, Stage.RED)
    for _ in range(8):
        follow(road)
        # While the search goes on nobody is asked anew, and nobody is told anything.
        assert asked(road) == [ADA]
        if len(road.keys()) > 1:
            break
    assert set(road.keys()) == {GROUP, RUFF}
    assert moved(road.hub.files(NAME, f"kotsu/{GROUP}")) == {"black", "flake8", "mypy"}
    follow(road)
    assert (pull(road).draft, asked(road)) == (False, [ADA])
    follow(road, road.pull(RUFF).number)
    assert (pull(road, RUFF).draft, asked(road, RUFF)) == (True, [])
    assert road.pull(GROUP).comments == []
    road.hub.merge(NAME, 1)
    road.follow(1)
    assert road.states()[1] == (GROUP, "merged")
    assert road.branches() == {GROUP, RUFF}


def test_a_red_group_that_a_person_opened_again_is_not_taken_apart(road: Road) -> None:
    begun(road, Job(says=ci.fails_on(b"1.1", ".txt")))
    road.hub.close(NAME, 1)
    road.follow(1)
    road.hub.people.reopen(NAME, 1)
    for _ in range(4):
        follow(road)
    assert road.keys() == [GROUP]
    assert road.branches() == {GROUP}


def test_whoever_looks_at_a_red_group_ends_the_search_in_it(road: Road) -> None:
    begun(road, Job(says=red_with_ruff))
    follow(road)
    assert len(road.branches()) == 2
    road.hub.reviewing.ask(NAME, 1, "bob-example")
    for _ in range(3):
        follow(road)
    assert (road.keys(), road.branches()) == ([GROUP], {GROUP})
    trials = road.world.book.trials.of(road.hub.find(NAME).id)
    assert [trial for trial in trials if trial.outcome == RUNNING] == []
    road.days(40)
    assert road.keys() == [GROUP]


def test_what_a_person_opened_again_stays_though_there_is_nothing_left_to_do(road: Road) -> None:
    repository = road.add({"shop/clock.py": CLOCK})
    road.scan()
    head = pull(road, UTCNOW).head_sha
    road.hub.push(NAME, {"shop/clock.py": b"BORN = None\n"})
    road.scan()
    assert road.keys() == []
    ada = road.hub.world.account(ADA)
    moves.move_ref(road.hub.world, repository, f"refs/heads/kotsu/{UTCNOW}", head, ada)
    road.hub.people.reopen(NAME, 1)
    for _ in range(3):
        road.follow(1)
        road.scan()
    assert road.keys() == [UTCNOW]
