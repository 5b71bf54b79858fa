"""A Redis client without a timeout waits for ever when the server stops answering.

A server that is frozen, or a firewall that forgot the connection, then holds a thread or a worker until
somebody restarts it. redis-py waited without limit up to release 7; release 8 has a timeout of 5 seconds.
With `socket_timeout` the call raises `redis.TimeoutError` instead, and the limit holds for connecting, too.

The number is yours: `timeout` in `.github/kotsu.yml`, 5 seconds as in release 8 if you do not set it, and
written once in each module as `REDIS_TIMEOUT`. Commands that block on purpose need another limit than
others, so that only clients change of which every use can be seen: in a variable of a function, in a private
attribute, or used on the spot. A module with blocking or slow commands in it (`blpop`, `xread`, `pubsub`,
`eval`, `flushdb`) is left alone, and so is a project that has redis-py 8.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
from packaging.version import Version

from codemods import arguments, constants, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give Redis clients a timeout",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A command that takes longer than the timeout raises, where it waited until now.",
    references=(
        "https://redis.readthedocs.io/en/stable/connections.html",
        "https://redis.io/docs/latest/develop/clients/redis-py/produsage/",
    ),
    needles=(b"redis",),
    pattern=rb"\b(?:StrictRedis|Redis|from_url)\s*\(",
    minutes=5,
    asks=("dependencies",),
    options={"timeout": 5},
    tests=False,
)

_CONSTANT = "REDIS_TIMEOUT"
_HAS_ONE = Version("8")
_HOMES = ("redis", "redis.client", "redis.asyncio", "redis.asyncio.client")
_CLASSES = frozenset(f"{home}.{name}" for home in _HOMES for name in ("Redis", "StrictRedis"))
_FROM_URL = frozenset(
    (*(f"{made}.from_url" for made in _CLASSES), "redis.from_url", "redis.asyncio.from_url")
)
_MOST_POSITIONAL = 4  # host, port, db and password; the timeout would be next
_DECIDED = ("socket_timeout", "connection_pool", "socket_connect_timeout")
_SLOW = frozenset(
    (
        *("blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop"),
        *("xread", "xreadgroup", "pubsub", "subscribe", "psubscribe", "ssubscribe", "listen", "monitor"),
        *("waitaof", "eval", "evalsha", "register_script", "fcall", "execute_command"),
        *("flushall", "flushdb", "migrate"),
    )
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a timeout for each client that has none."""
    installed = facts.dependencies.get("redis")
    if installed is not None and installed >= _HAS_ONE:
        return module
    known = names.of(module)
    calls = [c for c in nodes.of(module).all(cst.Call) if _has_no_timeout(c, known)]
    if not calls or not known.free(_CONSTANT) or _is_slow(module):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in calls:
        if _is_seen(call, module) and not _left_alone(call, module):
            change = layout.fitted(module, call, _with_timeout)
            changes.update({call: change} if change else {})
    result = nodes.replaced(module, changes)
    if result is module:
        return module
    return constants.added(result, [f"{_CONSTANT} = {facts.options.get('timeout', 5)}  # seconds"])


def _has_no_timeout(call: cst.Call, known: names.Names) -> bool:
    made = known.qualified(call.func)
    if made not in _CLASSES and made not in _FROM_URL:
        return False
    if arguments.starred(call) or any(arguments.named(call, name) for name in _DECIDED):
        return False
    texts = (n.value for n in nodes.walk(call) if isinstance(n, cst.SimpleString | cst.FormattedStringText))
    most = 1 if made in _FROM_URL else _MOST_POSITIONAL
    return len(arguments.positional(call)) <= most and not any("timeout" in text for text in texts)


def _is_slow(module: cst.Module) -> bool:
    """Say whether a command that takes its time stands anywhere in a module."""
    seen = nodes.of(module)
    attributes = (node.attr.value for node in seen.all(cst.Attribute))
    strings = (str(node.raw_value) for node in seen.all(cst.SimpleString))
    return any(word.lower() in _SLOW for words in (attributes, strings) for word in words)


def _left_alone(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a comment says that it is meant so, or a ``timeout`` is at hand that a person may want."""
    if guards.silenced(call, module, ABOUT, "redis-without-timeout"):
        return True
    return any("timeout" in parameter.name.value for parameter in nodes.of(module).parameters(call))


def _is_seen(call: cst.Call, module: cst.Module) -> bool:
    """Say whether the module shows every use of a client: each asks it for one of its methods."""
    seen, known = nodes.of(module), names.of(module)
    if seen.function(call) is None:
        return False
    if isinstance(seen.above[call], cst.Attribute):
        return True
    target = _target(seen.above[call])
    if isinstance(target, cst.Name):
        uses = (use for use in known.uses(target.value) if use is not target and known.binds(target, use))
        return known.bound_once(target) and _are_asked(uses, seen)
    if isinstance(target, cst.Attribute) and target.attr.value.startswith("_"):
        same = (n for n in seen.all(cst.Attribute) if n.attr.value == target.attr.value)
        return _are_asked((n for n in same if not isinstance(seen.above[n], cst.AssignTarget)), seen)
    return False


def _target(holder: cst.CSTNode) -> cst.BaseExpression | None:
    """Return what a client is bound to by the assignment or the ``with`` in which it is made."""
    if isinstance(holder, cst.WithItem):
        return holder.asname.name if holder.asname else None
    is_lone = isinstance(holder, cst.Assign) and len(holder.targets) == 1
    return cst.ensure_type(holder, cst.Assign).targets[0].target if is_lone else None


def _are_asked(uses: Iterable[cst.CSTNode], seen: nodes.Seen) -> bool:
    return all(isinstance(above := seen.above[use], cst.Attribute) and above.value is use for use in uses)


def _with_timeout(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("socket_timeout", cst.Name(_CONSTANT)))
