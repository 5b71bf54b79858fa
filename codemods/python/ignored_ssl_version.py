"""Gunicorn ignores `ssl_version` since 21.0: whoever reads the configuration believes a limit that is none.

It picks the newest version of TLS that both sides know, whatever the setting says, and writes a warning at
each start. The line goes, so that the file says what happens. Who needs a limit sets it in the hook
`ssl_context`, which is given the context that is used.

A file counts as a configuration of Gunicorn where it sets at least three others of its settings at the top,
and the lowest Gunicorn that can be installed is 21.0. A name that is used again, or set in a condition,
stays.
"""

from __future__ import annotations

import libcst as cst
from packaging.version import Version

from codemods import certain, constants, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Drop the TLS version that Gunicorn ignores",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known: Gunicorn reads the setting and uses it nowhere.",
    references=(
        "https://docs.gunicorn.org/en/stable/settings.html#ssl-version",
        "https://docs.gunicorn.org/en/stable/2023-news.html",
    ),
    needles=(b"ssl_version",),
    minutes=5,
    asks=("dependencies",),
    tests=False,
)

_SINCE = Version("21")
_ENOUGH = 3
_SETTINGS = frozenset(
    (
        *("bind", "backlog", "workers", "worker_class", "threads", "worker_connections", "max_requests"),
        *("max_requests_jitter", "timeout", "graceful_timeout", "keepalive", "preload_app", "chdir"),
        *("daemon", "pidfile", "user", "group", "umask", "accesslog", "access_log_format", "errorlog"),
        *("loglevel", "capture_output", "proc_name", "keyfile", "certfile", "ca_certs", "wsgi_app"),
        *("forwarded_allow_ips", "proxy_protocol", "worker_tmp_dir", "raw_env"),
    )
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the configuration without the setting."""
    lowest = facts.dependencies.get("gunicorn")
    found = list(constants.assigned(module))
    others = {name for _, name, _ in found if name in _SETTINGS}
    mine = [index for index, name, _ in found if name == "ssl_version"]
    if lowest is None or lowest < _SINCE or len(others) < _ENOUGH or len(mine) != 1:
        return module
    line = cst.ensure_type(module.body[mine[0]], cst.SimpleStatementLine)
    used = len(names.of(module).uses("ssl_version")) > 1 or names.of(module).bindings("ssl_version") > 1
    (value,) = (value for index, _, value in found if index == mine[0])
    plain = certain.constant(value) or (names.of(module).qualified(value) or "").startswith("ssl.")
    if used or not plain or len(line.body) != 1 or nodes.comments(line):
        return module
    changed = nodes.replaced(module, {line: lambda _: cst.RemoveFromParent()})
    return leftovers.tidied(module, changed)
