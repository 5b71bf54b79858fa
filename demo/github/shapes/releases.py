"""How releases look in GitHub's JSON."""

from __future__ import annotations

from demo.github.shapes.accounts import moment, node, user
from demo.github.shapes.commits import root
from demo.github.state import Json, Release, Repository, World


def release(world: World, repository: Repository, found: Release) -> Json:
    """Return a release, which has no assets here."""
    base = root(world, repository)
    when = moment(found.published_at)
    return {
        "url": f"{base}/releases/{found.id}",
        "html_url": f"{world.url}/{repository.full_name}/releases/tag/{found.tag}",
        "assets_url": f"{base}/releases/{found.id}/assets",
        "upload_url": f"{base}/releases/{found.id}/assets{{?name,label}}",
        "tarball_url": f"{base}/tarball/{found.tag}",
        "zipball_url": f"{base}/zipball/{found.tag}",
        "id": found.id,
        "node_id": node("RE", found.id),
        "tag_name": found.tag,
        "target_commitish": repository.default_branch,
        "name": found.name,
        "body": found.body,
        "draft": False,
        "prerelease": found.prerelease,
        "created_at": when,
        "published_at": when,
        "author": user(world, found.author),
        "assets": [],
    }
