"""What is asked of checks: every page of them, what must pass, and the end of a log without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from demo.github.ci import Job
from demo.github.state import CheckRun
from demo.loopback import Answer, Loopback, Request
from tests.road import NAME, Road
from workers import redaction
from workers.checks import End, Run
from workers.github import Repo, job_logs
from workers.github.checks import EXCERPT, _run

HTTPS = "https://api.github.com"


@pytest.fixture
def repo(road: Road) -> Iterator[Repo]:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as opened:
        yield opened


def tip(road: Road) -> str:
    return road.hub.find(NAME).branch("main") or ""


def test_every_page_of_runs_is_read_and_runs_again_count(road: Road, repo: Repo) -> None:
    commit, now = tip(road), road.hub.world.now()
    checks = road.hub.find(NAME).checks
    for number in range(103):
        checks.append(CheckRun(number + 1, f"job-{number % 100}", commit, "queued", now, "circleci"))
    assert len(repo.checks.runs(commit)) == 103
    assert [e.query["filter"] for e in road.news() if "check-runs" in e.path] == ["all", "all"]


def test_what_must_pass_is_said_by_protection_and_by_rulesets(road: Road, repo: Repo) -> None:
    assert repo.checks.required("main") == frozenset()
    road.hub.ci.require(NAME, "tests", "lint")
    road.hub.ci.require(NAME, "security", "lint", ruleset=True)
    assert repo.checks.required("main") == {"tests", "lint", "security"}
    assert repo.checks.required("other") == frozenset()


@pytest.mark.parametrize("path", ["/branches/main", "/rules/branches/main"])
def test_a_server_that_says_half_is_believed_that_half(road: Road, repo: Repo, path: str) -> None:
    road.hub.ci.require(NAME, "tests")
    road.hub.ci.require(NAME, "security", ruleset=True)
    road.hub.fail("GET", f"{NAME}{path}", 403, body=b'{"message":"Resource not accessible by integration"}')
    assert repo.checks.required("main") == ({"security"} if path.startswith("/b") else {"tests"})


def test_statuses_that_may_not_be_read_are_done_without(road: Road) -> None:
    repository = road.add()
    road.installation.permissions.pop("statuses")
    road.hub.ci.script(NAME, Job("jenkins", status=True), Job())
    road.hub.settle()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        assert [run.name for run in repo.checks.runs(tip(road))] == ["tests"]
        (token,) = road.hub.world.tokens.values()
        assert set(token.permissions) >= {"actions", "workflows"}


def test_statuses_are_told_in_the_order_in_which_they_came(road: Road, repo: Repo) -> None:
    road.hub.ci.script(NAME, Job("jenkins", status=True))
    road.hub.settle()
    assert [run.end for run in repo.checks.runs(tip(road))] == [End.QUEUED, End.PASSED]


@pytest.mark.parametrize(
    ("status", "conclusion", "end"),
    [
        ("queued", None, End.QUEUED),
        ("waiting", None, End.QUEUED),
        ("requested", None, End.QUEUED),
        ("pending", None, End.QUEUED),
        ("tomorrow", None, End.QUEUED),
        ("in_progress", None, End.RUNNING),
        ("completed", "success", End.PASSED),
        ("completed", "neutral", End.PASSED),
        ("completed", "skipped", End.SKIPPED),
        ("completed", "failure", End.FAILED),
        ("completed", "timed_out", End.FAILED),
        ("completed", "startup_failure", End.FAILED),
        ("completed", "cancelled", End.VOID),
        ("completed", "action_required", End.VOID),
        ("completed", "stale", End.VOID),
        ("completed", None, End.VOID),
        ("completed", "never heard of", End.VOID),
    ],
)
def test_every_way_in_which_a_run_stands_is_known(status: str, conclusion: str | None, end: End) -> None:
    said: dict[str, Any] = {"id": 7, "name": "tests", "status": status, "conclusion": conclusion}
    assert _run(said).end is end


def test_an_excerpt_has_a_bound_and_no_secret(repo: Repo) -> None:
    redaction.redact("correct-horse-battery")
    long = Run("tests", End.FAILED, said="x" * 9000 + "\x1b[31m correct-horse-battery\x00 end")
    said = repo.checks.excerpt(long)
    assert len(said) == EXCERPT
    assert said.endswith(f"x {redaction.MASK} end")


def test_a_check_that_says_nothing_has_no_excerpt(repo: Repo) -> None:
    assert repo.checks.excerpt(Run("tests", End.FAILED, check=1, job=1)) == ""


@pytest.fixture
def host() -> Iterator[tuple[Loopback, list[Request]]]:
    seen: list[Request] = []

    def answer(request: Request) -> Answer:
        seen.append(request)
        if request.path == "/large":
            return Answer(200, b"begin\n" + b"line\n" * 200_000 + b"##[error]the end\n")
        if request.path == "/on":
            return Answer(302, headers={"Location": "/large"})
        return Answer(410)

    with Loopback(answer) as made:
        yield made, seen


@pytest.mark.parametrize(
    "address",
    [
        "{url}/large",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "//127.0.0.1/x",
        "https://me:x@127.0.0.1/",
        "",
    ],
)
def test_an_address_without_protection_is_not_visited(
    host: tuple[Loopback, list[Request]], address: str
) -> None:
    made, seen = host
    assert job_logs.read(address.format(url=made.url), HTTPS) == ""
    assert seen == []


def test_of_a_large_log_the_end_is_kept(host: tuple[Loopback, list[Request]]) -> None:
    made, _ = host
    log = job_logs.read(f"{made.url}/large", made.url)
    assert len(log) == 256 * 1024
    assert log.endswith("##[error]the end\n")


@pytest.mark.parametrize("path", ["/on", "/gone"])
def test_a_log_that_is_elsewhere_still_is_not_followed(
    host: tuple[Loopback, list[Request]], path: str
) -> None:
    made, seen = host
    assert job_logs.read(f"{made.url}{path}", made.url) == ""
    assert [request.path for request in seen] == [path]


def test_a_host_that_is_not_there_has_no_log() -> None:
    assert job_logs.read("http://127.0.0.1:9/x", "http://127.0.0.1:8") == ""


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("", ""),
        ("a\nb", "a\nb"),
        ("a\n##[error]b\nc\n##[error]d\nafter", "a\nerror: b\nc\nerror: d"),
        ("0123456789\nabc\nde", "abc\nde"),
        ("0123456789", "3456789"),
    ],
)
def test_a_log_is_shown_up_to_its_last_error_in_whole_lines(log: str, shown: str) -> None:
    assert job_logs.failed(log, 40 if "##" in log else 7) == shown
