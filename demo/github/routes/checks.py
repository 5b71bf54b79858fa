"""Check runs and the combined status of a commit."""

from __future__ import annotations

from datetime import datetime

from demo.github import git, webhooks
from demo.github.call import Call, RefusedError, Reply, Route, missing, page
from demo.github.routes.contents import resolve
from demo.github.shapes import issues, repositories
from demo.github.shapes.commits import root
from demo.github.state import CheckRun

_MOST_TEXT = 65535
_MOST_ANNOTATIONS = 50


def create(call: Call) -> Reply:
    """Start (or report at once) a check of a commit."""
    sha, name = str(call.body.get("head_sha", "")), str(call.body.get("name", ""))
    if not name or git.kind(call.repository.folder, sha) != "commit":
        raise RefusedError(422, f"No commit found for SHA: {sha}")
    check = CheckRun(next(call.world.ids), name, sha, "queued", call.world.now(), call.world.app.slug)
    _fill(call, check)
    call.repository.checks.append(check)
    return Reply(201, issues.check(call.world, call.repository, check))


def update(call: Call) -> Reply:
    """Report how a check goes on; only the App that made it may."""
    check = _check(call)
    if check.app != call.world.app.slug:
        raise RefusedError(
            403, "Invalid app_id `1` - check run can only be modified by the GitHub App that created it."
        )
    _fill(call, check)
    return Reply(200, issues.check(call.world, call.repository, check))


def show(call: Call) -> Reply:
    """Return a check run."""
    return Reply(200, issues.check(call.world, call.repository, _check(call)))


def list_of_commit(call: Call) -> Reply:
    """Return the checks of a commit, by name when asked."""
    sha, query = _sha(call), call.query
    found = [c for c in call.repository.checks if c.head_sha == sha]
    found = [c for c in found if query.get("check_name", c.name) == c.name]
    found = [c for c in found if query.get("status", c.status) == c.status]
    if query.get("filter", "latest") == "latest":
        found = list({c.name: c for c in found}.values())
    return page(call, [issues.check(call.world, call.repository, c) for c in reversed(found)], "check_runs")


def show_status(call: Call) -> Reply:
    """Return the combined status: nobody here reports any, so it is pending."""
    sha, url = _sha(call), root(call.world, call.repository)
    shape = {
        "state": "pending",
        "statuses": [],
        "sha": sha,
        "total_count": 0,
        "repository": repositories.repository(call.world, call.repository),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }
    return Reply(200, shape)


def list_statuses(call: Call) -> Reply:
    """Return every word of a commit's statuses, the newest first."""
    sha = _sha(call)
    found = [s for s in reversed(call.repository.statuses) if s.sha == sha]
    return page(call, [issues.status(call.world, call.repository, s) for s in found])


def list_annotations(call: Call) -> Reply:
    """Return what a check run says of single lines."""
    check = _check(call)
    said = check.output.get("annotations", ())
    return page(call, [issues.annotation(call.world, call.repository, check, a) for a in said])


def show_log(call: Call) -> Reply:
    """Send whoever wants an Actions job's log to the host that keeps it."""
    number = call.number("job_id")
    found = next((c for c in call.repository.checks if c.id == number and c.log), None)
    if found is None or not call.world.log_host:
        raise missing()
    return Reply(302, raw=b"", headers={"Location": f"{call.world.log_host}/logs/{number}"})


def _fill(call: Call, check: CheckRun) -> None:
    body = call.body
    output = body.get("output") or {}
    too_long = any(len(output.get(name) or "") > _MOST_TEXT for name in ("summary", "text"))
    if too_long or len(output.get("annotations", ())) > _MOST_ANNOTATIONS:
        raise RefusedError(422, "Invalid request.\n\nOutput is too long.")
    if body.get("status") == "completed" and not body.get("conclusion"):
        raise RefusedError(422, "Invalid request.\n\nconclusion is required when status is completed.")
    check.name = body.get("name", check.name)
    check.status = "completed" if body.get("conclusion") else body.get("status", check.status)
    check.conclusion = body.get("conclusion", check.conclusion)
    check.output = {**check.output, **output}
    check.details_url = body.get("details_url", check.details_url)
    check.external_id = body.get("external_id", check.external_id)
    if check.conclusion:
        given = body.get("completed_at")
        check.completed_at = datetime.fromisoformat(given) if given else call.world.now()
        webhooks.checked(call.world, call.repository, check, call.who)


def _check(call: Call) -> CheckRun:
    number = call.number("check_run_id")
    found = next((c for c in call.repository.checks if c.id == number), None)
    if found is None:
        raise missing()
    return found


def _sha(call: Call) -> str:
    sha = resolve(call.repository, call.values["ref"])
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {call.values['ref']}")
    return sha


ROUTES = (
    Route("POST", "/repos/{owner}/{repo}/check-runs", "checks:write", create),
    Route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}", "checks:read", show),
    Route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", "checks:write", update),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", "checks:read", list_of_commit),
    Route(
        "GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", "checks:read", list_annotations
    ),
    Route("GET", "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", "actions:read", show_log),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", "statuses:read", list_statuses),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/status", "statuses|contents:read", show_status),
)
