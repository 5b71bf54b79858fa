"""Continuous integration as people set it up on the local GitHub: jobs, requirements, runs again, logs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.github import ci, moves
from demo.github.ci import FOREVER, NEVER, PULLS, PUSHES, Ci, Job
from demo.loopback import Loopback, Request
from tests.demo.client import REPO, Client

NAME = "acme/widgets"


@pytest.fixture
def jobs(client: Client) -> Ci:
    return client.hub.ci


def ends(client: Client, commit: str) -> dict[str, tuple[str, str | None]]:
    """Return name to status and conclusion of the newest runs of a commit."""
    client.hub.settle()
    found = client.call("GET", f"{REPO}/commits/{commit}/check-runs").json()["check_runs"]
    return {c["name"]: (c["status"], c["conclusion"]) for c in found}


def test_a_job_looks_at_the_files_of_a_commit(client: Client, jobs: Ci) -> None:
    jobs.script(NAME, Job(says=ci.fails_on(b"x = 2", ".py")), Job("docs", says=ci.fails_on(b"x = 2", ".md")))
    assert ends(client, "main") == {"tests": ("completed", "success"), "docs": ("completed", "success")}
    client.branch("kotsu/x")
    assert ends(client, "kotsu/x") == {"tests": ("completed", "failure"), "docs": ("completed", "success")}


def test_a_job_runs_when_it_is_meant_to_and_once(client: Client, jobs: Ci) -> None:
    jobs.script(NAME, Job("push", on=frozenset({PUSHES})), Job("pull", on=frozenset({PULLS})), Job("both"))
    client.branch("kotsu/x")
    assert set(ends(client, "kotsu/x")) == {"push", "both"}
    client.pull("kotsu/x")
    assert set(ends(client, "kotsu/x")) == {"push", "both", "pull"}
    assert len(client.hub.find(NAME).checks) == 5


def test_a_job_may_never_begin_or_never_end(client: Client, jobs: Ci) -> None:
    jobs.script(NAME, Job("a", says=lambda *_: NEVER), Job("b", says=lambda *_: FOREVER))
    assert ends(client, "main") == {"a": ("queued", None), "b": ("in_progress", None)}


def test_a_flaky_job_passes_when_it_runs_again(client: Client, jobs: Ci) -> None:
    jobs.script(NAME, Job(says=ci.flaky))
    assert ends(client, "main") == {"tests": ("completed", "failure")}
    jobs.rerun(NAME, client.hub.find(NAME).branch("main") or "")
    assert ends(client, "main") == {"tests": ("completed", "success")}
    every = client.call("GET", f"{REPO}/commits/main/check-runs?filter=all").json()
    assert every["total_count"] == 2


def test_a_status_has_every_word_that_was_said(client: Client, jobs: Ci) -> None:
    jobs.script(NAME, Job("jenkins", says=ci.fails, status=True, output={"title": "No"}))
    client.hub.settle()
    found = client.call("GET", f"{REPO}/commits/main/statuses").json()
    said = [(s["context"], s["state"], s["description"]) for s in found]
    assert said == [("jenkins", "failure", "No"), ("jenkins", "pending", "")]


def test_what_is_required_is_said_of_the_default_branch(client: Client, jobs: Ci) -> None:
    client.branch("b")
    shown = client.call("GET", f"{REPO}/branches/main").json()
    assert (shown["protected"], shown["protection"]["required_status_checks"]["contexts"]) == (False, [])
    jobs.require(NAME, "tests")
    jobs.require(NAME, "lint", ruleset=True)
    shown = client.call("GET", f"{REPO}/branches/main").json()
    assert shown["protection"]["required_status_checks"]["contexts"] == ["tests"]
    (rule,) = client.call("GET", f"{REPO}/rules/branches/main").json()
    assert rule["parameters"]["required_status_checks"] == [{"context": "lint"}]
    assert client.call("GET", f"{REPO}/rules/branches/b").json() == []
    assert client.call("GET", f"{REPO}/branches/b").json()["protected"] is False


@pytest.fixture
def visitors(client: Client) -> Iterator[tuple[Loopback, list[Request]]]:
    seen: list[Request] = []
    with ci.log_host(client.hub.world, seen) as host:
        yield host, seen


def test_a_failure_leaves_annotations_and_a_log_on_another_host(
    client: Client, jobs: Ci, visitors: tuple[Loopback, list[Request]]
) -> None:
    host, seen = visitors
    said = {"path": "src/a.py", "start_line": 1, "message": "no"}
    jobs.script(NAME, Job(says=ci.fails, annotations=[said], log="it went wrong"))
    client.hub.settle()
    (run,) = client.call("GET", f"{REPO}/commits/main/check-runs").json()["check_runs"]
    (annotation,) = client.call("GET", f"{REPO}/check-runs/{run['id']}/annotations").json()
    assert (annotation["path"], annotation["annotation_level"]) == ("src/a.py", "failure")
    moved = client.call("GET", f"{REPO}/actions/jobs/{run['id']}/logs")
    assert moved.status_code == 302
    assert moved.headers["location"] == f"{host.url}/logs/{run['id']}"
    assert client.http.get(moved.headers["location"]).text == "it went wrong"
    assert [request.path for request in seen] == [f"/logs/{run['id']}"]
    assert client.call("GET", f"{REPO}/actions/jobs/1/logs").status_code == 404


def test_the_timeline_tells_drafts_reviews_and_comments_in_order(client: Client) -> None:
    client.branch("kotsu/x")
    number = client.pull("kotsu/x").json()["number"]
    world, issue = client.hub.world, client.hub.find(NAME).issues[1]
    client.hub.draft(NAME, number)
    client.hub.comment(NAME, number, "Hm.")
    client.hub.draft(NAME, number, draft=False, who="grace")
    moves.review(world, issue, world.account("grace"), "approved")
    told = client.call("GET", f"{REPO}/issues/{number}/timeline").json()
    assert [
        (e["event"], (e.get("actor") or e["user"])["login"]) for e in told if e["event"] != "committed"
    ] == [
        ("convert_to_draft", "ada-example"),
        ("commented", "ada-example"),
        ("ready_for_review", "grace"),
        ("reviewed", "grace"),
    ]


def test_some_repositories_have_no_drafts(client: Client) -> None:
    client.hub.find(NAME).drafts = False
    client.branch("kotsu/x")
    body = {"title": "x", "head": "kotsu/x", "base": "main", "draft": True}
    refused = client.call("POST", f"{REPO}/pulls", **body)
    assert refused.status_code == 422
    assert (
        refused.json()["errors"][0]["message"] == "Draft pull requests are not supported in this repository."
    )
