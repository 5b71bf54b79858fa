"""Reactions to comments; the same one twice is once."""

from __future__ import annotations

from demo.github.call import Call, Reply, Route, invalid, page
from demo.github.routes.issues import find_comment
from demo.github.shapes.accounts import moment, node, user
from demo.github.state import Json, Reaction

_CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def list_(call: Call) -> Reply:
    """Return the reactions to a comment."""
    _, comment = find_comment(call)
    return page(call, [_shape(call, reaction) for reaction in comment.reactions])


def create(call: Call) -> Reply:
    """React to a comment: 201, or 200 where it is there already."""
    _, comment = find_comment(call)
    content = call.body.get("content")
    if content not in _CONTENTS:
        raise invalid("Reaction", "invalid", "content")
    for known in comment.reactions:
        if known.content == content and known.who is call.who:
            return Reply(200, _shape(call, known))
    made = Reaction(next(call.world.ids), call.who, content, call.world.now())
    comment.reactions.append(made)
    return Reply(201, _shape(call, made))


def _shape(call: Call, found: Reaction) -> Json:
    return {
        "id": found.id,
        "node_id": node("REA", found.id),
        "user": user(call.world, found.who),
        "content": found.content,
        "created_at": moment(found.created_at),
    }


_ROOT = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"
ROUTES = (
    Route("GET", _ROOT, "issues|pull_requests:read", list_),
    Route("POST", _ROOT, "issues|pull_requests:write", create),
)
