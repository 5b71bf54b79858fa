"""Releases: what people say of a version when they publish it."""

from __future__ import annotations

from demo.github.call import Call, Reply, Route, page
from demo.github.shapes import releases


def list_(call: Call) -> Reply:
    """Return the releases of a repository, the newest first."""
    found = reversed(call.repository.releases)
    return page(call, [releases.release(call.world, call.repository, made) for made in found])


ROUTES = (Route("GET", "/repos/{owner}/{repo}/releases", "contents:read", list_),)
