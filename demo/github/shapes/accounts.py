"""How accounts, the App and its installations look in GitHub's JSON."""

from __future__ import annotations

from datetime import datetime

from demo.github.state import Account, Installation, Json, World

_LINKS = (
    "followers",
    "following{/other_user}",
    "gists{/gist_id}",
    "starred{/owner}{/repo}",
    "subscriptions",
    "orgs",
    "repos",
    "events{/privacy}",
    "received_events",
)


def moment(when: datetime) -> str:
    """Return a time as GitHub writes it: UTC, to the second."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe(when: datetime | None) -> str | None:
    """Return a time that may not have come yet."""
    return moment(when) if when else None


def node(kind: str, id_: int) -> str:
    """Return an opaque node id."""
    return f"{kind}_kwDO{id_:08d}"


def user(world: World, account: Account) -> Json:
    """Return a simple user, an organisation or a bot."""
    root = f"{world.api}/users/{account.login}"
    links = {f"{link.split('{')[0]}_url": f"{root}/{link}" for link in _LINKS}
    links["organizations_url"] = links.pop("orgs_url")
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node("U", account.id),
        "avatar_url": f"{world.url}/avatars/{account.id}",
        "gravatar_id": "",
        "url": root,
        "html_url": f"{world.url}/{account.login}",
        **links,
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def organisation(world: World, account: Account, made: str) -> Json:
    """Return an organisation as its teams carry it; ``made`` is when it was."""
    root = f"{world.api}/orgs/{account.login}"
    links = {f"{name}_url": f"{root}/{name}" for name in ("repos", "events", "hooks", "issues", "members")}
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node("O", account.id),
        "url": root,
        **links,
        "public_members_url": f"{root}/public_members",
        "avatar_url": f"{world.url}/avatars/{account.id}",
        "description": None,
        "html_url": f"{world.url}/{account.login}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "type": account.type,
        "created_at": made,
        "updated_at": made,
        "archived_at": None,
    }


def app(world: World) -> Json:
    """Return the App, as ``GET /app`` does."""
    born = "2026-01-05T08:00:00Z"
    return {
        "id": world.app.id,
        "client_id": f"Iv23li{world.app.id:014d}",
        "slug": world.app.slug,
        "node_id": node("A", world.app.id),
        "owner": user(world, world.account(world.app.owner, "Organization")),
        "name": world.app.slug.title(),
        "description": "Small, reviewable improvement pull requests.",
        "external_url": "https://example.com/kotsu",
        "html_url": f"{world.url}/apps/{world.app.slug}",
        "created_at": born,
        "updated_at": born,
        "permissions": dict(world.app.permissions),
        "events": list(world.app.events),
        "installations_count": len(world.installations),
    }


def installation(world: World, found: Installation) -> Json:
    """Return an installation of the App."""
    root = f"{world.api}/app/installations/{found.id}"
    return {
        "id": found.id,
        "account": user(world, found.account),
        "repository_selection": "all" if found.repositories is None else "selected",
        "access_tokens_url": f"{root}/access_tokens",
        "repositories_url": f"{world.api}/installation/repositories",
        "html_url": f"{world.url}/organizations/{found.account.login}/settings/installations/{found.id}",
        "app_id": world.app.id,
        "app_slug": world.app.slug,
        "target_id": found.account.id,
        "target_type": found.account.type,
        "permissions": dict(found.permissions),
        "events": list(world.app.events),
        "created_at": moment(found.created_at),
        "updated_at": moment(found.suspended_at or found.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(world, world.account("octo-admin")) if found.suspended_at else None,
        "suspended_at": maybe(found.suspended_at),
    }
