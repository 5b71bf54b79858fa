"""What happened to an issue or a pull request, in order: drafts, reviews and comments."""

from __future__ import annotations

from demo.github.call import Call, Reply, Route, page
from demo.github.shapes import issues
from demo.github.shapes.accounts import moment, node, user
from demo.github.shapes.commits import root
from demo.github.state import Comment, Issue, Json, Moment


def list_(call: Call) -> Reply:
    """Return the timeline, oldest first."""
    issue = call.issue()
    told = [(c.created_at, c.id, _commented(call, issue, c)) for c in issue.comments]
    told += [(m.at, m.id, _happened(call, issue, m)) for m in issue.moments]
    return page(call, [shape for _, _, shape in sorted(told, key=lambda row: row[:2])])


def _commented(call: Call, issue: Issue, comment: Comment) -> Json:
    shape = issues.comment(call.world, call.repository, issue, comment)
    return {**shape, "event": "commented", "actor": shape["user"]}


def _happened(call: Call, issue: Issue, found: Moment) -> Json:
    who = user(call.world, found.who)
    if not found.review:
        return {
            "id": found.id,
            "node_id": node("E", found.id),
            "url": f"{root(call.world, call.repository)}/issues/events/{found.id}",
            "actor": who,
            "event": found.event,
            "commit_id": None,
            "commit_url": None,
            "created_at": moment(found.at),
            "performed_via_github_app": None,
        }
    page_ = f"{call.world.url}/{call.repository.full_name}/pull/{issue.number}"
    pull = f"{root(call.world, call.repository)}/pulls/{issue.number}"
    return {
        "id": found.id,
        "node_id": node("PRR", found.id),
        "event": found.event,
        "user": who,
        "body": None,
        "state": found.review,
        "html_url": f"{page_}#pullrequestreview-{found.id}",
        "pull_request_url": pull,
        "_links": {"html": {"href": page_}, "pull_request": {"href": pull}},
        "submitted_at": moment(found.at),
        "commit_id": issue.pull.head_sha if issue.pull else "",
        "author_association": "MEMBER",
    }


ROUTES = (
    Route(
        "GET",
        "/repos/{owner}/{repo}/issues/{issue_number}/timeline",
        "issues|pull_requests:read",
        list_,
    ),
)
