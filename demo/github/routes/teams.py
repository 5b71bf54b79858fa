"""Teams of an organisation: which there are, and what each has access to."""

from __future__ import annotations

from demo.github import access
from demo.github.call import Call, RefusedError, Reply, Route, missing
from demo.github.shapes import accounts, issues
from demo.github.state import Repository


def show(call: Call) -> Reply:
    """Return a team; one that has access to nothing is not known here."""
    if call.token is None or not access.permits(call.token, "members:read"):
        raise RefusedError(403, "Resource not accessible by integration")
    slug, org = call.values["team_slug"], call.values["org"].lower()
    found = [r for r in call.world.repositories.values() if r.owner.login.lower() == org and slug in r.teams]
    if not found:
        raise missing()
    made = accounts.moment(found[0].created_at)
    team = issues.team(call.world, found[0], slug)
    counts = {"members_count": 1, "repos_count": len(found)}
    home = accounts.organisation(call.world, found[0].owner, made)
    return Reply(200, {**team, **counts, "created_at": made, "updated_at": made, "organization": home})


def has_repository(call: Call) -> Reply:
    """Say whether a team has access to a repository, without a word."""
    found: Repository = call.repository
    if call.values["org"].lower() != found.owner.login.lower() or call.values["team_slug"] not in found.teams:
        raise missing()
    return Reply(204)


ROUTES = (
    Route("GET", "/orgs/{org}/teams/{team_slug}", "token", show),
    Route("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", "members:read", has_repository),
)
