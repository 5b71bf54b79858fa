"""How repositories look in GitHub's JSON."""

from __future__ import annotations

from demo.github.shapes.accounts import moment, node, user
from demo.github.state import Json, Repository, World

# Every address of a repository hangs below its own; the odd ones carry a URI template (RFC 6570).
_LINKS = """
archive/{archive_format}{/ref} assignees{/user} blobs=git/blobs{/sha} branches{/branch}
collaborators{/collaborator} comments{/number} commits{/sha} compare/{base}...{head} contents/{+path}
contributors deployments downloads events forks git_commits=git/commits{/sha} git_refs=git/refs{/sha}
git_tags=git/tags{/sha} hooks issue_comment=issues/comments{/number} issue_events=issues/events{/number}
issues{/number} keys{/key_id} labels{/name} languages merges milestones{/number}
notifications{?since,all,participating} pulls{/number} releases{/id} stargazers statuses/{sha} subscribers
subscription tags teams trees=git/trees{/sha}
"""
_FLAGS = {
    "has_issues": True,
    "has_projects": True,
    "has_downloads": True,
    "has_wiki": True,
    "has_pages": False,
    "has_discussions": False,
    "allow_forking": True,
    "is_template": False,
    "web_commit_signoff_required": False,
}
_COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
)


def _links(root: str) -> Json:
    links = {}
    for word in _LINKS.split():
        name, _, path = word.rpartition("=")
        name = name or path.split("{")[0].split("/")[0]
        links[f"{name}_url"] = f"{root}/{path}"
    return links


def repository(world: World, found: Repository) -> Json:
    """Return a repository as lists and pull requests carry it."""
    html = f"{world.url}/{found.full_name}"
    root = f"{world.api}/repos/{found.full_name}"
    return {
        "id": found.id,
        "node_id": node("R", found.id),
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
        "visibility": "private" if found.private else "public",
        "owner": user(world, found.owner),
        "html_url": html,
        "description": None,
        "fork": found.fork,
        "url": root,
        **_links(root),
        "created_at": moment(found.created_at),
        "updated_at": moment(found.created_at),
        "pushed_at": moment(found.pushed_at),
        "git_url": f"git:{world.url.removeprefix('http:')}/{found.full_name}.git",
        "ssh_url": f"git@127.0.0.1:{found.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "homepage": None,
        "size": 64,
        "language": "Python",
        **_FLAGS,
        **dict.fromkeys(_COUNTS, 0),
        "mirror_url": None,
        "archived": found.archived,
        "disabled": found.disabled,
        "license": None,
        "topics": [],
        "default_branch": found.default_branch,
    }


def full(world: World, found: Repository) -> Json:
    """Return a repository as ``GET /repos/{owner}/{repo}`` does."""
    settings = {
        "allow_squash_merge": "squash" in found.merging.methods,
        "allow_merge_commit": "merge" in found.merging.methods,
        "allow_rebase_merge": "rebase" in found.merging.methods,
        "allow_auto_merge": found.merging.waits,
        "delete_branch_on_merge": False,
    }
    return {**repository(world, found), "network_count": 0, "subscribers_count": 0, **settings}


def brief(found: Repository) -> Json:
    """Return a repository as the payload of an ``installation`` event names it."""
    return {
        "id": found.id,
        "node_id": node("R", found.id),
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
    }
