"""aioredis is part of redis-py since 4.2, as `redis.asyncio`; by itself it cannot be imported on Python 3.11.

What aioredis 2 has is there under the same names. A module is rewritten as a whole where all that it uses of
aioredis is in its interface; one for aioredis 1 (`create_redis_pool`) is left to a person. The line of
aioredis in the requirements can go when nothing imports it any more.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from packaging.version import Version

from codemods import guards, imports, moved, names, nodes, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use redis.asyncio in place of aioredis",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="It is newer code: what was mended since aioredis 2.0.1 behaves as in the installed redis-py.",
    references=(
        "https://github.com/aio-libs-abandoned/aioredis-py#-aioredis-is-now-in-redis-py-420rc1-",
        "https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html",
    ),
    needles=(b"aioredis",),
    minutes=10,
    crosses=">=4.2",
    since="4.2.0",
    asks=("dependencies",),
)

_ERRORS = (
    *("AuthenticationError", "AuthenticationWrongNumberOfArgsError", "BusyLoadingError"),
    *("ChildDeadlockedError", "ConnectionError", "DataError", "InvalidResponse", "PubSubError"),
    *("ReadOnlyError", "RedisError", "ResponseError", "TimeoutError", "WatchError"),
)
_MORE_ERRORS = (
    *("ExecAbortError", "LockError", "LockNotOwnedError", "ModuleError", "NoPermissionError"),
    "NoScriptError",
)
_CONNECTIONS = (
    *("BlockingConnectionPool", "Connection", "ConnectionPool", "SSLConnection"),
    "UnixDomainSocketConnection",
)
_CLIENTS = ("Redis", "StrictRedis")
_PARTS = {
    "exceptions": ("redis.exceptions", (*_ERRORS, *_MORE_ERRORS)),
    "connection": ("redis.asyncio.connection", _CONNECTIONS),
    "client": ("redis.asyncio.client", (*_CLIENTS, "PubSub", "Pipeline")),
    "sentinel": ("redis.asyncio.sentinel", ("Sentinel", "SentinelConnectionPool")),
    "lock": ("redis.asyncio.lock", ("Lock",)),
    "utils": ("redis.asyncio", ("from_url",)),
}
_TOP = frozenset(f"aioredis.{name}" for name in (*_ERRORS, *_CONNECTIONS, *_CLIENTS, "from_url"))
_MOVES = {
    **dict.fromkeys(_TOP, "redis.asyncio"),
    **{f"aioredis.{part}.{name}": home for part, (home, known) in _PARTS.items() for name in known},
}
"""Where each name is by now, which stays the same itself."""


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with what it uses of aioredis from redis-py."""
    installed = facts.dependencies.get("aioredis")
    if installed is None or installed < Version("2"):
        return module
    ours = moved.whole(module, "aioredis")
    if not ours or not all(_is_there(local, full, module) for local, full in ours.items()):
        return module
    lines = [n for n in imports.of(module.body) if any(local in ours for local, _ in _bound(n))]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in lines:
        if change := _change(node, ours, module):
            changes[node] = change
    is_whole = len(changes) == len(lines) and not _is_spoken_of(module)
    return nodes.replaced(module, changes) if is_whole else module


def _is_there(local: str, full: str, module: cst.Module) -> bool:
    """Say whether redis-py has all that is used of a name, and only this module reads it here."""
    if not moved.may_go(module, local, stays=True):
        return False
    uses = names.of(module).uses(local)
    return full in _MOVES or (full == "aioredis" and all(_is_top(use, module) for use in uses))


def _is_top(use: cst.Name, module: cst.Module) -> bool:
    holder = nodes.of(module).above[use]
    is_asked = isinstance(holder, cst.Attribute) and holder.value is use
    return is_asked and names.of(module).qualified(cst.ensure_type(holder, cst.Attribute)) in _TOP


def _bound(node: cst.Import | cst.ImportFrom) -> list[tuple[str, str]]:
    return [] if isinstance(node.names, cst.ImportStar) else list(scopes.imports(node))


def _change(
    node: cst.Import | cst.ImportFrom, ours: Mapping[str, str], module: cst.Module
) -> nodes.Change | None:
    """Return what becomes of an import in its place; None where its names go to different places."""
    found = _bound(node)
    if guards.for_some_versions(node, module) or any(local not in ours for local, _ in found):
        return None
    if isinstance(node, cst.Import):
        local, full = found[0]
        text = f"from redis import asyncio as {local}"
        return _to(text) if len(found) == 1 and full == "aioredis" else None
    homes = {_MOVES[full] for _, full in found}
    home = cst.parse_expression(homes.pop())
    return None if homes else lambda updated: updated.with_changes(module=home)


def _to(text: str) -> nodes.Change:
    line = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    return nodes.to(line.body[0])


def _is_spoken_of(module: cst.Module) -> bool:
    """Say whether a string names aioredis, as that of a patch does."""
    return any("aioredis" in str(node.raw_value) for node in nodes.of(module).all(cst.SimpleString))
