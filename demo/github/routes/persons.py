"""What a person may see and do, asked with the token by which they let the App act for them."""

from __future__ import annotations

from demo.github.call import Call, Reply, Route, missing, page
from demo.github.shapes import accounts, repositories
from demo.github.state import Account, Installation, Json, Repository

_LEVELS = ("read", "triage", "write", "maintain", "admin")
_NAMES = ("pull", "triage", "push", "maintain", "admin")


def show(call: Call) -> Reply:
    """Return the person."""
    return Reply(200, {**accounts.user(call.world, _who(call)), **_PUBLIC})


def list_installations(call: Call) -> Reply:
    """Return the installations on repositories that the person may see."""
    found = [i for i in call.world.installations.values() if _seen(call, i)]
    return page(call, [accounts.installation(call.world, i) for i in found], "installations")


def list_repositories(call: Call) -> Reply:
    """Return the repositories of an installation that the person may see, with what they may do there."""
    installation = call.world.installations.get(call.number("installation_id"))
    seen = _seen(call, installation) if installation else []
    if not seen:
        raise missing()
    shown = [{**repositories.repository(call.world, r), "permissions": _rights(call, r)} for r in seen]
    return page(call, shown, "repositories")


def _who(call: Call) -> Account:
    if call.person is None:
        raise missing()
    return call.person


def _level(call: Call, found: Repository) -> str:
    everybody = "" if found.private else "read"
    return found.collaborators.get(_who(call).login.lower(), everybody)


def _seen(call: Call, installation: Installation) -> list[Repository]:
    covered = [r for r in call.world.repositories.values() if call.world.covers(installation, r)]
    return [r for r in covered if _level(call, r) in _LEVELS]


def _rights(call: Call, found: Repository) -> Json:
    given = _LEVELS.index(_level(call, found))
    return {name: rank <= given for rank, name in enumerate(_NAMES)}


_PUBLIC: Json = {
    "name": None,
    "company": None,
    "blog": None,
    "location": None,
    "email": None,
    "hireable": None,
    "bio": None,
    "public_repos": 0,
    "public_gists": 0,
    "followers": 0,
    "following": 0,
    "created_at": "2024-01-08T09:00:00Z",
    "updated_at": "2024-01-08T09:00:00Z",
}

ROUTES = (
    Route("GET", "/user", "person", show),
    Route("GET", "/user/installations", "person", list_installations),
    Route("GET", "/user/installations/{installation_id}/repositories", "person", list_repositories),
)
