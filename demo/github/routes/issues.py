"""Issues and comments; a pull request is an issue too."""

from __future__ import annotations

from demo.github import access, moves
from demo.github.call import Call, RefusedError, Reply, Route, invalid, missing, page
from demo.github.shapes import issues
from demo.github.shapes.accounts import moment
from demo.github.state import Comment, Issue

_LONGEST = {"title": 256, "body": 65536}


def check_text(call: Call, resource: str) -> None:
    """Refuse a title or a body that is too long."""
    for name, longest in _LONGEST.items():
        if len(call.body.get(name) or "") > longest:
            text = f"{name} is too long (maximum is {longest} characters)"
            raise invalid(resource, "custom", name, text)


def list_(call: Call) -> Reply:
    """Return issues and pull requests, newest first."""
    query, found = call.query, list(reversed(call.repository.issues.values()))
    state, creator = query.get("state", "open"), query.get("creator")
    wanted = {name.lower() for name in query.get("labels", "").split(",") if name}
    found = [i for i in found if state in ("all", i.state)]
    found = [i for i in found if not i.gone]
    if query.get("direction") == "asc":
        found.reverse()
    found = [i for i in found if not creator or i.author.login == creator]
    found = [i for i in found if moment(i.updated_at) >= query.get("since", "")]
    if query.get("sort") == "updated":
        found.sort(key=lambda i: i.updated_at, reverse=query.get("direction") != "asc")
    found = [i for i in found if wanted <= {name.lower() for name in i.labels}]
    return page(call, [issues.issue(call.world, call.repository, i) for i in found])


def create(call: Call) -> Reply:
    """Open an issue."""
    call.need("Issue", "title")
    check_text(call, "Issue")
    issue = moves.open_issue(
        call.world, call.repository, str(call.body["title"]), call.body.get("body"), call.who
    )
    moves.label(call.world, call.repository, issue, call.body.get("labels") or [])
    return Reply(201, issues.issue(call.world, call.repository, issue))


def show(call: Call) -> Reply:
    """Return an issue."""
    return Reply(200, issues.issue(call.world, call.repository, call.issue()))


def update(call: Call) -> Reply:
    """Change title, body, labels, assignees or state."""
    issue, world, repository = _writable(call), call.world, call.repository
    check_text(call, "Issue")
    if "labels" in call.body:
        issue.labels.clear()
        moves.label(world, repository, issue, call.body["labels"])
    if "assignees" in call.body:
        issue.assignees = [world.account(name) for name in call.body["assignees"]]
    if {"title", "body"} & call.body.keys():
        issue.title = call.body.get("title", issue.title)
        issue.body = call.body.get("body", issue.body)
        moves.edited(world, repository, issue, call.who)
    if call.body.get("state") == "closed":
        moves.close(world, repository, issue, call.who, call.body.get("state_reason"))
    elif call.body.get("state") == "open":
        moves.reopen(world, repository, issue, call.who)
    return Reply(200, issues.issue(world, repository, issue))


def list_comments(call: Call) -> Reply:
    """Return the comments of an issue, oldest first."""
    issue = call.issue()
    return page(call, [issues.comment(call.world, call.repository, issue, c) for c in issue.comments])


def list_all_comments(call: Call) -> Reply:
    """Return the comments of all issues, oldest first."""
    every = [(i, c) for i in call.repository.issues.values() for c in i.comments if not i.gone]
    every.sort(key=lambda pair: pair[1].created_at)
    since = call.query.get("since", "")
    shown = [(i, c) for i, c in every if moment(c.updated_at) >= since]
    return page(call, [issues.comment(call.world, call.repository, i, c) for i, c in shown])


def create_comment(call: Call) -> Reply:
    """Write a comment."""
    issue = _writable(call)
    call.need("IssueComment", "body")
    check_text(call, "IssueComment")
    made = moves.comment(call.world, call.repository, issue, call.body["body"], call.who)
    return Reply(201, issues.comment(call.world, call.repository, issue, made))


def show_comment(call: Call) -> Reply:
    """Return one comment."""
    issue, found = find_comment(call)
    return Reply(200, issues.comment(call.world, call.repository, issue, found))


def update_comment(call: Call) -> Reply:
    """Change a comment of our own."""
    issue, found = find_comment(call)
    if found.author is not call.who:
        raise RefusedError(403, "Resource not accessible by integration")
    call.need("IssueComment", "body")
    found.body, found.updated_at = call.body["body"], call.world.now()
    return Reply(200, issues.comment(call.world, call.repository, issue, found))


def find_comment(call: Call) -> tuple[Issue, Comment]:
    """Return the comment that the path names, with its issue."""
    number = call.number("comment_id")
    for issue in call.repository.issues.values():
        for comment in issue.comments:
            if comment.id == number:
                return issue, comment
    raise missing()


def _writable(call: Call) -> Issue:
    """Return the issue; to change a pull request the permission for pull requests counts."""
    issue = call.issue()
    if call.token:
        needed = "pull_requests:write" if issue.pull else "issues:write"
        access.require(call.world, call.token, call.repository, needed)
    return issue


_ROOT = "/repos/{owner}/{repo}/issues"
_READ, _WRITE = "issues|pull_requests:read", "issues|pull_requests:write"
ROUTES = (
    Route("GET", _ROOT, _READ, list_),
    Route("POST", _ROOT, "issues:write", create),
    Route("GET", f"{_ROOT}/{{issue_number}}", _READ, show),
    Route("PATCH", f"{_ROOT}/{{issue_number}}", _WRITE, update),
    Route("GET", f"{_ROOT}/{{issue_number}}/comments", _READ, list_comments),
    Route("POST", f"{_ROOT}/{{issue_number}}/comments", _WRITE, create_comment),
    Route("GET", f"{_ROOT}/comments", _READ, list_all_comments),
    Route("GET", f"{_ROOT}/comments/{{comment_id}}", _READ, show_comment),
    Route("PATCH", f"{_ROOT}/comments/{{comment_id}}", _WRITE, update_comment),
)
