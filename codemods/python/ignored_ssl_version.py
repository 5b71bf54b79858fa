"""Gunicorn ignores `ssl_version` since 21.0: whoever reads the configuration believes a limit that is none.

It picks the newest version of TLS that both sides know, whatever the setting says, and writes a warning at
each start. The line goes, so that the file says what happens. Who needs a limit sets it in the hook
`ssl_context`, which is given the context that is used.

A file counts as a configuration of Gunicorn where it sets at least three others of its settings at the top,
and the lowest Gunicorn that can be installed is 21.0. The workers of uvicorn and aiohttp do use the setting:
it stays where the workers are not Gunicorn's own, or the project has those and the file does not say. A name
that is used again, or set in a condition, stays.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import certain, leftovers, names, nodes, server_settings
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Drop the TLS version that Gunicorn ignores",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known: Gunicorn's own workers use the setting nowhere.",
    references=(
        "https://docs.gunicorn.org/en/stable/settings.html#ssl-version",
        "https://docs.gunicorn.org/en/stable/2023-news.html",
    ),
    needles=(b"ssl_version",),
    minutes=5,
    asks=("dependencies",),
    tests=False,
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the configuration without the setting."""
    lowest = facts.dependencies.get("gunicorn")
    found = server_settings.read(module)
    if (
        lowest is None
        or lowest < server_settings.IGNORES_VERSION
        or "ssl_version" not in found
        or not _is_ignored(found, facts)
    ):
        return module
    index, value = found["ssl_version"]
    line = cst.ensure_type(module.body[index], cst.SimpleStatementLine)
    # A hook may ask for it by the settings that it is given.
    used = module.code.count("ssl_version") > cst.Module([line]).code.count("ssl_version")
    plain = certain.constant(value) or (names.of(module).qualified(value) or "").startswith("ssl.")
    if used or not plain or len(line.body) != 1 or nodes.comments(line):
        return module
    changed = nodes.replaced(module, {line: lambda _: cst.RemoveFromParent()})
    return leftovers.tidied(module, changed)


def _is_ignored(found: Mapping[str, tuple[int, cst.BaseExpression]], facts: Facts) -> bool:
    """Say whether Gunicorn is new enough, and the workers its own: those of uvicorn use the setting."""
    lowest = facts.dependencies.get("gunicorn")
    if lowest is None or lowest < server_settings.IGNORES_VERSION:
        return False
    if "worker_class" not in found:
        return server_settings.has_own_workers("", frozenset(facts.dependencies))
    value = found["worker_class"][1]
    named = value.evaluated_value if isinstance(value, cst.SimpleString) else None
    return isinstance(named, str) and bool(named) and server_settings.has_own_workers(named, frozenset())
