"""Repositories: what they are, who works in them, and how much may still be asked."""

from __future__ import annotations

import time

from demo.github import git
from demo.github.call import Call, Reply, Route, missing, page
from demo.github.shapes import commits, repositories
from demo.github.shapes.accounts import user
from demo.github.state import Json

_LIMIT = 5000


def show(call: Call) -> Reply:
    """Return a repository."""
    return Reply(200, repositories.full(call.world, call.repository))


def list_branches(call: Call) -> Reply:
    """Return the branches with their tips."""
    base = commits.root(call.world, call.repository)
    branches = [
        {"name": ref.removeprefix("refs/heads/"), "commit": {"sha": sha, "url": f"{base}/commits/{sha}"}}
        for ref, sha in git.refs(call.repository.folder).items()
    ]
    return page(call, [{**branch, "protected": False} for branch in branches])


def show_branch(call: Call) -> Reply:
    """Return a branch; a protected one says which checks it requires."""
    name = call.values["branch"]
    sha = call.repository.branch(name)
    if sha is None:
        raise missing()
    url = f"{commits.root(call.world, call.repository)}/branches/{name}"
    names = call.repository.protected if name == call.repository.default_branch else []
    asked = {
        "enforcement_level": "non_admins" if names else "off",
        "contexts": names,
        "checks": [{"context": context, "app_id": None} for context in names],
    }
    shape = {
        "name": name,
        "commit": commits.commit(call.world, call.repository, git.commit(call.repository.folder, sha)),
        "_links": {"self": url, "html": f"{call.world.url}/{call.repository.full_name}/tree/{name}"},
        "protected": bool(names),
        "protection": {"enabled": bool(names), "required_status_checks": asked},
        "protection_url": f"{url}/protection",
    }
    return Reply(200, shape)


def show_rules(call: Call) -> Reply:
    """Return the rules of a branch: on the default one, perhaps, which checks must pass."""
    names = call.repository.ruled
    if not names or call.values["branch"] != call.repository.default_branch:
        return Reply(200, [])
    parameters = {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": name} for name in names],
    }
    rule = {"type": "required_status_checks", "parameters": parameters}
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repository.full_name,
        "ruleset_id": 1,
    }
    return Reply(200, [{**rule, **source}])


def show_permission(call: Call) -> Reply:
    """Return what a person may do."""
    login = call.values["username"]
    everybody = "none" if call.repository.private else "read"
    level = call.repository.collaborators.get(login.lower(), everybody)
    account = call.world.accounts.get(login.lower())
    if account is None:
        raise missing()
    shape = {**user(call.world, account), "role_name": level}
    # The permission knows fewer words than the role.
    permission = {"maintain": "write", "triage": "read"}.get(level, level)
    return Reply(200, {"permission": permission, "role_name": level, "user": shape})


def show_limits(_: Call) -> Reply:
    """Return a rate limit that is never near."""
    full: Json = {"limit": _LIMIT, "used": 1, "remaining": _LIMIT - 1, "reset": int(time.time()) + 3600}
    return Reply(200, {"resources": {"core": full, "search": full, "graphql": full}, "rate": full})


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}", "metadata:read", show),
    Route("GET", "/repos/{owner}/{repo}/branches", "contents:read", list_branches),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", "contents:read", show_branch),
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", "metadata:read", show_rules),
    Route(
        "GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", "metadata:read", show_permission
    ),
    Route("GET", "/rate_limit", "token", show_limits),
)
