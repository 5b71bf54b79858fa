"""What GraphQL alone can change: drafts, and branches only where they stand as expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from demo.github import access, git, mergeability, moves
from demo.github.call import Call
from demo.github.shapes.accounts import node
from demo.github.state import Issue, Json, Pull, Repository, Token

_NOWHERE = "0" * 40


def update_refs(call: Call, given: Json) -> Json:
    """Move several refs at once, each only from where it is said to stand; all of them or none."""
    repository = _repository(call, str(given["repositoryId"]))
    access.require(call.world, _token(call), repository, "contents:write")
    updates = given["refUpdates"]
    for update in updates:
        stands = git.resolve(repository.folder, update["name"]) or _NOWHERE
        after = update["afterOid"]
        if update.get("beforeOid", stands) != stands:
            raise ValueError(f"Reference cannot be updated: {update['name']} is at {stands}")
        if after != _NOWHERE and git.kind(repository.folder, after) != "commit":
            raise ValueError(f"Object does not exist: {after}")
        moves_on = _NOWHERE in (stands, after) or git.is_ancestor(repository.folder, stands, after)
        if not moves_on and not update.get("force"):
            raise ValueError("Update is not a fast forward")
    for update in updates:
        after = None if update["afterOid"] == _NOWHERE else update["afterOid"]
        moves.move_ref(call.world, repository, update["name"], after, call.who)
    return {"clientMutationId": given.get("clientMutationId")}


def mark_ready(call: Call, given: Json) -> Json:
    """Take a pull request out of draft."""
    return _redraw(call, given, draft=False)


def convert_to_draft(call: Call, given: Json) -> Json:
    """Make a pull request a draft."""
    return _redraw(call, given, draft=True)


def _redraw(call: Call, given: Json, *, draft: bool) -> Json:
    repository, issue = _pull(call, str(given["pullRequestId"]))
    access.require(call.world, _token(call), repository, "pull_requests:write")
    moves.draft(call.world, repository, issue, call.who, draft=draft)
    return {"pullRequest": {"id": node("PR", issue.id), "number": issue.number, "isDraft": draft}}


def enable_auto_merge(call: Call, given: Json) -> Json:
    """Let GitHub merge when all that the branch asks for is there; what can be merged now is refused."""
    repository, issue, pull = _expected(call, given)
    state = mergeability.state(repository, issue)
    if not repository.merging.waits:
        raise ValueError("Auto merge is not allowed for this repository")
    if state in (*mergeability.READY, "dirty", "draft"):
        raise ValueError(f"Pull request is in {state} status")
    method = str(given.get("mergeMethod", "MERGE")).lower()
    pull.auto_merge = (call.who, method)
    moves.record(call.world, issue, "auto_merge_enabled", call.who)
    return {"clientMutationId": given.get("clientMutationId")}


def disable_auto_merge(call: Call, given: Json) -> Json:
    """Let GitHub not merge by itself any more."""
    _, issue, pull = _expected(call, given)
    if pull.auto_merge is None:
        raise ValueError("Auto merge is not enabled")
    pull.auto_merge = None
    moves.record(call.world, issue, "auto_merge_disabled", call.who)
    return {"clientMutationId": given.get("clientMutationId")}


def enqueue(call: Call, given: Json) -> Json:
    """Put a pull request that misses nothing into the merge queue."""
    repository, issue, pull = _expected(call, given)
    if not repository.merging.queue:
        raise ValueError("No merge queue found for branch")
    if mergeability.state(repository, issue) not in mergeability.READY:
        raise ValueError("Pull request is not ready to be enqueued")
    pull.queued = True
    moves.record(call.world, issue, "added_to_merge_queue", call.who)
    return {"clientMutationId": given.get("clientMutationId")}


def _expected(call: Call, given: Json) -> tuple[Repository, Issue, Pull]:
    """Return a pull request that may be merged, where it stands as expected."""
    repository, issue = _pull(call, str(given["pullRequestId"]))
    access.require(call.world, _token(call), repository, "contents:write")
    pull = issue.pull
    if pull is None or given.get("expectedHeadOid", pull.head_sha) != pull.head_sha:
        raise ValueError("Head sha didn't match expected head oid")
    return repository, issue, pull


def _token(call: Call) -> Token:
    assert call.token  # noqa: S101 -- the route needs one
    return call.token


def _repository(call: Call, id_: str) -> Repository:
    for repository in call.world.repositories.values():
        if node("R", repository.id) == id_ and access.sees(call.world, _token(call), repository):
            return repository
    raise ValueError(f"Could not resolve to a node with the global id of '{id_}'")


def _pull(call: Call, id_: str) -> tuple[Repository, Issue]:
    for repository in call.world.repositories.values():
        for issue in repository.pulls:
            if node("PR", issue.id) == id_ and access.sees(call.world, _token(call), repository):
                return repository, issue
    raise ValueError(f"Could not resolve to a node with the global id of '{id_}'")


MUTATIONS: Mapping[str, Callable[[Call, Json], Json]] = {
    "updateRefs": update_refs,
    "markPullRequestReadyForReview": mark_ready,
    "convertPullRequestToDraft": convert_to_draft,
    "enablePullRequestAutoMerge": enable_auto_merge,
    "disablePullRequestAutoMerge": disable_auto_merge,
    "enqueuePullRequest": enqueue,
}
