"""When an open pull request is written again, and what becomes of what people did to it meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo.github import git, moves
from demo.github.state import Repository
from tests.road import CLOCK, CONFIG, JOB, NAME, PLENTY, UTCNOW, Road
from workers.messages import Kind, scan_key
from workers.model import Stage

BRANCH = f"kotsu/{UTCNOW}"
LONG = CLOCK + b"".join(b"X%d = %d\n" % (n, n) for n in range(20))
FILES: Mapping[str, bytes] = {"shop/clock.py": LONG}
_LATER = LONG.replace(b"BORN", b"BIRTH")
_GRAPHQL = r"/graphql"


@pytest.fixture
def repository(road: Road) -> Repository:
    """A repository with one pull request of ours."""
    made = road.add(FILES)
    road.scan()
    road.news()
    return made


def asked(road: Road, what: str) -> None:
    road.enqueue(Kind.SCAN, scan_key(road.hub.find(NAME).id), **{what: [UTCNOW]})
    road.run()


def remarks(road: Road, key: str = UTCNOW) -> list[str]:
    return [comment.body for comment in road.pull(key).comments]


def force(road: Road, repository: Repository, sha: str) -> None:
    """Let a person push by force."""
    moves.move_ref(road.hub.world, repository, f"refs/heads/{BRANCH}", sha, road.hub.world.account("ada"))


def test_of_fourteen_pull_requests_one_is_merged_and_nobody_builds_the_others(road: Road) -> None:
    limits = b"limits:\n  open: 14\n  first: 14\n  per-day: 14\n  files: 1\n  series: 14\n"
    head = b'"""Clocks."""\n# One.\n# Two.\n'
    files = {f"shop/clock{n:02}.py": head + LONG for n in range(14)}
    repository = road.add({**files, CONFIG: limits})
    road.hub.world.checks = True
    road.scan()
    road.hub.settle()
    assert len(road.keys()) == len(repository.checks) == 14
    road.hub.merge(NAME, 1)
    road.news()
    road.follow(1)
    # Lines move, and what stands near the change becomes another; still nothing conflicts.
    above, below = head.replace(b"# One", b"# Zero.\n# One") + LONG, head + LONG.replace(b"X1 =", b"Y1 =")
    road.hub.push(NAME, {"shop/clock05.py": above, "shop/clock07.py": below})
    road.scan()
    road.hub.settle()
    assert (len(road.keys()), len(repository.checks), road.writes()) == (13, 14, [])
    # The neighbour of the changed line is another: git calls that a conflict.
    road.hub.push(NAME, {"shop/clock09.py": head + LONG.replace(b"\n\nBORN", b"\n# When.\nBORN")})
    before = {name: repository.branch(f"kotsu/{name}") for name in road.branches()}
    road.scan()
    after = {name: repository.branch(f"kotsu/{name}") for name in road.branches()}
    assert [name for name in before if before[name] != after[name]] == [f"{UTCNOW}.10"]


def test_a_conflict_that_github_notices_late_is_looked_for_again(road: Road, repository: Repository) -> None:
    road.hub.world.lazy = True
    head = repository.branch(BRANCH)
    road.hub.push(NAME, {"shop/clock.py": LONG.replace(b"\n\nBORN", b"\n# When.\nBORN")})
    road.scan()
    assert repository.branch(BRANCH) == head
    road.days(0.01)
    assert repository.branch(BRANCH) != head
    assert b"# When." in road.proposed(UTCNOW, "shop/clock.py")


def test_what_is_asked_for_is_built_on_the_newest_base_once(road: Road, repository: Repository) -> None:
    road.hub.push(NAME, {"README.md": b"More.\n"})
    for _ in range(2):
        asked(road, "rebase")
    head = git.commit(repository.folder, repository.branch(BRANCH) or "")
    assert head.parents == (repository.branch("main"),)
    assert len([w for w in road.writes() if w.endswith("/git/commits")]) == 1


def test_what_is_to_be_made_anew_loses_what_was_added(road: Road, repository: Repository) -> None:
    road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    asked(road, "recreate")
    assert "NEWS.md" not in road.hub.files(NAME, BRANCH)
    assert repository.branch(BRANCH) in repository.signed


def test_a_branch_that_nothing_asks_to_be_built_keeps_what_people_added(
    road: Road, repository: Repository
) -> None:
    theirs = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    road.hub.push(NAME, {"README.md": b"More.\n"})
    road.scan()
    assert (repository.branch(BRANCH), road.writes()) == (theirs, [])


def test_what_cannot_come_along_is_named_once_and_nothing_is_touched(
    road: Road, repository: Repository
) -> None:
    mended = road.proposed(UTCNOW, "shop/clock.py")
    theirs = road.hub.push(
        NAME, {"shop/clock.py": mended.replace(b"X19 = 19", b"X19 = '@ada fixes #1'")}, branch=BRANCH
    )
    road.hub.push(NAME, {"shop/clock.py": _LATER.replace(b"X19 = 19", b"X19 = 0")})
    for _ in range(2):
        road.scan()
    assert repository.branch(BRANCH) == theirs
    (said,) = remarks(road)
    line = 1 + mended.split(b"\n").index(b"X19 = 19")
    assert f"In the way is commit {theirs[:9]} (Change something)." in said
    assert f"It is about line {line} of ` shop/clock.py `:\n\n```diff\n-X19 = 19\n+X19 = '@ada" in said
    assert road.withheld()[UTCNOW][0] == "left-alone"
    newer = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    road.scan()
    assert (repository.branch(BRANCH), len(remarks(road))) == (newer, 1)
    assert newer in remarks(road)[0]


def patches(repository: Repository) -> list[tuple[str, str]]:
    """Return what people committed to the branch, the oldest first: each patch by its id, and the words."""
    folder = repository.folder
    found = [c for c in git.log(folder, f"main..{BRANCH}", limit=50) if "[bot]@" not in c.author.email]
    shown = [(git.run(folder, "diff-tree", "-p", "--binary", f"{c.sha}~", c.sha), c.message) for c in found]
    ids = [
        (git.run(folder, "patch-id", "--stable", data=patch).decode()[:40], words) for patch, words in shown
    ]
    return ids[::-1]


def test_whatever_people_commit_comes_along_as_it_is(road: Road, repository: Repository) -> None:
    ada = git.Person("Ada Ünal", "ada@example.com", git.commit(repository.folder, "main").author.date)
    steps: list[tuple[dict[str, bytes | None], dict[str, str]]] = [
        ({"bin/run": b"#!/bin/sh\n", "link": b"bin/run"}, {"bin/run": "100755", "link": "120000"}),
        ({"bin/run": b"#!/bin/sh\n"}, {}),
        ({"logo.png": bytes(range(256)), 'caf\u00e9 "1".txt': b"x"}, {}),
        ({"bin/run": None, "bin/start": b"#!/bin/sh\n", "link": None, "link/to": b"a folder now\n"}, {}),
        ({}, {}),
    ]
    for number, (files, modes) in enumerate(steps):
        git.grow(repository.folder, BRANCH, files, [(f"Step {number}\n\nWith words.", ada)], modes)
    force(road, repository, repository.branch(BRANCH) or "")
    before = patches(repository)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    assert (len(before), patches(repository)) == (5, before)
    assert git.merge_base(repository.folder, "main", BRANCH) == repository.branch("main")


def test_what_a_person_pushes_while_we_write_is_not_lost(road: Road, repository: Repository) -> None:
    pushed: list[str] = []

    def push() -> None:
        pushed.append(road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH))

    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.hub.meanwhile("POST", _GRAPHQL, push)
    road.scan()
    assert [repository.branch(BRANCH)] == pushed
    assert "just now" in road.withheld()[UTCNOW][1]
    road.scan()
    assert road.proposed(UTCNOW, "NEWS.md") == b"Aware.\n"
    assert b"BIRTH" in road.proposed(UTCNOW, "shop/clock.py")


def test_a_merge_of_the_base_into_our_branch_is_no_obstacle(road: Road, repository: Repository) -> None:
    base = road.hub.push(NAME, {"README.md": b"More.\n"})
    head = repository.branch(BRANCH) or ""
    tree = git.merged_tree(repository.folder, head, base) or ""
    ada = git.Person("Ada", "ada@example.com", git.commit(repository.folder, head).author.date)
    force(road, repository, git.write_commit(repository.folder, tree, [head, base], "Merge main", (ada, ada)))
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    assert git.commit(repository.folder, repository.branch(BRANCH) or "").parents == (
        repository.branch("main"),
    )
    assert b"BIRTH" in road.proposed(UTCNOW, "shop/clock.py")


def test_what_a_person_changed_in_our_commit_comes_along_as_theirs(
    road: Road, repository: Repository
) -> None:
    ours = git.commit(repository.folder, repository.branch(BRANCH) or "")
    ada = git.Person("Ada", "ada@example.com", ours.committer.date)
    entry = git.Entry("100644", "blob", git.write_blob(repository.folder, b"Aware.\n"), "NEWS.md")
    tree = git.write_tree(repository.folder, ours.tree, [entry])
    amended = git.write_commit(repository.folder, tree, ours.parents, ours.message, (ours.author, ada))
    force(road, repository, amended)
    road.scan()
    assert repository.branch(BRANCH) == amended
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    head = git.commit(repository.folder, repository.branch(BRANCH) or "")
    assert (head.author.email, "Kotsu" in head.message) == ("ada@example.com", False)
    assert road.proposed(UTCNOW, "NEWS.md") == b"Aware.\n"


def test_a_branch_without_our_commit_is_theirs(road: Road, repository: Repository) -> None:
    person = git.Person("Ada", "ada@example.com", git.commit(repository.folder, "main").author.date)
    entry = git.Entry("100644", "blob", git.write_blob(repository.folder, b"Mine.\n"), "NEWS.md")
    tree = git.write_tree(repository.folder, "main", [entry])
    own = git.write_commit(
        repository.folder, tree, [repository.branch("main") or ""], "Mine", (person, person)
    )
    force(road, repository, own)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    assert repository.branch(BRANCH) == own
    assert "our commit is not on it any more" in remarks(road)[0]


def test_a_title_that_a_person_gave_stays(road: Road, repository: Repository) -> None:
    road.pull(UTCNOW).title = "JIRA-7: aware clocks"
    for text in (_LATER, LONG.replace(b"BORN", b"HATCHED")):
        road.hub.push(NAME, {"shop/clock.py": text})
        road.scan()
    assert b"HATCHED" in road.proposed(UTCNOW, "shop/clock.py")
    assert road.pull(UTCNOW).title == "JIRA-7: aware clocks"
    assert repository.branch(BRANCH) in repository.signed


def test_a_pull_request_that_was_pointed_elsewhere_is_left_alone(road: Road, repository: Repository) -> None:
    road.hub.push(NAME, {"README.md": b"Next.\n"}, branch="next")
    pull = road.pull(UTCNOW).pull
    assert pull is not None
    pull.base, head = "next", repository.branch(BRANCH)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    assert repository.branch(BRANCH) == head
    assert "pointed at another branch" in road.withheld()[UTCNOW][1]


def test_what_a_person_made_a_draft_waits_for_them(road: Road, repository: Repository) -> None:
    road.world.book.change_proposal(repository.id, 1, road.world.clock(), stage=Stage.HELD)
    head = repository.branch(BRANCH)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    assert repository.branch(BRANCH) == head
    asked(road, "rebase")
    assert b"BIRTH" in road.proposed(UTCNOW, "shop/clock.py")


def test_a_github_that_is_too_old_to_compare_is_never_forced(road: Road, repository: Repository) -> None:
    head = repository.branch(BRANCH)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    words = b'{"errors": [{"message": "Field \'updateRefs\' doesn\'t exist on type \'Mutation\'"}]}'
    road.hub.fail("POST", _GRAPHQL, 200, body=words)
    road.scan()
    assert repository.branch(BRANCH) == head
    assert "updateRefs" in road.withheld()[UTCNOW][1]


_MARK = re.compile(r"<!--.*?-->")


def closed(road: Road, number: int = 1) -> tuple[str, str]:
    """Return a pull request's state and the last thing that was said."""
    issue = road.hub.find(NAME).issues[number]
    return issue.state, _MARK.sub("", issue.comments[-1].body).strip() if issue.comments else ""


