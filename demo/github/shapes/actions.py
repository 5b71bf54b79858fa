"""How runs of workflows and their jobs look in GitHub's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from demo.github import git
from demo.github.shapes import repositories
from demo.github.shapes.accounts import moment, node, user
from demo.github.shapes.commits import person, root
from demo.github.state import Json, RanJob, Repository, WorkflowRun, World

_LINKS = ("jobs", "logs", "cancel", "rerun", "artifacts")


def run(world: World, repository: Repository, found: WorkflowRun) -> Json:
    """Return a run of a workflow."""
    base, url = root(world, repository), f"{root(world, repository)}/actions/runs/{found.id}"
    whole = git.commit(repository.folder, found.sha)
    brief = repositories.repository(world, repository)
    return {
        "id": found.id,
        "name": found.file.rpartition(".")[0],
        "node_id": node("WFR", found.id),
        "head_branch": found.branch,
        "head_sha": found.sha,
        "path": f".github/workflows/{found.file}",
        "display_title": whole.message.partition("\n")[0],
        "run_number": found.id,
        "run_attempt": found.attempt,
        "event": found.event,
        "status": "completed" if found.conclusion else "in_progress",
        "conclusion": found.conclusion,
        "workflow_id": repository.id,
        "check_suite_id": found.id,
        "check_suite_node_id": node("CS", found.id),
        "url": url,
        "html_url": f"{world.url}/{repository.full_name}/actions/runs/{found.id}",
        "pull_requests": [],
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "run_started_at": moment(found.created_at),
        "actor": user(world, repository.owner),
        "triggering_actor": user(world, repository.owner),
        **{f"{link}_url": f"{url}/{link}" for link in _LINKS},
        "check_suite_url": f"{base}/check-suites/{found.id}",
        "previous_attempt_url": None,
        "workflow_url": f"{base}/actions/workflows/{repository.id}",
        "head_commit": {
            "id": found.sha,
            "tree_id": whole.tree,
            "message": whole.message,
            "timestamp": moment(whole.author.date),
            **{name: {k: person(who)[k] for k in ("name", "email")} for name, who in _people(whole)},
        },
        "repository": brief,
        "head_repository": brief,
    }


def _people(whole: git.Commit) -> Iterator[tuple[str, git.Person]]:
    yield "author", whole.author
    yield "committer", whole.committer


def job(world: World, repository: Repository, of: WorkflowRun, found: RanJob) -> Json:
    """Return a job that ended."""
    base = root(world, repository)
    url = f"{base}/actions/jobs/{found.id}"
    return {
        "id": found.id,
        "run_id": of.id,
        "run_url": f"{base}/actions/runs/{of.id}",
        "run_attempt": of.attempt,
        "node_id": node("CR", found.id),
        "head_sha": of.sha,
        "head_branch": of.branch,
        "url": url,
        "html_url": f"{world.url}/{repository.full_name}/actions/runs/{of.id}/job/{found.id}",
        "check_run_url": f"{base}/check-runs/{found.id}",
        "name": found.name,
        "workflow_name": of.file.rpartition(".")[0],
        "status": "completed",
        "conclusion": found.conclusion,
        "created_at": moment(of.created_at),
        "started_at": moment(found.started_at),
        "completed_at": moment(found.completed_at),
        "steps": list(_steps(found)),
        "labels": list(found.labels),
        "runner_id": 1,
        "runner_name": "a runner",
        "runner_group_id": 2,
        "runner_group_name": found.group,
    }


def _steps(found: RanJob) -> Iterator[Json]:
    begins = found.started_at
    for number, (name, seconds) in enumerate(found.steps, 1):
        ends = begins + timedelta(seconds=seconds)
        yield {
            "name": name,
            "number": number,
            "status": "completed",
            "conclusion": "success",
            "started_at": moment(begins),
            "completed_at": moment(ends),
        }
        begins = ends
