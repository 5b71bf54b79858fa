"""The life of a pull request: a draft until its checks are green, and nobody is asked about a red one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo.github import ci, moves
from demo.github.ci import FOREVER, NEVER, PULLS, PUSHES, Job, fails_on
from demo.github.state import CheckRun, Issue
from demo.loopback import Request
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers import dashboard, telling, whynot
from workers.answered import Word
from workers.github.statements import Statement
from workers.ledger import ProposalRow
from workers.messages import Kind, branch_key
from workers.model import Stage

ONE = {"README.md": b"# Shop\n", "shop/clock.py": CLOCK}
BREAKS = fails_on(b"timezone", ".py")
"""What the proposal for `aware-utcnow` brings, and nothing before it holds."""
WAIT = PLENTY + b"checks:\n  wait: 30\n"


def opened(road: Road, *jobs: Job, files: dict[str, bytes] | None = None, base: bool = True) -> Issue:
    """Open the one pull request of a repository with such jobs, and let these end."""
    road.add({**ONE, **(files or {})})
    road.hub.ci.script(NAME, *jobs, base=base)
    road.hub.settle()
    road.scan()
    road.hub.settle()
    return road.pull(UTCNOW)


def never(_: ci.Files, __: int) -> str:
    return NEVER


def follow(road: Road) -> None:
    road.news()
    road.follow(1)


def row(road: Road) -> ProposalRow:
    (found,) = road.world.book.proposals(road.hub.find(NAME).id)
    return found


def is_draft(pull: Issue) -> bool:
    assert pull.pull is not None
    return pull.pull.draft


def head(pull: Issue) -> str:
    assert pull.pull is not None
    return pull.pull.head_sha


def bodies(pull: Issue) -> list[str]:
    return [comment.body for comment in pull.comments]


def test_a_proposal_is_a_draft_until_its_checks_are_green(road: Road) -> None:
    pull = opened(road, Job())
    assert is_draft(pull)
    assert row(road).stage == Stage.DRAFT
    follow(road)
    assert not is_draft(pull)
    assert row(road).stage == Stage.READY
    assert pull.comments == []


def test_the_same_verdict_again_writes_nothing(road: Road) -> None:
    pull = opened(road, Job())
    follow(road)
    for _ in range(3):
        follow(road)
        assert road.writes() == []
    assert not is_draft(pull)


def test_a_check_that_still_runs_is_waited_for(road: Road) -> None:
    pull = opened(
        road,
        Job(),
        Job("slow", says=lambda files, _: FOREVER if b"timezone" in files["shop/clock.py"] else "success"),
    )
    follow(road)
    assert is_draft(pull)
    assert row(road).stage == Stage.DRAFT
    assert road.writes() == []
    assert row(road).due is not None


def test_what_fails_because_of_us_stays_a_draft_and_the_ledger_knows_why(road: Road) -> None:
    annotation = {"path": "shop/clock.py", "start_line": 3, "message": "no such name"}
    pull = opened(road, Job(says=BREAKS, annotations=[annotation]), Job("lint"))
    follow(road)
    assert is_draft(pull)
    assert road.writes() == []
    kept = row(road).failure
    assert kept is not None
    assert (kept["name"], kept["excerpt"]) == ("tests", "shop/clock.py:3: no such name")
    assert kept["url"].startswith(f"{road.hub.url}/{NAME}/runs/")
    assert row(road).stage == Stage.RED
    assert pull.pull is not None
    assert pull.pull.reviewers == []


def test_what_fails_on_the_base_too_is_not_ours(road: Road) -> None:
    pull = opened(road, Job(says=ci.fails), Job("lint"))
    follow(road)
    assert not is_draft(pull)
    assert row(road).failure is None


def test_a_base_whose_own_commit_was_never_checked_is_judged_by_an_earlier_one(road: Road) -> None:
    road.add(ONE)
    road.hub.ci.script(NAME, Job(says=ci.fails))
    road.hub.settle()
    road.hub.find(NAME).jobs = [Job(says=ci.fails, on=frozenset({PULLS}))]
    road.hub.push(NAME, {"NOTES.md": b"-\n"})
    road.scan()
    road.hub.settle()
    follow(road)
    assert not is_draft(road.pull(UTCNOW))


def test_a_check_that_passes_when_it_runs_again_was_flaky(road: Road) -> None:
    pull = opened(road, Job(says=lambda files, attempt: "success" if attempt else BREAKS(files, attempt)))
    follow(road)
    assert row(road).stage == Stage.RED
    road.hub.ci.rerun(NAME, head(pull))
    road.hub.settle()
    follow(road)
    assert not is_draft(pull)
    assert (row(road).stage, row(road).failure) == (Stage.READY, None)


def test_a_commit_status_counts_like_a_check(road: Road) -> None:
    pull = opened(road, Job("jenkins", says=BREAKS, status=True))
    follow(road)
    assert is_draft(pull)
    kept = row(road).failure
    assert kept is not None
    assert kept["name"] == "jenkins"


def stuck(road: Road, more: bytes = b"", *, ruleset: bool = True) -> Issue:
    """Open the one pull request of a repository where a required check never begins."""
    road.hub.repository(NAME, {CONFIG: WAIT + more, **ONE})
    road.hub.ci.script(NAME, Job(), base=False)
    road.hub.ci.require(NAME, "tests", "security", ruleset=ruleset)
    road.scan()
    road.hub.settle()
    follow(road)
    return road.pull(UTCNOW)


@pytest.mark.parametrize("ruleset", [True, False])
def test_a_required_check_that_never_begins_is_waited_for_and_named(road: Road, *, ruleset: bool) -> None:
    pull = stuck(road, ruleset=ruleset)
    assert whynot.waits_for(row(road)) == "it waits for its checks"
    road.days(1)
    assert is_draft(pull)
    assert row(road).stage == Stage.DRAFT
    words = "it waits for the required check `security`, which has not begun"
    assert telling.of(road.world, row(road)).endswith(f"Now: {words}.")
    assert words in dashboard.render([row(road)], dashboard.Seen())
    assert whynot.as_json(NAME, [row(road)], [])["open"][0]["waits"] == words  # type: ignore[index]  # JSON


@pytest.mark.parametrize("automerge", [False, True])
def test_what_waits_for_a_required_check_for_long_is_closed_and_comes_again(
    road: Road, *, automerge: bool
) -> None:
    pull = stuck(road, b"automerge: true\n" * automerge)
    road.days(13)
    assert (pull.state, pull.comments) == ("open", [])
    assert pull.pull is not None
    assert (pull.pull.reviewers, pull.pull.merged_at) == ([], None)
    road.days(1.1)
    assert pull.state == "closed"
    (said,) = bodies(pull)
    why = "This has waited for 14 days for the required check `security`, which has not begun"
    assert said.startswith(f"{why}, and nobody can merge it, so it is closed;")
    assert (row(road).word, row(road).cost, road.branches()) == (Word.STUCK, 0, set())
    road.scan()
    assert road.withheld()[UTCNOW][0] == "cooling"
    road.days(31)
    assert road.keys() == [UTCNOW]


@pytest.mark.parametrize("did", ["comment", "command", "push", "never"])
def test_what_waits_for_a_required_check_stays_open_where_a_person_did_anything(road: Road, did: str) -> None:
    pull = stuck(road, b"  close-after: 0\n" if did == "never" else b"")
    if did == "push":
        road.hub.push(NAME, {"NEWS.md": b"Mine.\n"}, branch=f"kotsu/{UTCNOW}")
    elif did != "never":
        road.hub.comment(NAME, 1, {"comment": "I see to it.", "command": "/kotsu why"}[did])
    road.days(40)
    assert pull.state == "open"


def test_a_check_that_says_something_lets_the_waiting_for_another_begin_anew(road: Road) -> None:
    pull = stuck(road)
    road.days(10)
    now = road.world.clock()
    road.hub.find(NAME).checks.append(
        CheckRun(99, "lint", head(pull), "completed", now, "ci", "success", now)
    )
    road.days(6)
    assert pull.state == "open"
    road.days(8.1)
    assert pull.state == "closed"


def test_a_check_of_the_base_that_does_not_come_is_missed_only_for_a_while(road: Road) -> None:
    pull = opened(road, Job(), Job("deploy", on=frozenset({PUSHES})), files={CONFIG: WAIT})
    road.hub.find(NAME).checks[:] = [
        c for c in road.hub.find(NAME).checks if c.name != "deploy" or c.head_sha != head(pull)
    ]
    follow(road)
    assert is_draft(pull)
    road.wait(31 * 60)
    road.days(0)
    assert not is_draft(pull)


def test_a_job_that_is_queued_for_ever_is_missing_after_a_while(road: Road) -> None:
    pull = opened(road, Job("arm", says=never), Job(), files={CONFIG: WAIT})
    follow(road)
    assert is_draft(pull)
    road.wait(31 * 60)
    road.days(0)
    assert not is_draft(pull)


def test_a_repository_without_any_check_does_not_wait(road: Road) -> None:
    road.add(ONE)
    road.scan()
    road.days(0)
    assert not is_draft(road.pull(UTCNOW))


def test_a_repository_whose_workflows_say_nothing_waits_only_for_a_while(road: Road) -> None:
    road.add({**ONE, ".github/workflows/ci.yml": b"on: schedule\njobs: {}\n", CONFIG: WAIT})
    road.scan()
    road.days(0)
    pull = road.pull(UTCNOW)
    assert is_draft(pull)
    road.wait(31 * 60)
    road.days(0)
    assert not is_draft(pull)


def test_checks_that_begin_with_the_pull_request_are_waited_for_since_then(road: Road) -> None:
    pull = opened(road, Job(), Job("slow", says=never), files={CONFIG: WAIT})
    repository = road.hub.find(NAME)
    repository.checks[:] = [c for c in repository.checks if c.head_sha != head(pull)]
    pull.created_at += timedelta(minutes=20)
    road.wait(31 * 60)
    road.days(0)
    assert is_draft(pull)
    road.wait(20 * 60)
    road.days(0)
    assert not is_draft(pull)


def test_our_own_check_is_none(road: Road) -> None:
    pull = opened(road, Job())
    now = road.hub.world.now()
    own = CheckRun(7, "Kotsu configuration", head(pull), "completed", now, "kotsu", "failure", now)
    road.hub.find(NAME).checks.append(own)
    follow(road)
    assert not is_draft(pull)


def test_events_of_one_branch_are_one_look(road: Road) -> None:
    pull = opened(road, Job(), *(Job(f"job-{n}") for n in range(5)))
    assert pull.pull is not None
    repository_id = road.hub.find(NAME).id
    key, branch = branch_key(repository_id, pull.pull.head), pull.pull.head
    jobs = {road.enqueue(Kind.FOLLOW_UP, key, branch=branch) for _ in range(6)}
    road.news()
    road.run()
    assert len(jobs) == 1
    assert sum("mutation" in str(e.body) for e in road.news()) == 1


def test_a_branch_that_is_nobodys_is_left_alone(road: Road) -> None:
    opened(road, Job())
    road.news()
    road.enqueue(Kind.FOLLOW_UP, "x", branch="kotsu/nobody")
    road.run()
    assert road.writes() == []


def test_what_a_person_made_a_draft_is_left_alone_until_a_person_makes_it_ready(road: Road) -> None:
    pull = opened(road, Job())
    follow(road)
    road.hub.draft(NAME, 1)
    follow(road)
    assert is_draft(pull)
    assert row(road).stage == Stage.HELD
    road.days(40)
    assert is_draft(pull)
    assert road.writes() == []
    road.hub.draft(NAME, 1, draft=False)
    follow(road)
    assert row(road).stage == Stage.READY
    assert road.writes() == []


def test_what_a_person_made_a_draft_is_left_alone_though_the_ledger_is_lost(
    road: Road, tmp_path: Path
) -> None:
    pull = opened(road, Job())
    follow(road)
    road.hub.draft(NAME, 1)
    road.forget(tmp_path / "new.db")
    road.scan()
    follow(road)
    assert is_draft(pull)
    assert row(road).stage == Stage.HELD


def test_a_draft_of_ours_becomes_ready_though_the_ledger_is_lost(road: Road, tmp_path: Path) -> None:
    pull = opened(road, Job())
    road.forget(tmp_path / "new.db")
    road.scan()
    road.days(0)
    assert not is_draft(pull)


def test_what_turns_red_later_becomes_a_draft_again(road: Road) -> None:
    pull = opened(road, Job(says=lambda files, attempt: BREAKS(files, 0) if attempt else "success"))
    follow(road)
    assert not is_draft(pull)
    road.hub.ci.rerun(NAME, head(pull))
    road.hub.settle()
    follow(road)
    assert is_draft(pull)
    assert row(road).stage == Stage.RED
    follow(road)
    assert road.writes() == []


def test_what_turns_red_after_a_person_looked_at_it_stays_ready(road: Road) -> None:
    pull = opened(road, Job(says=lambda files, attempt: BREAKS(files, 0) if attempt else "success"))
    follow(road)
    moves.review(road.hub.world, pull, road.hub.world.account("ada-example"))
    road.hub.ci.rerun(NAME, head(pull))
    road.hub.settle()
    follow(road)
    road.days(20)
    assert (is_draft(pull), pull.state) == (False, "open")
    assert row(road).stage == Stage.RED


def test_a_red_one_that_a_person_makes_ready_is_theirs(road: Road) -> None:
    pull = opened(road, Job(says=BREAKS))
    follow(road)
    road.hub.draft(NAME, 1, draft=False)
    follow(road)
    road.days(20)
    assert (is_draft(pull), pull.state) == (False, "open")
    assert pull.comments == []


def test_a_red_one_with_a_commit_of_a_person_is_theirs(road: Road) -> None:
    pull = opened(road, Job(says=BREAKS))
    assert pull.pull is not None
    road.hub.push(NAME, {"shop/more.py": b"import timezone\n"}, branch=pull.pull.head)
    road.hub.settle()
    road.days(20)
    assert pull.state == "open"
    assert pull.comments == []


def test_a_red_one_that_people_talk_about_is_theirs(road: Road) -> None:
    pull = opened(road, Job(says=BREAKS))
    road.hub.comment(NAME, 1, "I am on it.")
    road.days(20)
    assert pull.state == "open"


def test_a_command_to_us_is_no_talk(road: Road) -> None:
    pull = opened(road, Job(says=BREAKS))
    road.hub.comment(NAME, 1, "/kotsu why")
    road.days(20)
    assert pull.state == "closed"


def closed(road: Road) -> Issue:
    pull = opened(road, Job(says=BREAKS))
    follow(road)
    road.days(13)
    assert (pull.state, pull.comments) == ("open", [])
    road.days(1.1)
    return pull


def test_what_stays_red_is_closed_with_one_sentence(road: Road) -> None:
    pull = closed(road)
    assert pull.state == "closed"
    (said,) = bodies(pull)
    check = next(c for c in road.hub.find(NAME).checks if c.head_sha == head(pull))
    assert said.startswith(
        f"[`tests`]({road.hub.url}/{NAME}/runs/{check.id}) has failed because of this change"
    )
    assert road.branches() == set()
    assert (row(road).state, row(road).word) == ("closed", Word.RED)


def test_what_stays_red_may_stay_open(road: Road) -> None:
    pull = opened(road, Job(says=BREAKS), files={CONFIG: PLENTY + b"checks:\n  close-after: 0\n"})
    road.days(100)
    assert pull.state == "open"


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_was_closed_as_red_is_proposed_again_after_its_time(
    road: Road, tmp_path: Path, *, forgotten: bool
) -> None:
    closed(road)
    if forgotten:
        road.forget(tmp_path / "new.db")
    road.scan()
    assert road.keys() == []
    assert road.withheld()[UTCNOW][0] == "cooling"
    road.hub.find(NAME).jobs = [Job()]
    road.days(31)
    assert road.keys() == [UTCNOW]


def test_what_a_person_closed_is_an_answer_though_it_was_red(road: Road) -> None:
    opened(road, Job(says=BREAKS))
    follow(road)
    road.hub.close(NAME, 1)
    follow(road)
    road.days(60)
    assert road.keys() == []
    assert row(road).word == ""


def test_what_was_reopened_and_closed_by_a_person_is_their_answer(road: Road) -> None:
    pull = closed(road)
    road.hub.push(NAME, {"shop/x.py": b"\n"}, branch="kotsu/aware-utcnow")
    moves.reopen(road.hub.world, road.hub.find(NAME), pull, road.hub.world.account("ada-example"))
    follow(road)
    road.days(20)
    assert pull.state == "open"
    road.hub.close(NAME, 1)
    follow(road)
    assert (row(road).state, row(road).word) == ("closed", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/issues/1/comments"),
        ("PATCH", "/pulls/1$"),
        ("DELETE", "/git/refs/"),
        ("GET", "/git/ref/heads/k"),
    ],
)
def test_a_close_that_breaks_off_is_ended_and_says_its_sentence_once(
    road: Road, method: str, path: str
) -> None:
    pull = opened(road, Job(says=BREAKS))
    follow(road)
    road.hub.fail(method, path, 502, after_effect=True)
    road.days(15)
    road.wait()
    assert pull.state == "closed"
    assert len(bodies(pull)) == 1
    assert road.branches() == set()
    assert (row(road).state, row(road).word) == ("closed", Word.RED)


def test_a_ready_whose_answer_was_lost_is_found_done(road: Road) -> None:
    pull = opened(road, Job())
    road.hub.fail("POST", "graphql", 502, after_effect=True)
    follow(road)
    road.wait()
    assert not is_draft(pull)
    assert row(road).stage == Stage.READY


def test_where_there_are_no_drafts_it_opens_ready_and_still_waits(road: Road) -> None:
    repository = road.add(ONE)
    repository.drafts = False
    road.hub.ci.script(NAME, Job(says=BREAKS))
    road.hub.settle()
    road.scan()
    assert not is_draft(road.pull(UTCNOW))
    assert row(road).stage == Stage.READY


def test_who_wants_it_ready_gets_it_ready(road: Road) -> None:
    pull = opened(road, Job(), files={CONFIG: PLENTY + b"open-as: ready\n"})
    assert not is_draft(pull)
    assert row(road).stage == Stage.READY


def test_a_broken_kotsu_yml_leaves_it_alone(road: Road) -> None:
    pull = opened(road, Job())
    road.hub.push(NAME, {CONFIG: b"limits: 3\n"})
    road.hub.settle()
    follow(road)
    assert is_draft(pull)
    assert road.writes() == []


def test_what_is_ignored_in_kotsu_yml_hinders_nothing(road: Road) -> None:
    ignoring = PLENTY + b"checks:\n  ignore: [cover*]\n"
    pull = opened(road, Job(), Job("coverage", says=BREAKS), files={CONFIG: ignoring})
    follow(road)
    assert not is_draft(pull)


LOG = (
    "\ufeff2026-03-02T12:00:00.0000000Z ##[group]Run make test\n"
    "2026-03-02T12:00:01.0000000Z \x1b[31mE   NameError: timezone\x1b[0m hunter2hunter2\n"
    "2026-03-02T12:00:02.0000000Z ##[error]Process completed with exit code 2.\n"
    "2026-03-02T12:00:03.0000000Z Cleaning up orphan processes\n"
)


@pytest.fixture
def visitors(road: Road) -> Iterator[list[Request]]:
    """Who came to the host that keeps the logs."""
    seen: list[Request] = []
    with ci.log_host(road.hub.world, seen):
        yield seen


def test_the_log_is_read_from_another_host_without_the_token(road: Road, visitors: list[Request]) -> None:
    opened(road, Job(says=BREAKS, log=LOG))
    follow(road)
    kept = row(road).failure
    assert kept is not None
    assert kept["excerpt"].splitlines() == [
        "group: Run make test",
        "E   NameError: timezone hunter2hunter2",
        "error: Process completed with exit code 2.",
    ]
    (visit,) = visitors
    assert "authorization" not in visit.headers
    follow(road)
    assert len(visitors) == 1


def test_a_log_that_may_not_be_read_is_done_without(road: Road, visitors: list[Request]) -> None:
    road.installation.permissions.pop("actions")
    road.installation.permissions.pop("statuses")
    pull = opened(road, Job(says=BREAKS, log=LOG, output={"title": "Tests", "summary": "1 of 9 fails"}))
    follow(road)
    kept = row(road).failure
    assert kept is not None
    assert kept["excerpt"] == "Tests\n1 of 9 fails"
    assert visitors == []
    assert is_draft(pull)


def test_a_draft_that_may_not_be_taken_out_of_draft_stays_and_is_tried_tomorrow(road: Road) -> None:
    pull = opened(road, Job())
    no = b'{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}'
    road.hub.fail("POST", "graphql", 200, body=no)
    follow(road)
    assert is_draft(pull)
    assert road.parked() == []
    assert row(road).stage == Stage.DRAFT
    road.days(1.1)
    assert not is_draft(pull)


def test_a_check_of_ours_on_a_pull_request_causes_one_look_and_no_write(road: Road) -> None:
    pull = opened(road, Job())
    follow(road)
    with road.world.app.open(road.installation.id, road.hub.find(NAME).id) as repo:
        repo.statements.make(head(pull), Statement("Kotsu configuration", "failure", "x", "y"))
    follow(road)
    assert road.writes() == []
    assert not is_draft(pull)
