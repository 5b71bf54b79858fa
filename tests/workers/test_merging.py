"""Merging one pull request without a person: only what kotsu.yml names, and only exactly what was proven."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from demo.github import git
from demo.github.state import CheckRun
from tests.road import CONFIG, JOB, NAME, PLENTY, UTCNOW, WORKFLOW, Road
from tests.workers.cases import GREEN, Stand, opened
from workers import merging
from workers.checks import Colour, Verdict
from workers.messages import Kind
from workers.world import LostError

ADA = "ada-example"
WAITING = Verdict(Colour.WAITING, "Something runs.")


def ripe(road: Road, config: bytes = b"", **merging_: object) -> Stand:
    """Open one that is to be merged by itself, where the branch asks for what is given."""
    found = opened(road, config)
    found.note(automerge=True)
    for name, value in merging_.items():
        setattr(found.repository.merging, name, value)
    return found


def attend(found: Stand, verdict: Verdict = GREEN) -> bool:
    with found.case(verdict) as case:
        return merging.attend(case)


def mutations(found: Stand) -> list[str]:
    """Return the GraphQL mutations and writes since."""
    said = []
    for exchange in found.road.news():
        if exchange.template == "/graphql" and isinstance(exchange.body, Mapping):
            query = str(exchange.body["query"])
            said += [query.partition("{ ")[2].partition("(")[0]] if query.startswith("mutation") else []
        elif exchange.writes and "token" not in exchange.path and exchange.template != "git":
            said.append(f"{exchange.method} {exchange.path.rpartition('/')[2]}")
    return said


def fails(found: Stand, commit: str, name: str = "tests", ago: timedelta = timedelta()) -> None:
    """Let a check of a commit fail."""
    world = found.road.hub.world
    then = world.now() - ago
    check = CheckRun(next(world.ids), name, commit, "completed", then, "ci", "failure", then)
    found.repository.checks.append(check)


def test_what_kotsu_yml_does_not_name_is_not_even_looked_at(road: Road) -> None:
    found = opened(road)
    with found.case() as case:
        road.news()
        assert merging.attend(case) is False
        assert road.news() == []
    assert found.issue.state == "open"


def test_what_has_passed_is_merged_in_one_commit_and_the_next_may_come(road: Road) -> None:
    found = ripe(road)
    assert attend(found) is True
    assert found.pull.merged_at is not None
    assert found.row.state == "merged"
    assert found.pull.merge_sha
    assert len(git.commit(found.repository.folder, found.pull.merge_sha).parents) == 1
    waiting = [job for job in road.world.book.jobs("queued") if job.kind is Kind.SCAN]
    assert len(waiting) == 1
    assert found.asked == []


def test_the_pull_request_at_hand_is_not_asked_for_again(road: Road) -> None:
    found = ripe(road)
    with found.case() as case:
        road.news()
        assert merging.attend(case) is True
        assert f"/repos/{NAME}/pulls/1" not in [e.path for e in road.news() if not e.writes]


def test_the_method_that_the_repository_allows_is_used(road: Road) -> None:
    found = ripe(road, methods={"merge"})
    assert attend(found) is True
    assert found.pull.merge_sha
    assert len(git.commit(found.repository.folder, found.pull.merge_sha).parents) == 2


def test_a_branch_can_allow_fewer_methods_than_its_repository(road: Road) -> None:
    found = ripe(road)
    words = b'{"message":"Merge method squash merging is not allowed on this branch"}'
    road.hub.fail("PUT", r"/merge$", 405, body=words)
    assert attend(found) is True
    assert found.row.state == "merged"


@pytest.mark.parametrize(
    "verdict", [Verdict(Colour.GREEN, "Nothing is required."), Verdict(Colour.RED, "No.")]
)
def test_what_is_not_proven_needs_a_person(road: Road, verdict: Verdict) -> None:
    found = ripe(road)
    assert attend(found, verdict) is False
    assert mutations(found) == []


def test_nobody_is_asked_while_checks_run(road: Road) -> None:
    found = ripe(road)
    assert attend(found, WAITING) is True
    assert mutations(found) == []


@pytest.mark.parametrize("merging_", [{}, {"queue": True}, {"approvals": 1, "waits": True}])
def test_a_head_that_moved_after_it_was_judged_is_not_merged(
    road: Road, merging_: Mapping[str, object]
) -> None:
    found = ripe(road, **merging_)
    with found.case() as case:
        road.hub.push(NAME, {"shop/clock.py": b"x = 1\n"}, branch=f"kotsu/{UTCNOW}")
        if merging_:
            assert merging.attend(case) is False
        else:
            # The job is done again: what somebody pushed is judged by itself, and then it is theirs.
            with pytest.raises(Exception, match="409"):
                merging.attend(case)
    assert (found.issue.state, found.pull.queued, found.pull.auto_merge) == ("open", False, None)
    assert attend(found) is False


def test_a_head_that_moves_in_the_very_moment_is_not_merged(road: Road) -> None:
    found = ripe(road)
    road.hub.fail("PUT", r"/merge$", 409, body=b'{"message":"Head branch was modified."}')
    with pytest.raises(Exception, match="409"):
        attend(found)
    assert (found.issue.state, found.row.state) == ("open", "open")


def test_a_base_that_moves_in_the_very_moment_is_tried_again_soon(road: Road) -> None:
    found = ripe(road)
    words = b'{"message":"Base branch was modified. Review and try the merge again."}'
    road.hub.fail("PUT", r"/merge$", 405, body=words)
    assert attend(found) is True
    assert found.due() == timedelta(minutes=2)
    assert found.row.state == "open"


def test_where_github_refuses_to_merge_a_person_is_asked(road: Road) -> None:
    found = ripe(road)
    road.hub.fail("PUT", r"/merge$", 405, body=b'{"message":"Pull Request is not mergeable"}')
    assert attend(found) is False
    assert found.row.state == "open"


@pytest.mark.parametrize("objection", ["commit", "draft and ready", "changes", "command", "stopped"])
def test_a_person_who_speaks_against_it_is_heard(road: Road, objection: str) -> None:
    found = ripe(road)
    if objection == "commit":
        road.hub.push(NAME, {"x.txt": b"x"}, branch=f"kotsu/{UTCNOW}")
    elif objection == "draft and ready":
        road.hub.draft(NAME, found.number)
        road.hub.draft(NAME, found.number, draft=False)
    elif objection == "changes":
        road.hub.reviewing.review(NAME, found.number, "changes_requested")
    elif objection == "command":
        road.hub.comment(NAME, found.number, "/kotsu why")
    else:
        road.hub.reviewing.stop_merging(NAME, found.number)
    assert attend(found) is False
    assert mutations(found) == []
    assert found.issue.state == "open"


def test_a_comment_that_is_no_command_is_no_obstacle(road: Road) -> None:
    found = ripe(road)
    road.hub.comment(NAME, found.number, "Nice.")
    road.hub.reviewing.review(NAME, found.number, "approved")
    assert attend(found) is True
    assert found.row.state == "merged"


def test_changes_that_were_requested_and_dismissed_are_none(road: Road) -> None:
    found = ripe(road)
    review = road.hub.reviewing.review(NAME, found.number, "changes_requested")
    assert attend(found) is False
    road.hub.reviewing.dismiss(NAME, found.number, review)
    assert attend(found) is True
    assert found.row.state == "merged"


def test_out_of_hours_it_waits_for_them(road: Road) -> None:
    found = ripe(road)
    hours = b"capacity:\n  hours: 14:00-17:00\n  days: [tuesday]\n"
    road.hub.push(NAME, {CONFIG: PLENTY + hours})
    assert attend(found) is True
    assert (found.issue.state, found.due()) == ("open", timedelta(days=1, hours=4))
    found.pass_days(1.2)
    assert attend(found) is True
    assert found.row.state == "merged"


def test_where_a_review_is_required_github_merges_after_it(road: Road) -> None:
    found = ripe(road, approvals=1, waits=True)
    assert attend(found) is False
    assert mutations(found) == ["enablePullRequestAutoMerge"]
    assert attend(found) is False
    assert mutations(found) == []
    road.hub.reviewing.review(NAME, found.number)
    assert found.pull.merged_at is not None


def test_where_github_may_not_wait_a_person_is_asked(road: Road) -> None:
    found = ripe(road, approvals=1)
    assert attend(found) is False
    assert mutations(found) == []
    road.hub.reviewing.review(NAME, found.number)
    assert attend(found) is True
    assert found.row.state == "merged"


def test_what_github_was_told_is_taken_back_when_changes_are_requested(road: Road) -> None:
    found = ripe(road, approvals=1, waits=True)
    attend(found)
    mutations(found)
    road.hub.reviewing.review(NAME, found.number, "changes_requested")
    assert attend(found) is False
    assert mutations(found) == ["disablePullRequestAutoMerge"]
    assert found.pull.auto_merge is None


def test_what_github_was_told_is_taken_back_when_kotsu_yml_does_not_allow_it_any_more(road: Road) -> None:
    found = ripe(road, approvals=1, waits=True)
    attend(found)
    mutations(found)
    found.note(automerge=False)
    assert attend(found) is False
    assert mutations(found) == ["disablePullRequestAutoMerge"]


def test_whoever_stops_github_is_heard_for_good(road: Road) -> None:
    found = ripe(road, approvals=1, waits=True)
    attend(found)
    road.hub.reviewing.stop_merging(NAME, found.number)
    mutations(found)
    for _ in range(2):
        assert attend(found) is False
    assert mutations(found) == []
    assert found.pull.auto_merge is None


def test_a_merge_queue_is_used_where_the_branch_has_one(road: Road) -> None:
    found = ripe(road, queue=True, strict=True)
    assert attend(found) is True
    assert mutations(found) == ["enqueuePullRequest"]
    assert attend(found) is True
    assert mutations(found) == []
    road.hub.reviewing.run_queue(NAME)
    assert found.pull.merged_at is not None


def test_github_that_does_not_understand_is_no_reason_to_fail(road: Road) -> None:
    found = ripe(road, queue=True)
    road.hub.fail("POST", r"graphql$", 502, times=9)
    assert attend(found) is False
    assert found.issue.state == "open"


def test_what_is_behind_is_written_on_the_newest_base_once_for_each(road: Road) -> None:
    found = ripe(road, strict=True)
    road.hub.push(NAME, {"README.md": b"# More\n"})
    for _ in range(2):
        assert attend(found) is True
        (job,) = (j for j in road.world.book.jobs("queued") if j.kind is Kind.SCAN)
        assert job.detail["rebase"] == [UTCNOW]
        assert found.due() == timedelta(hours=1)
    # The scan found no way; people are asked then.
    found.pass_days(0.05)
    assert attend(found) is False
    road.hub.push(NAME, {"README.md": b"# Even more\n"})
    assert attend(found) is True
    road.run()
    # The scan writes what kotsu.yml says, which is nothing here.
    found.note(automerge=True)
    assert attend(found) is True
    assert found.row.state == "merged"


def test_a_default_branch_that_broke_after_ours_pauses_merging_until_it_is_green(road: Road) -> None:
    first = ripe(road)
    before = first.repository.branch("main") or ""
    fails(first, before, "old")
    assert attend(first) is True
    head = first.repository.branch("main") or ""
    fails(first, head, "old")
    # Another of the same repository, which is open and ready.
    road.hub.push(NAME, {"shop/more.py": b"from datetime import datetime\n\nBORN = datetime.utcnow()\n"})
    road.run()
    (issue,) = road.hub.pulls(NAME, "open")
    second = Stand(road, first.repository, issue.number)
    second.note(automerge=True)
    road.hub.draft(NAME, second.number, draft=False, who=road.hub.world.app.bot.login)
    tip = first.repository.branch("main") or ""
    fails(second, tip, "old")
    fails(second, tip, "new")
    assert attend(second) is True
    assert second.due() == timedelta(hours=1)
    assert second.row.state == "open"
    second.pass_days(1)
    assert attend(second) is False
    first.repository.checks[:] = [c for c in first.repository.checks if c.name != "new"]
    assert attend(second) is True
    assert second.row.state == "merged"


def test_another_workers_job_merges_nothing(road: Road) -> None:
    found = ripe(road)
    with found.case() as case:
        road.world.book.finish(case.job, road.world.clock())
        with pytest.raises(LostError):
            merging.attend(case)
    assert found.issue.state == "open"


def test_of_several_that_are_behind_one_is_written_anew_at_a_time(road: Road) -> None:
    found = ripe(road, strict=True)
    road.hub.push(NAME, {"shop/more.yml": b"a: 1\n", ".github/workflows/ci.yml": WORKFLOW})
    road.run()
    road.scan()
    other = Stand(road, found.repository, road.pull(JOB).number)
    road.hub.draft(NAME, other.number, draft=False, who=road.hub.world.app.bot.login)
    road.hub.push(NAME, {"README.md": b"# More\n"})
    for one in (found, other):
        one.note(automerge=True)
    assert attend(other) is True
    assert attend(found) is True
    (job,) = (j for j in road.world.book.jobs("queued") if j.kind is Kind.SCAN)
    assert job.detail["rebase"] == [JOB]
    assert (found.row.based, found.due()) == ("", timedelta(hours=1))
    road.run()
    for one in (found, other):
        one.note(automerge=True)
    assert attend(other) is True
    assert other.row.state == "merged"
    waiting = [job for job in road.world.book.jobs("queued") if job.kind is Kind.FOLLOW_UP]
    assert [job.detail["number"] for job in waiting] == [found.number]


@pytest.mark.parametrize("path", ["timeline", "merge$"])
def test_a_permission_that_was_taken_back_leaves_it_to_people(road: Road, path: str) -> None:
    found = ripe(road)
    words = b'{"message":"Resource not accessible by integration"}'
    road.hub.fail("*", path, 403, body=words, times=9)
    with found.case() as case:
        assert merging.attend(case) is False
    assert found.issue.state == "open"
