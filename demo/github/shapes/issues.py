"""How issues, pull requests, labels, comments and checks look in GitHub's JSON."""

from __future__ import annotations

from datetime import timedelta

from demo.github import git, mergeability
from demo.github.shapes import accounts, repositories
from demo.github.shapes.accounts import maybe, moment, node, user
from demo.github.shapes.commits import root
from demo.github.state import CheckRun, Comment, Issue, Json, Label, Pull, Repository, Status, World

_ACTIONS = 15368
"""The number of GitHub Actions among the Apps."""


def label(world: World, repository: Repository, found: Label) -> Json:
    """Return a label."""
    return {
        "id": found.id,
        "node_id": node("LA", found.id),
        "url": f"{root(world, repository)}/labels/{found.name}",
        "name": found.name,
        "description": found.description,
        "color": found.color,
        "default": False,
        "archived_at": None,
        "archived_by": None,
    }


def labels(world: World, repository: Repository, issue: Issue) -> list[Json]:
    """Return the labels of an issue."""
    return [label(world, repository, repository.labels[name.lower()]) for name in issue.labels]


def comment(world: World, repository: Repository, issue: Issue, found: Comment) -> Json:
    """Return a comment."""
    return {
        "id": found.id,
        "node_id": node("IC", found.id),
        "url": f"{root(world, repository)}/issues/comments/{found.id}",
        "html_url": f"{world.url}/{repository.full_name}/issues/{issue.number}#issuecomment-{found.id}",
        "issue_url": f"{root(world, repository)}/issues/{issue.number}",
        "user": user(world, found.author),
        "body": found.body,
        "created_at": moment(found.created_at),
        # To the second: what is edited at once must differ all the same.
        "updated_at": moment(found.updated_at + timedelta(seconds=found.edited)),
        "author_association": "NONE",
    }


def _common(world: World, repository: Repository, found: Issue) -> Json:
    return {
        "id": found.id,
        "number": found.number,
        "state": found.state,
        "locked": False,
        "title": found.title,
        "user": user(world, found.author),
        "body": found.body,
        "labels": labels(world, repository, found),
        "milestone": None,
        "assignee": user(world, found.assignees[0]) if found.assignees else None,
        "assignees": [user(world, a) for a in found.assignees],
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "closed_at": maybe(found.closed_at),
        "author_association": "CONTRIBUTOR",
        "active_lock_reason": None,
    }