def test_what_somebody_did_themselves_is_closed_and_proposed_again_when_it_comes_back(
    road: Road, repository: Repository
) -> None:
    mended = road.proposed(UTCNOW, "shop/clock.py")
    road.hub.push(NAME, {"shop/clock.py": mended})
    road.scan()
    assert closed(road) == ("closed", "Nothing of it is left to do on the base branch.")
    assert road.branches() == set()
    (row,) = road.world.book.proposals(repository.id)
    assert (row.state, row.word) == ("closed", "done")
    road.hub.push(NAME, {"shop/clock.py": LONG})
    road.scan()
    assert road.keys(state="all") == [UTCNOW, UTCNOW]


def test_what_was_closed_as_done_is_no_answer_though_the_ledger_is_lost(
    road: Road, repository: Repository, tmp_path: Path
) -> None:
    road.hub.push(NAME, {"shop/clock.py": road.proposed(UTCNOW, "shop/clock.py")})
    road.scan()
    road.forget(tmp_path / "new.db")
    road.hub.push(NAME, {"shop/clock.py": LONG})
    road.scan()
    assert (road.keys(), len(repository.pulls)) == ([UTCNOW], 2)


@pytest.mark.parametrize("said", [b"improvements:\n  aware-utcnow: false\n", b"enabled: false\n"])
def test_what_is_switched_off_is_closed(road: Road, repository: Repository, said: bytes) -> None:
    road.hub.push(NAME, {CONFIG: said})
    road.scan()
    assert closed(road) == ("closed", "It is switched off in kotsu.yml by now.")
    assert repository.branch(BRANCH) is None


