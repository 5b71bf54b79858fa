"""Labels: a repository's own, and those that stick on an issue."""

from __future__ import annotations

from demo.github import moves
from demo.github.call import Call, Reply, Route, invalid, missing, page
from demo.github.shapes import issues
from demo.github.state import Label


def list_(call: Call) -> Reply:
    """Return the labels of a repository."""
    return page(
        call, [issues.label(call.world, call.repository, lb) for lb in call.repository.labels.values()]
    )


def show(call: Call) -> Reply:
    """Return a label."""
    found = call.repository.labels.get(call.values["name"].lower())
    if found is None:
        raise missing()
    return Reply(200, issues.label(call.world, call.repository, found))


def create(call: Call) -> Reply:
    """Make a label; names differ by more than their case."""
    call.need("Label", "name")
    name = str(call.body["name"])
    if name.lower() in call.repository.labels:
        raise invalid("Label", "already_exists", "name")
    color, text = call.body.get("color", "ededed"), call.body.get("description")
    if len(color) != 6 or not set(color.lower()) <= set("0123456789abcdef"):  # noqa: PLR2004 -- rrggbb
        raise invalid("Label", "invalid", "color")
    if len(text or "") > 100:  # noqa: PLR2004 -- GitHub's limit
        raise invalid(
            "Label", "invalid", "description", "description is too long (maximum is 100 characters)"
        )
    made = Label(next(call.world.ids), name, color, text)
    call.repository.labels[name.lower()] = made
    return Reply(201, issues.label(call.world, call.repository, made))


def list_of_issue(call: Call) -> Reply:
    """Return the labels of an issue."""
    return page(call, issues.labels(call.world, call.repository, call.issue()))


def add(call: Call) -> Reply:
    """Put labels on an issue."""
    issue = call.issue()
    moves.label(call.world, call.repository, issue, call.body.get("labels") or [])
    return Reply(200, issues.labels(call.world, call.repository, issue))


def remove(call: Call) -> Reply:
    """Take a label off an issue."""
    issue = call.issue()
    kept = [name for name in issue.labels if name.lower() != call.values["name"].lower()]
    if len(kept) == len(issue.labels):
        raise missing()
    issue.labels[:] = kept
    return Reply(200, issues.labels(call.world, call.repository, issue))


_WRITE = "issues|pull_requests:write"
ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/labels", "issues|pull_requests:read", list_),
    Route("POST", "/repos/{owner}/{repo}/labels", _WRITE, create),
    Route("GET", "/repos/{owner}/{repo}/labels/{name}", "issues|pull_requests:read", show),
    Route(
        "GET",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels",
        "issues|pull_requests:read",
        list_of_issue,
    ),
    Route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", _WRITE, add),
    Route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", _WRITE, remove),
)
