"""Who may come in: the App with its JWT, an installation with its token, and what each may do."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import timedelta

import jwt

from demo.github.call import RefusedError, missing
from demo.github.state import Account, Installation, Repository, Token, World

_LEVELS = {"read": 1, "write": 2, "admin": 3}
_LONGEST = 600  # seconds that a JWT may be good for
_DRIFT = 60  # seconds by which the clocks may differ
TOKEN_LENGTH = 520


def credential(headers: Mapping[str, str]) -> str:
    """Return what stands behind Bearer, token or (as the password) Basic; empty when nothing does."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def admit_app(world: World, value: str) -> None:
    """Refuse anything but a JWT of the App that is signed with its key and valid for ten minutes at most."""
    now = world.stamped().timestamp()
    options = {"verify_exp": False, "verify_iat": False, "verify_iss": False}
    try:
        claims = jwt.decode(value, world.app.public_key, ["RS256"], options)  # type: ignore[arg-type]  # a TypedDict
    except jwt.PyJWTError as error:
        raise RefusedError(401, "A JSON web token could not be decoded") from error
    if str(claims.get("iss")) != str(world.app.id):
        raise RefusedError(
            401, "Integration not found" if claims.get("iss") else "Missing 'issuer' claim ('iss')"
        )
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now:
        raise RefusedError(
            401, "'Expiration time' claim ('exp') must be a numeric value representing the future"
        )
    if expires > now + _LONGEST + _DRIFT or (
        isinstance(issued, int) and expires - issued > _LONGEST + _DRIFT
    ):
        raise RefusedError(401, "'Expiration time' claim ('exp') is too far in the future")
    if isinstance(issued, int) and issued > now + _DRIFT:
        raise RefusedError(401, "'Issued at' claim ('iat') must be an Integer representing the past")


def admit_token(world: World, value: str) -> Token:
    """Return the installation token, refused when it is unknown, expired, or its installation sleeps."""
    if not value:
        raise RefusedError(401, "Requires authentication")
    token = world.tokens.get(value)
    if token is None or token.expires_at <= world.stamped() or token.installation not in world.installations:
        raise RefusedError(401, "Bad credentials")
    if world.installations[token.installation].suspended_at:
        raise RefusedError(403, "This installation has been suspended")
    return token


def admit_person(world: World, value: str) -> Account:
    """Return the person who let the App act for them."""
    if value not in world.people:
        raise RefusedError(401, "Bad credentials")
    return world.people[value]


def permits(token: Token, needs: str) -> bool:
    """Return whether a token has one of ``this|that:level``."""
    names, _, level = needs.partition(":")
    return any(_LEVELS.get(token.permissions.get(name, ""), 0) >= _LEVELS[level] for name in names.split("|"))


def sees(world: World, token: Token, repository: Repository) -> bool:
    """Return whether a repository is within a token's reach."""
    installation = world.installations[token.installation]
    within = token.repositories is None or repository.id in token.repositories
    return within and world.covers(installation, repository)


def require(world: World, token: Token, repository: Repository, needs: str) -> None:
    """Refuse what a token may not do: 404 beyond its reach, 403 within; what is public is for everybody."""
    if not repository.private and needs.endswith(":read"):
        return
    if not sees(world, token, repository):
        raise missing()
    if not permits(token, needs):
        raise RefusedError(403, "Resource not accessible by integration")


def mint(
    world: World,
    installation: Installation,
    permissions: Mapping[str, str],
    repositories: frozenset[int] | None,
) -> Token:
    """Make a token that is good for an hour and as long as GitHub's are today."""
    value = "ghs_" + secrets.token_urlsafe(TOKEN_LENGTH)[: TOKEN_LENGTH - 4]
    expires = world.stamped() + timedelta(hours=1)
    token = Token(value, installation.id, {"metadata": "read", **permissions}, repositories, expires)
    world.tokens[value] = token
    return token


def narrowed(installation: Installation, wanted: Mapping[str, str] | None) -> dict[str, str]:
    """Return the permissions that were asked for; 422 when the installation has not got them."""
    if wanted is None:
        return dict(installation.permissions)
    for name, level in wanted.items():
        if _LEVELS.get(installation.permissions.get(name, ""), 0) < _LEVELS.get(level, 9):
            raise RefusedError(422, "The permissions requested are not granted to this installation.")
    return dict(wanted)