def test_what_may_change_behaviour_is_closed_where_only_safe_ones_are_wanted(road: Road) -> None:
    road.add(
        {".github/workflows/ci.yml": b"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n"}
    )
    road.scan()
    assert road.keys() == [JOB]
    road.hub.push(NAME, {CONFIG: PLENTY + b"unsafe: false\n"})
    road.scan()
    assert closed(road)[0] == "closed"


@pytest.mark.parametrize(
    "files",
    [
        {CONFIG: b"limits:\n  open: 0\n"},
        {"shop/clock.py": CLOCK + b"def broken(:\n"},
        {CONFIG: b"limits: many\n"},
    ],
)
def test_what_waits_or_cannot_be_judged_stays_open(
    road: Road, repository: Repository, files: Mapping[str, bytes]
) -> None:
    head = repository.branch(BRANCH)
    road.hub.push(NAME, files)
    road.scan()
    assert (closed(road), repository.branch(BRANCH)) == (("open", ""), head)


def test_what_a_person_wrote_to_stays_open_and_is_told_of_once(road: Road, repository: Repository) -> None:
    mended = road.proposed(UTCNOW, "shop/clock.py")
    theirs = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    road.hub.push(NAME, {"shop/clock.py": mended})
    for _ in range(2):
        road.scan()
    (said,) = remarks(road)
    assert said.endswith("It stays open, as others have written to its branch.")
    assert repository.branch(BRANCH) == theirs


def test_what_a_person_opened_again_stays_open(road: Road, repository: Repository) -> None:
    road.hub.push(NAME, {"shop/clock.py": road.proposed(UTCNOW, "shop/clock.py")})
    head = repository.branch(BRANCH) or ""
    road.scan()
    git.move_ref(repository.folder, f"refs/heads/{BRANCH}", head)
    moves.reopen(road.hub.world, repository, repository.issues[1], road.hub.world.account("ada"))
    for _ in range(2):
        road.scan()
    assert (closed(road)[0], len(remarks(road))) == ("open", 1)
