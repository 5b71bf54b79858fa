"""A connection to PostgreSQL without a time limit waits for ever when the server accepts and says nothing.

A server that is frozen, a proxy without a backend or a full disk does just that: the port is open, and the
answer never comes. psycopg2 then holds a worker until somebody restarts it, and the limit on the statements
does not help, for there is no session yet. With `connect_timeout` the call raises
`psycopg2.OperationalError` after that many seconds, for each host that is tried.

The number is yours: `timeout` in `.github/kotsu.yml`, 10 seconds if you do not set it, and written once in
each module as `CONNECT_TIMEOUT`. Only connections whose parameters are all in sight change: those of
psycopg2, of its pools, and of SQLAlchemy's `create_engine` where the address names that driver. What is on
the machine itself is left alone, and so is what has a limit of its own by default: psycopg 3 (130 seconds),
asyncpg (60), and pymongo (30). PyMySQL is left alone too: it waits for ever as well, but the limit that would
help is one on reading, and holds for each statement.
"""

from __future__ import annotations

import re

import libcst as cst
from packaging.version import Version

from codemods import arguments, constants, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give connections to PostgreSQL a time limit",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A server that takes longer than the limit to accept raises; `PGCONNECT_TIMEOUT` counts no more.",
    references=(
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT",
        "https://www.psycopg.org/docs/module.html#psycopg2.connect",
        "https://docs.sqlalchemy.org/en/20/core/engines.html#use-the-connect-args-dictionary-parameter",
    ),
    needles=(b"psycopg2", b"create_engine"),
    pattern=rb"\bpsycopg2\b[^\n]*\b(?:import|connect|pool)\b|\bimport\b[^\n]*\bpsycopg2\b|postgres(?:ql)?(?:\+\w+)?://",
    asked_for=r"(?:add|set|use|needs?)(?: a| some)? connect(?:ion)?[ _]?time-?outs?",
    minutes=5,
    asks=("dependencies",),
    options={"timeout": 10},
    tests=False,
)

_CONSTANT = "CONNECT_TIMEOUT"
_POOLS = ("SimpleConnectionPool", "ThreadedConnectionPool", "PersistentConnectionPool")
_BEFORE_DSN = {"psycopg2.connect": 0, **{f"psycopg2.pool.{pool}": 2 for pool in _POOLS}}
"""Who connects, and how many arguments come before the address: a pool's are its sizes."""
_ENGINES = frozenset(
    ("sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlmodel.create_engine")
)
_OTHER_DEFAULT = Version("2.1")
"""From this SQLAlchemy on, an address without a driver means psycopg 3."""
_ADDRESS = re.compile(r"postgres(?:ql)?(?P<driver>\+\w+)?://")
_LOCAL = re.compile(r"localhost|127\.0\.0\.1|\[::1\]|host\s*=\s*/|//(?:[^/@]*@)?/|^/|^::1$|^$")
_UNKNOWN = re.compile(r"timeout|service")
_MORE = re.compile(r"opt|param|extra|query|args|suffix|url|uri|dsn", re.IGNORECASE)
_DECIDED = ("connect_timeout", "service", "async", "async_", "connect_args", "creator", "pool")


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a limit for each connection that has none."""
    known, seen = names.of(module), nodes.of(module)
    texts = (str(n.value) for n in seen.all(cst.SimpleString))
    if not known.free(_CONSTANT) or any("connect_timeout" in text for text in texts):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in seen.all(cst.Call):
        made = known.qualified(call.func) or ""
        if made in _BEFORE_DSN and _waits(call, _BEFORE_DSN[made]):
            change = layout.fitted(module, call, _with_timeout)
        elif made in _ENGINES and _is_engine_of_psycopg2(call, facts):
            change = layout.fitted(module, call, _with_connect_args)
        else:
            continue
        if change and not _left_alone(call, module):
            changes[call] = change
    result = nodes.replaced(module, changes)
    if result is module:
        return module
    at_once = [index for call in changes if (index := _at_once(call, seen)) is not None]
    return constants.added(result, [f"{_CONSTANT} = {facts.options.get('timeout', 10)}  # seconds"], at_once)


def _waits(call: cst.Call, before: int) -> bool:
    """Say whether all parameters of a connection are in sight: a host that is elsewhere, and no limit."""
    if _is_decided(call) or len(arguments.positional(call)) > before + 1:
        return False
    dsn = arguments.named(call, "dsn") or next(iter(arguments.positional(call)[before:]), None)
    host = arguments.named(call, "host")
    if dsn is not None:
        text = _text(dsn.value)
        return host is None and text is not None and bool(re.search(r"host\s*=|//", text))
    return host is not None and (not _is_text(host.value) or _text(host.value) is not None)


def _is_engine_of_psycopg2(call: cst.Call, facts: Facts) -> bool:
    address = arguments.named(call, "url") or next(iter(arguments.positional(call)), None)
    text = _text(address.value) if address and not _is_decided(call) else None
    found = _ADDRESS.match(text or "")
    if found is None or len(arguments.positional(call)) > 1:
        return False
    alchemy = facts.dependencies.get("sqlalchemy")
    by_default = alchemy is not None and alchemy < _OTHER_DEFAULT
    return found["driver"] == "+psycopg2" or (found["driver"] is None and by_default)


def _is_decided(call: cst.Call) -> bool:
    return arguments.starred(call) or any(arguments.named(call, name) for name in _DECIDED)


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString | cst.FormattedString | cst.ConcatenatedString)


def _text(node: cst.BaseExpression) -> str | None:
    """Return a text with a mark for each value in it; None where it is local, or a value may say more."""
    parts: list[str] = []
    for part in nodes.walk(node) if _is_text(node) else ():
        if isinstance(part, cst.SimpleString):
            parts.append(str(part.raw_value))
        elif isinstance(part, cst.FormattedStringText):
            parts.append(part.value)
        elif isinstance(part, cst.FormattedStringExpression):
            if any(isinstance(n, cst.Name) and _MORE.search(n.value) for n in nodes.walk(part.expression)):
                return None
            parts.append("?")
    text = "".join(parts)
    return None if not _is_text(node) or _LOCAL.search(text) or _UNKNOWN.search(text) else text


def _left_alone(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a comment says that it is meant so, or a ``timeout`` is at hand that a person may want."""
    if guards.silenced(call, module, ABOUT, "database-without-timeout"):
        return True
    return any("timeout" in parameter.name.value for parameter in nodes.of(module).parameters(call))


def _at_once(call: cst.CSTNode, seen: nodes.Seen) -> int | None:
    """Return the index of the statement in the module's body that connects while it is imported, or None."""
    *inside, statement, _ = [call, *seen.ancestors(call)]
    if any(isinstance(n, cst.FunctionDef | cst.Lambda) for n in (*inside, statement)):
        return None
    return list(seen.module.body).index(statement)  # type: ignore[arg-type]


def _with_timeout(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("connect_timeout", cst.Name(_CONSTANT)))


def _with_connect_args(call: cst.Call) -> cst.Call:
    value = cst.parse_expression(f'{{"connect_timeout": {_CONSTANT}}}')
    return arguments.appended(call, arguments.keyword("connect_args", value))