def issue(world: World, repository: Repository, found: Issue) -> Json:
    """Return an issue; a pull request looks like one with the key ``pull_request``."""
    base, html = root(world, repository), f"{world.url}/{repository.full_name}"
    url = f"{base}/issues/{found.number}"
    shape = {
        **_common(world, repository, found),
        "node_id": node("I", found.id),
        "url": url,
        "repository_url": base,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{html}/{'pull' if found.pull else 'issues'}/{found.number}",
        "comments": len(found.comments),
        "state_reason": found.state_reason,
    }
    if found.pull:
        web, api = f"{html}/pull/{found.number}", f"{base}/pulls/{found.number}"
        links = {"url": api, "html_url": web, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch"}
        shape["pull_request"] = {**links, "merged_at": maybe(found.pull.merged_at)}
    return shape


def pull(world: World, repository: Repository, found: Issue) -> Json:
    """Return a pull request as lists carry it."""
    assert found.pull  # noqa: S101 -- an issue without one never gets here
    base, html = root(world, repository), f"{world.url}/{repository.full_name}/pull/{found.number}"
    api, talk = f"{base}/pulls/{found.number}", f"{base}/issues/{found.number}"
    links = {
        "self": api,
        "html": html,
        "issue": talk,
        "comments": f"{talk}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{base}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{base}/statuses/{found.pull.head_sha}",
    }
    return {
        **_common(world, repository, found),
        "node_id": node("PR", found.id),
        "url": api,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": talk,
        "draft": found.pull.draft,
        **{f"{key}_url": url for key, url in links.items() if key not in ("self", "html", "issue")},
        "merged_at": maybe(found.pull.merged_at),
        "merge_commit_sha": found.pull.merge_sha,
        "requested_reviewers": [user(world, r) for r in found.pull.reviewers],
        "requested_teams": [team(world, repository, slug) for slug in found.pull.teams],
        "head": _end(world, repository, found.pull.head, found.pull.head_sha),
        "base": _end(world, repository, found.pull.base, found.pull.base_sha),
        "_links": {key: {"href": url} for key, url in links.items()},
        "auto_merge": _auto_merge(world, found.pull),
    }


def _auto_merge(world: World, found: Pull) -> Json | None:
    if found.auto_merge is None:
        return None
    who, method = found.auto_merge
    words = {"commit_title": "", "commit_message": ""}
    return {"enabled_by": user(world, who), "merge_method": method, **words}


def full_pull(world: World, repository: Repository, found: Issue) -> Json:
    """Return a pull request as ``GET /repos/{owner}/{repo}/pulls/{pull_number}`` does."""
    assert found.pull  # noqa: S101 -- an issue without one never gets here
    base, head = found.pull.base_sha, found.pull.head_sha
    fork = git.merge_base(repository.folder, base, head) or base
    diff = git.changes(repository.folder, fork, head)
    state = mergeability.state(repository, found)
    if mergeability.is_late(world, repository, found):
        state = "unknown"
    mergeable = None if state == "unknown" else state != "dirty"
    return {
        **pull(world, repository, found),
        "merged": found.pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": user(world, found.pull.merged_by) if found.pull.merged_by else None,
        "comments": len(found.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(git.log(repository.folder, f"{fork}..{head}", limit=250)),
        "additions": sum(row[2] for row in diff),
        "deletions": sum(row[3] for row in diff),
        "changed_files": len(diff),
    }


def team(world: World, repository: Repository, slug: str) -> Json:
    """Return a team as a pull request names it."""
    url = f"{world.api}/organizations/{repository.owner.id}/team/{slug}"
    return {
        "id": repository.id,
        "node_id": node("T", repository.id),
        "name": slug,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "permission": "push",
        "url": url,
        "html_url": f"{world.url}/orgs/{repository.owner.login}/teams/{slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
        "type": "organization",
        "organization_id": repository.owner.id,
    }


def check(world: World, repository: Repository, found: CheckRun) -> Json:
    """Return a check run."""
    url = f"{root(world, repository)}/check-runs/{found.id}"
    html = f"{world.url}/{repository.full_name}/runs/{found.id}"
    output = {key: found.output.get(key) for key in ("title", "summary", "text")}
    return {
        "id": found.id,
        "node_id": node("CR", found.id),
        "name": found.name,
        "head_sha": found.head_sha,
        "external_id": found.external_id,
        "url": url,
        "html_url": html,
        "details_url": found.details_url or html,
        "status": found.status,
        "conclusion": found.conclusion,
        "started_at": moment(found.started_at),
        "completed_at": maybe(found.completed_at),
        "output": {
            **output,
            "annotations_count": len(found.output.get("annotations", ())),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": int(found.head_sha[:7], 16)},
        "app": _app(world, found.app),
        "pull_requests": [],
    }


def _app(world: World, slug: str) -> Json | None:
    if slug == world.app.slug:
        return accounts.app(world)
    return accounts.app(world) | {"id": _ACTIONS, "slug": slug, "name": slug}


def annotation(world: World, repository: Repository, found: CheckRun, said: Json) -> Json:
    """Return what a check run says of some lines."""
    line = said.get("start_line", 1)
    return {
        "path": said["path"],
        "start_line": line,
        "end_line": said.get("end_line", line),
        "start_column": None,
        "end_column": None,
        "annotation_level": said.get("annotation_level", "failure"),
        "title": said.get("title"),
        "message": said["message"],
        "raw_details": None,
        "blob_href": f"{root(world, repository)}/blob/{found.head_sha}/{said['path']}",
    }


def status(world: World, repository: Repository, found: Status) -> Json:
    """Return one word of a commit status."""
    return {
        "url": f"{root(world, repository)}/statuses/{found.sha}",
        "avatar_url": None,
        "id": found.id,
        "node_id": node("SC", found.id),
        "state": found.state,
        "description": found.description,
        "target_url": f"{world.url}/{repository.full_name}/commit/{found.sha}",
        "context": found.context,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.created_at),
        "creator": user(world, world.account("ci[bot]", "Bot")),
    }


def _end(world: World, repository: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(world, repository.owner),
        "repo": repositories.repository(world, repository),
    }
