"""Pull requests: opened once, found again, updated where they are ours, and left alone where they are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.github import git
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, Road
from workers import marker

_LATER = b"from datetime import datetime\n\n\ndef born() -> datetime:\n    return datetime.utcnow()\n"


def test_a_first_scan_opens_one_pull_request_for_each_key(road: Road) -> None:
    road.add()
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    assert road.branches() == {UTCNOW, JOB, SHELF}
    assert road.proposed(SHELF, "requirements.txt") == b"shelf==2.0\n"
    assert b"timeout-minutes: 60" in road.proposed(JOB, ".github/workflows/ci.yml")
    assert {key for key, _ in road.states().values()} == {UTCNOW, JOB, SHELF}


def test_a_pull_request_says_what_it_is(road: Road) -> None:
    road.add()
    road.scan()
    pull = road.pull(UTCNOW)
    assert len(pull.title) <= 72
    assert pull.labels == ["kotsu"]
    body = pull.body or ""
    assert marker.metadata(body).items() >= {"version": 1, "key": UTCNOW, "improvement": UTCNOW}.items()
    for words in ("### What changes", "### Risk", "Don't want this?", f"  {UTCNOW}: false"):
        assert words in body
    assert road.pull(JOB).labels == ["kotsu", "needs-review"]


def test_the_commit_is_the_apps_and_signed(road: Road) -> None:
    repository = road.add()
    road.scan()
    head = repository.branch(f"kotsu/{UTCNOW}") or ""
    assert head in repository.signed
    written = git.commit(repository.folder, head)
    assert written.author.name == written.committer.name == "kotsu[bot]"
    change = marker.metadata(road.pull(UTCNOW).body or "")["change"]
    assert written.message.endswith(f"\n\nKotsu-Change: {change}\nKotsu-Key: {UTCNOW}")
    assert written.parents == (repository.branch("main"),)


def test_labels_that_are_missing_are_created_once(road: Road) -> None:
    repository = road.add()
    road.scan()
    created = [w for w in road.writes() if w.endswith("/labels") and "/issues/" not in w]
    assert len(created) == len(repository.labels) == 2


def test_a_file_stays_executable(road: Road) -> None:
    repository = road.add({"bin/clock.py": CLOCK}, modes={"bin/clock.py": "100755"})
    road.scan()
    entries = git.tree(repository.folder, f"kotsu/{UTCNOW}", recursive=True)
    assert {e.path: e.mode for e in entries}["bin/clock.py"] == "100755"


def test_a_file_that_is_not_utf_8_keeps_its_bytes(road: Road) -> None:
    source = b"# coding: latin-1\nfrom datetime import datetime\n\nBORN = datetime.utcnow()  # caf\xe9\n"
    road.add({"clock.py": source})
    road.scan()
    changed = road.proposed(UTCNOW, "clock.py")
    assert b"caf\xe9" in changed
    assert b"utcnow" not in changed


def test_a_second_scan_changes_nothing(road: Road) -> None:
    road.add()
    road.scan()
    road.news()
    assert road.scan().state == "done"
    assert road.writes() == []


def test_a_push_that_changes_nothing_of_ours_writes_nothing(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.push(NAME, {"NOTES.md": b"x\n"})
    road.news()
    road.scan()
    assert road.writes() == []


def test_a_push_that_changes_the_finding_updates_the_same_pull_request(road: Road) -> None:
    repository = road.add()
    road.scan()
    before = road.pull(UTCNOW)
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.scan()
    after = road.pull(UTCNOW)
    assert (after.number, len(road.keys(state="all"))) == (before.number, 3)
    changed = road.proposed(UTCNOW, "shop/clock.py")
    assert (b"utcnow" in changed, b"def born" in changed) == (False, True)
    head = git.commit(repository.folder, repository.branch(f"kotsu/{UTCNOW}") or "")
    assert head.parents == (repository.branch("main"),)
    road.news()
    road.scan()
    assert road.writes() == []


def test_a_newer_release_updates_the_same_pull_request(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(SHELF).number
    road.index.release("shelf", "3.0")
    road.scan()
    assert (road.pull(SHELF).number, road.pull(SHELF).title) == (number, "Upgrade shelf from 1.0 to 3.0")
    assert road.proposed(SHELF, "requirements.txt") == b"shelf==3.0\n"


def test_the_title_follows_the_history_of_the_repository(road: Road) -> None:
    road.add(history=[f"feat: step {n}" for n in range(6)])
    road.scan()
    assert road.pull(SHELF).title == "chore(deps): upgrade shelf from 1.0 to 2.0"


def test_a_merged_branch_that_stayed_is_used_again(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.merge(NAME, number)
    road.hub.push(NAME, {"shop/later.py": _LATER})
    road.scan()
    assert road.pull(UTCNOW).number > number
    assert b"utcnow" not in road.proposed(UTCNOW, "shop/later.py")


def test_a_merged_branch_is_used_again_though_a_person_had_added_to_it(road: Road) -> None:
    road.add()
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=f"kotsu/{UTCNOW}")
    road.hub.merge(NAME, number)
    road.hub.push(NAME, {"shop/later.py": _LATER})
    road.scan()
    assert road.pull(UTCNOW).number > number


def test_a_persons_commit_on_our_branch_survives(road: Road) -> None:
    repository = road.add()
    road.scan()
    theirs = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=f"kotsu/{UTCNOW}")
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.news()
    road.scan()
    head = git.commit(repository.folder, repository.branch(f"kotsu/{UTCNOW}") or "")
    was = git.commit(repository.folder, theirs)
    assert (head.author, head.message) == (was.author, was.message)
    assert head.committer.name == "kotsu[bot]"
    (ours,) = head.parents
    assert git.commit(repository.folder, ours).parents == (repository.branch("main"),)
    assert (ours in repository.signed, head.sha in repository.signed) == (True, False)
    assert b"def born" in road.proposed(UTCNOW, "shop/clock.py")
    assert road.proposed(UTCNOW, "NEWS.md") == b"Aware.\n"
    road.news()
    road.scan()
    assert road.writes() == []


def test_a_persons_branch_with_our_name_is_left_alone(road: Road) -> None:
    repository = road.add()
    theirs = road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=f"kotsu/{UTCNOW}")
    road.scan()
    assert repository.branch(f"kotsu/{UTCNOW}") == theirs
    assert road.withheld()[UTCNOW][0] == "left-alone"
    assert sorted(road.keys()) == [JOB, SHELF]


def test_a_branch_of_an_interrupted_run_is_used(road: Road) -> None:
    road.add()
    road.hub.fail("POST", r"/pulls$", 502, times=3)
    road.scan()
    assert (road.keys(), road.branches()) == ([], {UTCNOW})
    road.hub.recover()
    road.wait()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    assert len(road.keys(state="all")) == 3


def test_an_update_that_was_interrupted_is_finished(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.hub.fail("PATCH", r"/pulls/\d+$", 502)
    road.scan()
    road.wait()
    assert b"def born" in road.proposed(UTCNOW, "shop/clock.py")
    assert "left-alone" not in {reason for reason, _ in road.withheld().values()}
    road.news()
    road.scan()
    assert road.writes() == []


def test_a_push_that_takes_itself_back_while_an_update_was_interrupted(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    road.hub.fail("PATCH", r"/pulls/\d+$", 502)
    road.scan()
    road.hub.push(NAME, {"shop/clock.py": CLOCK})
    road.wait()
    assert b"def born" not in road.proposed(UTCNOW, "shop/clock.py")


def test_a_label_that_a_person_took_away_stays_away(road: Road) -> None:
    road.add()
    road.scan()
    road.pull(UTCNOW).labels.clear()
    road.scan()
    assert road.pull(UTCNOW).labels == []


def test_nobody_is_asked_when_a_pull_request_opens(road: Road) -> None:
    repository = road.add({**FILES, CONFIG: PLENTY + b"reviewers: [ada-example]\n"})
    road.hub.reviewing.collaborators(NAME, "ada-example")
    road.scan()
    road.scan()
    assert not any(pull.pull and pull.pull.reviewers for pull in road.hub.pulls(NAME))
    assert all("kotsu" in pull.labels for pull in road.hub.pulls(NAME))
    rows = road.world.book.proposals(repository.id)
    assert {row.wanted for row in rows} == {("ada-example",)}


def test_a_body_says_more_at_its_front() -> None:
    body = marker.with_metadata('<!-- kotsu: {"key": "a", "word": "x"} -->\n\nBecause.', word="y", until="z")
    assert marker.metadata(body) == {"key": "a", "word": "y", "until": "z"}
    assert body.endswith("-->\n\nBecause.")
    assert marker.metadata(marker.with_metadata("Emptied.", key="a")) == {"key": "a"}


def test_metadata_is_read_only_at_the_front() -> None:
    assert marker.metadata('<!-- kotsu: {"key": "a"} -->\nx') == {"key": "a"}
    for body in ("", 'x <!-- kotsu: {"key": "a"} -->', "<!-- kotsu: {broken} -->", "<!-- kotsu: [1] -->"):
        assert marker.metadata(body) == {}


def test_the_body_of_a_lost_ledgers_pull_request_is_enough(road: Road, tmp_path: Path) -> None:
    road.add()
    road.scan()
    road.forget(tmp_path / "new.db")
    road.news()
    road.scan()
    assert road.writes() == []
    assert sorted(key for key, state in road.states().values() if state == "open") == [UTCNOW, JOB, SHELF]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/git/refs$", 404, "Not Found"),
        ("POST", "/git/refs$", 422, "Object does not exist"),
        ("POST", "/git/commits$", 422, "Tree SHA does not exist"),
        ("POST", "/git/trees$", 404, "Not Found"),
        ("POST", "/pulls$", 422, "A pull request already exists for acme:kotsu/aware-utcnow."),
        ("GET", "/pulls\\?head=", 404, "Not Found"),
        ("POST", "/pulls$", 409, "Conflict"),
    ],
)
def test_a_no_that_is_only_of_the_moment_leaves_one_pull_request(
    road: Road, method: str, path: str, status: int, message: str
) -> None:
    road.add({"shop/clock.py": CLOCK})
    body = f'{{"message":"Validation Failed","errors":[{{"message":"{message}"}}]}}'.encode()
    road.hub.fail(method, path, status, body=body if status == 422 else b'{"message":"Not Found"}')
    road.scan()
    road.wait()
    assert road.keys(state="all") == [UTCNOW]
    assert road.jobs() == {"done": 1}


def test_what_changes_nothing_on_the_branch_is_left_alone_with_githubs_words(road: Road) -> None:
    road.add({"shop/clock.py": CLOCK})
    body = b'{"message":"Validation Failed","errors":[{"message":"No commits between main and kotsu/x"}]}'
    road.hub.fail("POST", "/pulls$", 422, body=body)
    assert road.scan().state == "done"
    reason, sentence = road.withheld()[UTCNOW]
    assert reason == "left-alone"
    assert "No commits between" in sentence


@pytest.mark.parametrize(
    "message",
    [
        "Cannot create ref due to creations being restricted.",
        "Repository rule violations found: Commit message does not match the pattern",
        "Repository rule violations found: File path is restricted",
        "Repository rule violations found: Commits must have verified signatures",
    ],
)
def test_a_rule_that_keeps_a_branch_out_is_told_and_the_others_are_opened(road: Road, message: str) -> None:
    road.add()
    body = f'{{"message":"{message}"}}'.encode()
    road.hub.fail("POST", "/git/refs$", 422, body=body)
    assert road.scan().state == "done"
    ((reason, sentence),) = road.withheld().values()
    assert (reason, message in sentence) == ("left-alone", True)
    assert len(road.keys()) == 2
    assert road.branches() == {*road.keys()}


_GIT = ("/git/trees$", "/git/commits$", "/git/refs$")
_PULL = ("/pulls$", r"/issues/\d+/labels$", "shop/labels$")


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("steps", [_GIT, _PULL])
def test_whatever_write_goes_wrong_there_is_one_pull_request_for_each_key(
    road: Road, steps: tuple[str, ...], *, after_effect: bool, reset: bool
) -> None:
    road.add()
    for step in steps:
        if reset:
            road.hub.reset("POST", step, after_effect=after_effect)
        else:
            road.hub.fail("POST", step, after_effect=after_effect)
    road.scan()
    for _ in steps:
        road.wait()
    assert road.jobs() == {"done": 1}
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert road.branches() == {UTCNOW, JOB, SHELF}
    assert all("kotsu" in pull.labels for pull in road.hub.pulls(NAME))
    assert sorted(key for key, _ in road.states().values()) == [UTCNOW, JOB, SHELF]


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("step", [r"POST /graphql", r"PATCH /pulls/\d+$"])
def test_whatever_update_goes_wrong_the_pull_request_is_right_in_the_end(
    road: Road, step: str, *, after_effect: bool
) -> None:
    road.add()
    road.scan()
    road.hub.push(NAME, {"shop/clock.py": _LATER})
    method, path = step.split(" ")
    road.hub.reset(method, path, after_effect=after_effect)
    road.scan()
    road.wait()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert b"def born" in road.proposed(UTCNOW, "shop/clock.py")
    assert re.search(r"clock.py", road.pull(UTCNOW).body or "")
