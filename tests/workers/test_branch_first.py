"""A branch of ours that becomes a pull request only when its checks are green."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.github import ci
from demo.github.ci import PULLS, Job
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers import dashboard, telling, whynot
from workers.answered import Word
from workers.ledger import ProposalRow
from workers.messages import Kind, branch_key
from workers.model import Stage

BRANCH = f"kotsu/{UTCNOW}"
FIRST = PLENTY + b"open-as: branch\nchecks:\n  wait: 30\n"
BREAKS = ci.fails_on(b"timezone", ".py")


def begun(road: Road, *jobs: Job) -> None:
    """Scan a repository with such jobs, and let these end."""
    road.add({CONFIG: FIRST, "shop/clock.py": CLOCK})
    road.hub.ci.script(NAME, *jobs)
    road.hub.settle()
    road.scan()
    road.hub.settle()


def follow(road: Road) -> None:
    """Let an event of the branch come."""
    road.enqueue(Kind.FOLLOW_UP, branch_key(road.hub.find(NAME).id, BRANCH), branch=BRANCH)
    road.run()
    road.hub.settle()


def row(road: Road) -> ProposalRow:
    (found,) = road.world.book.proposals(road.hub.find(NAME).id)
    return found


def test_a_green_branch_becomes_a_pull_request_of_the_same_commit(road: Road) -> None:
    begun(road, Job())
    assert (road.branches(), road.keys()) == ({UTCNOW}, [])
    assert (row(road).stage, row(road).number < 0) == (Stage.BRANCH, True)
    head = row(road).head_sha
    follow(road)
    pull = road.pull(UTCNOW)
    assert pull.pull is not None
    assert pull.pull.head_sha == head
    assert (row(road).number, row(road).stage) == (1, Stage.DRAFT)
    road.days(0)
    assert not pull.pull.draft
    assert pull.labels == ["kotsu"]


def test_a_branch_that_nothing_needs_any_more_goes(road: Road) -> None:
    begun(road, Job(says=lambda files, _: ci.FOREVER if b"timezone" in files["shop/clock.py"] else "success"))
    assert road.branches() == {UTCNOW}
    road.hub.push(NAME, {"shop/clock.py": b"BORN = None\n"})
    assert road.scan().state == "done"
    assert road.branches() == set()
    assert (row(road).state, row(road).word) == ("closed", Word.DONE)
    road.hub.push(NAME, {"shop/clock.py": CLOCK})
    road.scan()
    assert road.branches() == {UTCNOW}


def test_a_branch_that_was_deleted_can_be_wanted_again(road: Road) -> None:
    road.add({CONFIG: FIRST + b"dashboard: true\n", "shop/clock.py": CLOCK})
    road.scan()
    road.hub.delete_branch(NAME, BRANCH)
    follow(road)
    road.scan()
    assert road.withheld()[UTCNOW][0] == "declined"
    (issue,) = road.hub.people.issues(NAME)
    road.hub.people.tick(NAME, issue.number, f"kotsu:again {UTCNOW} ")
    road.scan()
    assert road.branches() == {UTCNOW}
    road.hub.delete_branch(NAME, BRANCH)
    follow(road)
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_scan_in_between_changes_nothing(road: Road) -> None:
    begun(road, Job(says=lambda files, _: ci.FOREVER if b"timezone" in files["shop/clock.py"] else "success"))
    road.news()
    road.scan()
    assert road.writes() == []
    assert road.keys() == []


def test_a_red_branch_never_becomes_one_and_goes_in_time(road: Road) -> None:
    begun(road, Job(says=BREAKS))
    follow(road)
    assert row(road).failure is not None
    road.days(13)
    assert road.branches() == {UTCNOW}
    road.days(1.1)
    assert (road.branches(), road.keys(state="all")) == (set(), [])
    assert (row(road).state, row(road).word) == ("closed", Word.RED)
    road.scan()
    assert road.branches() == set()


def test_where_checks_wait_for_a_pull_request_there_is_one_as_a_draft(road: Road) -> None:
    begun(road, Job(on=frozenset({PULLS})))
    road.hub.ci.require(NAME, "tests")
    follow(road)
    assert road.keys() == []
    road.wait(31 * 60)
    road.days(0)
    road.hub.settle()
    pull = road.pull(UTCNOW)
    assert pull.pull is not None
    assert pull.pull.draft
    road.days(0)
    assert not pull.pull.draft


def test_a_branch_of_which_nothing_is_left_to_do_goes_and_leaves_its_budget(road: Road) -> None:
    begun(road, Job(says=BREAKS))
    road.hub.push(NAME, {"shop/clock.py": b"BORN = None\n"})
    road.scan()
    assert road.parked() == []
    assert road.branches() == set()
    assert (row(road).state, row(road).word, row(road).cost) == ("closed", Word.DONE, 0)


@pytest.mark.parametrize("newer", [False, True])
def test_a_green_branch_that_a_person_pushed_to_becomes_a_pull_request_with_their_commit(
    road: Road, *, newer: bool
) -> None:
    begun(road, Job())
    theirs = road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=BRANCH)
    road.hub.settle()
    road.scan()
    assert (road.keys(), road.withheld(), road.hub.find(NAME).branch(BRANCH)) == ([], {}, theirs)
    if newer:
        road.hub.push(NAME, {"shop/clock.py": CLOCK + b"\n\nDIED = datetime.utcnow()\n"})
        road.hub.settle()
    follow(road)
    pull = road.pull(UTCNOW)
    assert road.proposed(UTCNOW, "NEWS.md") == b"Mine.\n"
    assert (b"DIED" in road.proposed(UTCNOW, "shop/clock.py")) is newer
    assert (road.hub.find(NAME).branch(BRANCH) == theirs) is not newer
    assert (row(road).number, row(road).written != row(road).head_sha) == (pull.number, True)


def test_a_branch_of_which_a_person_left_nothing_of_ours_is_left_alone(road: Road) -> None:
    begun(road, Job())
    road.hub.delete_branch(NAME, BRANCH)
    theirs = road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=BRANCH)
    road.hub.settle()
    follow(road)
    assert (road.keys(), road.hub.find(NAME).branch(BRANCH)) == ([], theirs)


@pytest.mark.parametrize(
    ("budget", "left"), [(12, {"linters-group", "mypy"}), (0, {"black", "mypy", "ruff"})]
)
def test_a_red_group_without_a_pull_request_is_searched_as_others(
    road: Road, budget: int, left: set[str]
) -> None:
    names = ("black", "mypy", "ruff")
    for name in names:
        road.index.release(name, "1.0")
        road.index.release(name, "1.1")
    lines = "".join(f"{name}==1.0\n" for name in names).encode()
    road.add({"requirements.txt": lines, CONFIG: FIRST + b"  bisect: %d\n" % budget})
    breaks = ci.fails_on(b"mypy==1.1", ".txt")
    road.hub.ci.script(NAME, Job(says=breaks))
    road.hub.settle()
    road.scan()
    road.hub.settle()
    for step in range(6):
        road.days(0.1)
        road.hub.settle()
        for found in road.world.book.proposals(road.hub.find(NAME).id, "open"):
            key = branch_key(road.hub.find(NAME).id, found.branch)
            road.enqueue(Kind.FOLLOW_UP, key, branch=found.branch)
        road.run()
        road.hub.settle()
        if step == 0:
            # A look at the repository in the middle disturbs no search.
            road.scan()
    assert "ended" not in {t.outcome for t in road.world.book.trials.of(road.hub.find(NAME).id)}
    keys = {f"upgrade-dependency/{name}" for name in left}
    assert road.branches() == keys
    assert set(road.keys()) == keys - {"upgrade-dependency/mypy"}
    if budget:
        group = road.proposed("upgrade-dependency/linters-group", "requirements.txt")
        assert group == b"black==1.1\nmypy==1.0\nruff==1.1\n"
    else:
        body = road.pull("upgrade-dependency/black").body or ""
        assert "takes more runs than `checks.bisect` allows" in body


def test_a_branch_that_is_not_wanted_any_more_stays_where_a_person_wrote_to_it(road: Road) -> None:
    begun(road, Job(says=BREAKS))
    road.hub.push(NAME, {"shop/more.py": b"MORE = 1\n"}, branch=BRANCH)
    road.hub.push(NAME, {CONFIG: FIRST + b"improvements: {aware-utcnow: false}\n"})
    road.scan()
    assert (road.branches(), row(road).state) == ({UTCNOW}, "open")


def test_a_branch_that_a_person_deleted_is_an_answer(road: Road) -> None:
    begun(road, Job())
    road.hub.delete_branch(NAME, BRANCH)
    follow(road)
    road.scan()
    assert (road.branches(), road.keys()) == (set(), [])
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_branch_is_found_again_though_the_ledger_is_lost(road: Road, tmp_path: Path) -> None:
    begun(road, Job())
    road.forget(tmp_path / "new.db")
    road.scan()
    road.hub.settle()
    assert (road.branches(), road.keys()) == ({UTCNOW}, [])
    follow(road)
    assert road.keys() == [UTCNOW]


@pytest.mark.parametrize(("method", "path"), [("POST", "/pulls$"), ("POST", "/issues/1/labels")])
def test_a_pull_request_whose_answer_was_lost_is_opened_once(road: Road, method: str, path: str) -> None:
    begun(road, Job())
    road.hub.fail(method, path, 502, after_effect=True)
    follow(road)
    road.wait()
    assert road.keys(state="all") == [UTCNOW]
    assert row(road).number == 1
    assert road.pull(UTCNOW).labels == ["kotsu"]


def test_a_branch_that_nothing_wants_any_more_goes_without_a_question_about_its_number(road: Road) -> None:
    begun(road, Job())
    road.hub.push(NAME, {CONFIG: FIRST + b"improvements:\n  aware-utcnow: false\n"})
    road.news()
    job = road.scan()
    assert job.state == "done"
    assert road.branches() == set()
    assert (row(road).state, row(road).word) == ("closed", Word.SUPERSEDED)
    assert not [exchange.path for exchange in road.news() if "/pulls/-" in exchange.path]


def test_a_branch_that_a_person_wrote_to_stays_though_nothing_wants_it(road: Road) -> None:
    begun(road, Job())
    theirs = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    road.hub.push(NAME, {CONFIG: FIRST + b"improvements:\n  aware-utcnow: false\n"})
    road.scan()
    assert road.hub.find(NAME).branch(BRANCH) == theirs


def test_no_text_takes_the_number_of_a_branch_for_that_of_a_pull_request(road: Road) -> None:
    begun(road, Job())
    found, known = row(road), road.hub.find(NAME)
    front = dashboard.render([found], dashboard.Seen())
    said = telling.about(road.world.book, known.id, UTCNOW)
    for text in (front, said):
        assert str(found.number) not in text
        assert f"`{BRANCH}`" in text
    assert whynot.as_json(NAME, [found], [])["open"][0]["number"] is None  # type: ignore[index]  # JSON
