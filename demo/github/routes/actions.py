"""What ran in GitHub Actions: the runs of a workflow, and the jobs of a run."""

from __future__ import annotations

from datetime import datetime

from demo.github import git
from demo.github.call import Call, RefusedError, Reply, Route, missing, page
from demo.github.shapes import actions
from demo.github.state import WorkflowRun

_SHOWN = 1000
"""How many runs of a list that is narrowed GitHub shows."""


def list_runs(call: Call) -> Reply:
    """Return the runs of a workflow, the newest first."""
    file, repository = call.values["workflow_id"], call.repository
    entries = git.tree(repository.folder, repository.default_branch, recursive=True)
    known = {e.path for e in entries} | {f".github/workflows/{run.file}" for run in repository.runs}
    if f".github/workflows/{file}" not in known:
        raise missing()
    found = [run for run in repository.runs if run.file == file and _is_asked(call, run)]
    newest = sorted(found, key=lambda run: (run.created_at, run.id), reverse=True)[:_SHOWN]
    return page(call, [actions.run(call.world, repository, run) for run in newest], "workflow_runs")


def list_jobs(call: Call) -> Reply:
    """Return the jobs of a run."""
    number = call.number("run_id")
    found = next((run for run in call.repository.runs if run.id == number), None)
    if found is None:
        raise missing()
    return page(call, [actions.job(call.world, call.repository, found, job) for job in found.jobs], "jobs")


def _is_asked(call: Call, run: WorkflowRun) -> bool:
    said, wanted = call.query.get("created", ""), call.query.get("status", "")
    status = "completed" if run.conclusion else "in_progress"
    begins, _, ends = said.partition("..")
    if said.startswith(">="):
        begins, ends = said[2:], ""
    elif said.startswith("<="):
        begins, ends = "", said[2:]
    elif said and not ends:
        raise RefusedError(422, "The stand-in does not understand this moment.")
    after = not begins or run.created_at >= datetime.fromisoformat(begins)
    before = not ends or run.created_at <= datetime.fromisoformat(ends)
    return after and before and wanted in ("", status, run.conclusion)


_RUNS = "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs"
ROUTES = (
    Route("GET", _RUNS, "actions:read", list_runs),
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", "actions:read", list_jobs),
)
