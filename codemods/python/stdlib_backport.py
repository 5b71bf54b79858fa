"""`importlib_metadata`, `backports.zoneinfo` and others give older Pythons what the standard library has.

This project supports no Python without it, so the import needs no distribution any more. With the last of
them the dependency can go.

A name moves only from the Python on from which both do the same: `entry_points` answers like that of today's
`importlib_metadata` since 3.12, not since 3.8. A module leaves a backport as a whole or not at all, for what
one of them raises is not what the other lets catch. An import for some Pythons alone is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import imports, leftovers, moved, names, nodes, renamed, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take from the standard library what backports bring",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A backport can be newer than the Python that runs, and its errors and classes are not the same "
    "objects: code elsewhere that catches them misses those of the standard library.",
    references=(
        "https://docs.python.org/3/library/importlib.metadata.html",
        "https://importlib-metadata.readthedocs.io/en/latest/",
        "https://docs.python.org/3/library/zoneinfo.html",
    ),
    needles=(b"importlib_metadata", b"importlib_resources", b"backports"),
    requires_python=(3, 9),
    minutes=2,
)

_SINCE = {
    (3, 8): {
        "backports.cached_property.cached_property": "functools.cached_property",
        "backports.functools_lru_cache.lru_cache": "functools.lru_cache",
    },
    (3, 9): {
        f"backports.zoneinfo.{name}": f"zoneinfo.{name}"
        for name in ("ZoneInfo", "ZoneInfoNotFoundError", "available_timezones")
    },
    (3, 10): {
        f"importlib_metadata.{name}": f"importlib.metadata.{name}"
        for name in ("PackageNotFoundError", "distribution", "metadata", "requires", "version")
    },
    (3, 11): {"backports.strenum.StrEnum": "enum.StrEnum"},
    (3, 12): {
        **{f"importlib_resources.{name}": f"importlib.resources.{name}" for name in ("as_file", "files")},
        **{
            f"importlib_metadata.{name}": f"importlib.metadata.{name}"
            for name in ("EntryPoint", "EntryPoints", "entry_points", "packages_distributions")
        },
    },
}
"""The names by the Python from which the standard library's do the same."""
_MODULES = {"importlib_metadata": "metadata", "importlib_resources": "resources"}
"""What is imported as a whole, by its name in `importlib`."""


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with the names that all its Pythons have in the standard library."""
    floor = facts.floor or (0, 0)
    there = {old: new for since, pairs in _SINCE.items() if since <= floor for old, new in pairs.items()}
    leaving: dict[str, str] = {}
    for backport in dict.fromkeys(old.rpartition(".")[0] for old in there):
        table = {old: new for old, new in there.items() if old.rpartition(".")[0] == backport}
        result = _as_a_whole(module, backport, table)
        if _is_used(result, backport) and not _is_used(renamed.names_in(result, table), backport):
            leaving |= table
        module = result
    return renamed.names_in(module, leaving)


def _is_used(module: cst.Module, backport: str) -> bool:
    """Say whether a module still imports a backport, or something of it."""
    seen = nodes.of(module)
    every: list[leftovers.Import] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    named = [imports.named(node) for node in every]
    pairs = [
        full
        for node in every
        if not isinstance(node.names, cst.ImportStar)
        for _, full in scopes.imports(node)
    ]
    return any(f"{name}.".startswith(f"{backport}.") for name in (*named, *pairs))


def _as_a_whole(module: cst.Module, backport: str, table: Mapping[str, str]) -> cst.Module:
    """Return a module that imports a module of `importlib` under the name that it gave to the backport."""
    seen, known, name = nodes.of(module), names.of(module), _MODULES.get(backport, "")
    ours = moved.whole(module, backport) if name else {}
    local = next((local for local, full in ours.items() if full == backport != local), None)
    if local is None or not moved.may_go(module, local, stays=True):
        return module
    above = [seen.above[use] for use in known.uses(local)]
    if not all(isinstance(n, cst.Attribute) and known.qualified(n) in table for n in above):
        return module
    said = name if local == name else f"{name} as {local}"
    return moved.swapped(module, {local}, [f"from importlib import {said}"])
