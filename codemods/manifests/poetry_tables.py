"""Reads poetry's tables of a pyproject.toml: a name, and its versions in poetry's own notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import pep508, poetry, toml_requirements, toml_strings
from codemods.manifests.model import Requirement, Role

SECTION = "tool.poetry"
"""The one section of all groups: poetry installs none of them unless all resolve together."""

Table = Mapping[str, object]

_TABLES = ("dependencies", "dev-dependencies", "requires-plugins")
_ELSEWHERE = frozenset({"git", "path", "file", "url", "source"})


def requirement(
    path: str, text: str, literal: toml_strings.Literal, document: Table, main: Role
) -> Requirement | None:
    """Return the requirement that a string of poetry's tables is the version of, None for any other string.

    ``main`` is the role of what stands in no group.
    """
    section = SECTION
    match literal.path:
        case ("tool", "poetry", "dependencies", str(name), *rest):
            role = main
        case ("tool", "poetry", "dev-dependencies", str(name), *rest):
            role = Role.DEVELOPMENT
        case ("tool", "poetry", "group", str(), "dependencies", str(name), *rest):
            role = Role.DEVELOPMENT
        case ("tool", "poetry", "requires-plugins", str(name), *rest):
            section, role = f"{SECTION}.requires-plugins", Role.BUILD
        case _:
            return None
    options = _options(_entry(document, literal.path, len(rest)), rest)
    clauses = poetry.clauses(literal.raw, literal.start)
    marker = None if options is None else _marker(options)
    if name.lower() == "python" or options is None or clauses is None or marker is None:
        return None
    asked = options.get("extras")
    extras = tuple(sorted(canonicalize_name(str(e)) for e in asked)) if isinstance(asked, list) else ()
    located = pep508.Located(canonicalize_name(name), clauses, marker, direct=False, extras=extras)
    return toml_requirements.written(path, text, literal, section, role, located)


def _entry(document: Table, path: toml_strings.Path, below: int) -> object:
    """Return what stands behind a name, so many keys above a string."""
    value: object = document
    for key in path[: len(path) - below]:
        value = value.get(str(key)) if isinstance(value, Mapping) else None
    return value


def _options(entry: object, rest: Sequence[str | int]) -> Table | None:
    """Return what an entry says beside its version; None when the string is not its version."""
    match rest:
        case []:
            return {}
        case [int(index), "version"] if isinstance(entry, list):
            entry = entry[index]
        case ["version"]:
            pass
        case _:
            return None
    return entry if isinstance(entry, Mapping) else None


def _marker(options: Table) -> str | None:
    """Return the environment marker of an entry's keys, ``""`` without any, None when one cannot be read."""
    parts = [poetry.marker(str(options["python"]))] if "python" in options else []
    parts += [f'sys_platform == "{options["platform"]}"'] if "platform" in options else []
    parts += [str(options["markers"])] if "markers" in options else []
    if None in parts:
        return None
    return pep508.marker(" and ".join(f"({part})" for part in parts if part))


def elsewhere(document: Table) -> Iterator[str]:
    """Return the normalised names that come from a repository, a path or an index of their own."""
    groups = _at(document, "tool", "poetry", "group")
    tables = [_at(document, "tool", "poetry", key) for key in _TABLES]
    for table in [*tables, *(_at(groups, group, "dependencies") for group in groups)]:
        yield from (canonicalize_name(name) for name, entry in table.items() if _is_elsewhere(entry))


def _is_elsewhere(entry: object) -> bool:
    if isinstance(entry, list):
        return any(map(_is_elsewhere, entry))
    named = _ELSEWHERE.intersection(entry) if isinstance(entry, Mapping) else frozenset()
    is_public = isinstance(entry, Mapping) and str(entry.get("source", "")).lower() == "pypi"
    return bool(named - {"source"} if is_public else named)


def _at(table: object, *keys: str) -> Table:
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}
