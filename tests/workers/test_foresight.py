"""A branch that changes kotsu.yml hears what would follow from it, and nothing else happens."""

from __future__ import annotations

from demo.github.state import CheckRun
from tests.road import CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, Road
from tests.workers.test_obsolete import proposal
from workers.forecast import Forecast
from workers.messages import Kind, configuration_key
from workers.model import Report, Withheld
from workers.reasons import Reason

BRANCH = "less"


def change(road: Road, text: bytes | None, branch: str = BRANCH) -> CheckRun:
    """Push a kotsu.yml to a branch, do the job, and return the newest check."""
    road.hub.push(NAME, {CONFIG: text}, branch=branch)
    say(road, branch)
    return road.hub.find(NAME).checks[-1]


def say(road: Road, branch: str = BRANCH) -> None:
    key = configuration_key(road.hub.find(NAME).id, branch)
    road.enqueue(Kind.CONFIGURATION, key, branch=branch, head="")
    road.run()


def text(check: CheckRun) -> str:
    return str(check.output["summary"])


def test_it_says_how_many_pull_requests_there_would_be(road: Road) -> None:
    road.add()
    check = change(road, PLENTY + b"improvements: {unbounded-job: false, aware-utcnow: false}\n")
    assert (check.name, check.conclusion) == ("Kotsu configuration", "success")
    assert check.output["title"] == "With this file: 1 pull request instead of 3"
    assert f"- `{JOB}`: It is not looked for." in text(check)
    assert SHELF not in text(check)
    assert check.head_sha == road.hub.find(NAME).branch(BRANCH)


def test_a_rules_no_is_told_with_its_reason(road: Road) -> None:
    road.add()
    check = change(road, b"rules:\n  - match: {package: shelf}\n    enabled: false\n")
    assert check.output["title"] == "With this file: 2 pull requests instead of 3"
    assert f"- `{SHELF}`: It is switched off in kotsu.yml." in text(check)


def test_more_are_told_too(road: Road) -> None:
    road.add({**FILES, CONFIG: b"improvements: {unbounded-job: false}\n"})
    check = change(road, b"# nothing\n")
    assert check.output["title"] == "With this file: 3 pull requests instead of 2"
    assert f"### Proposed now\n\n- `{JOB}`\n" in text(check)


def test_what_is_proposed_in_another_way_is_told(road: Road) -> None:
    road.add()
    check = change(road, PLENTY + b"rules:\n  - match: {package: '*'}\n    reviewers: [ada]\n")
    assert check.output["title"] == "With this file: 3 pull requests, as without it"
    assert f"### Proposed in another way\n\n- `{SHELF}`: `reviewers`\n" in text(check)


def test_what_others_wrote_acts_in_no_summary() -> None:
    why = "`a.py:1`: ask @ada, fixes #1 <img src=x>" + "y" * 900
    gone = Withheld("x", "lint", "Lint", Reason.ADVICE, why)
    before = Report([proposal(f"x{n or ''}") for n in range(900)], (), ())
    summary = Forecast(before, Report((), (gone,), ())).summary()
    assert "ask @\u200bada, fixes #\u200b1 &lt;img src=x>y" in summary
    assert len(summary) < 65_535


def test_the_pace_is_another_matter(road: Road) -> None:
    road.add()
    check = change(road, b"limits: {open: 0, first: 0, per-day: 0}\n")
    assert check.output["title"] == "With this file: 3 pull requests, as without it"
    assert "No pull request would be another one." in text(check)


def test_a_mistake_fails_at_its_place(road: Road) -> None:
    road.add()
    check = change(road, b"limits:\n  opne: 3\n")
    assert (check.conclusion, check.output["title"]) == ("failure", ".github/kotsu.yml has 1 mistake")
    (remark,) = check.output["annotations"]
    assert (remark["path"], remark["start_line"], remark["start_column"]) == (CONFIG, 2, 3)


def test_a_mistake_that_stops_little_fails_as_well(road: Road) -> None:
    road.add()
    check = change(road, b"improvements: {unbounded-job: {minutes: soon}}\n")
    assert check.conclusion == "failure"


def test_a_file_that_mends_a_broken_one_is_compared_with_nothing(road: Road) -> None:
    road.add({**FILES, CONFIG: b"limits: [\n"})
    check = change(road, PLENTY)
    assert check.conclusion == "success"
    assert check.output["title"] == (
        "With this file: 3 pull requests instead of 0, because that of the default branch has mistakes"
    )


def test_a_branch_without_the_file_is_told_what_holds_then(road: Road) -> None:
    road.add({**FILES, CONFIG: b"improvements: {unbounded-job: false}\n"})
    assert change(road, None).output["title"] == "Without this file: 3 pull requests instead of 2"


def test_nothing_but_the_check_is_written_and_the_file_is_used_for_nothing_else(road: Road) -> None:
    road.add()
    road.scan()
    rows = road.states()
    road.news()
    change(road, b"enabled: false\n")
    assert road.writes() == [f"POST /repos/{NAME}/check-runs"]
    assert (road.states(), road.withheld()) == (rows, {})
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    assert [p.name for p in (road.world.settings.data_dir).glob("branch-*")] == []


def test_said_twice_it_is_not_repeated(road: Road) -> None:
    repository = road.add()
    change(road, b"enabled: false\n")
    say(road)
    assert len(repository.checks) == 1


def test_a_branch_that_only_brings_along_what_is_in_force_hears_nothing(road: Road) -> None:
    repository = road.add()
    road.hub.push(NAME, {"README.md": b"# Other\n"}, branch=BRANCH)
    say(road)
    assert repository.checks == []


def test_a_branch_that_is_gone_hears_nothing(road: Road) -> None:
    repository = road.add()
    say(road, "gone")
    assert repository.checks == []
    assert road.jobs() == {"done": 1}


def test_our_own_first_pull_request_says_what_its_file_brings(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    road.scan()
    say(road, "kotsu/configure")
    check = road.hub.find(NAME).checks[-1]
    assert check.output["title"] == "With this file: 3 pull requests, as without it"
