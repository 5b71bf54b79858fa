"""Reads how a project uses ruff: in which versions, with which settings, and beside whom."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import tomlkit
from packaging.version import Version

from codemods import inventory, pinned, versions
from codemods.manifests import toml_document
from codemods.model import Tree

SETTINGS = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_LOWEST = Version("0.1")
"""Releases before that have other options."""
_MOST_VERSIONS, _MOST_SETTINGS, _LARGEST = 2, 200, 256 * 1024
_DROPPED = frozenset(("cache-dir", "fix", "fix-only", "output-format", "show-fixes", "src", "unsafe-fixes"))
"""Settings that say how ruff works and not what it finds, and where it would look for modules."""
_WIDE = ("ALL", "RUF", "RUF1", "RUF10", "RUF100")
_OTHERS = (
    r"autoflake|autopep8|darglint|eradicate|flake8|flakeheaven|flakehell|hacking|prospector|pycln|pycodestyle"
    r"|pydoclint|pydocstyle|pylama|refurb|tryceratops|unimport|vulture|wemake[_-]python[_-]styleguide|yesqa"
)
_READS_TOO = re.compile(rf"(?<!\w)(?:{_OTHERS})(?!\w)")
_OWN_RULES = re.compile(
    r"(?<![\w.-])ruff(?![\w-])[^#]{0,200}?--(?:(?:extend-)?(?:select|ignore|exclude|per-file-ignores)|config|isolated"
    r"|preview|no-preview|line-length|target-version|ignore-noqa)\b"
)
_CONFIGURES = re.compile(
    r"(?:^|/)(?:[^/]+\.(?:cfg|ini|toml|ya?ml|sh|bash|mk|bat|ps1)|\.flake8|(?:GNU)?[Mm]akefile|[Jj]ustfile"
    r"|package\.json|noxfile\.py|tasks\.py|dodo\.py|duties\.py)$|^\.vscode/settings\.json$"
)


@dataclass(frozen=True, slots=True)
class Use:
    """The ``versions`` of ruff that a project has, and its ``settings``: what decides in each file of them.

    ``roofs`` are the folders (``""``: the root) with settings of ruff, for the files below, and False where
    those cannot be read.
    """

    versions: tuple[str, ...]
    settings: Mapping[str, bytes]
    roofs: Mapping[str, bool]

    def covers(self, path: str) -> bool:
        """Say whether ruff has settings for a file."""
        return next((self.roofs[folder] for folder in above(path) if folder in self.roofs), False)


def above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the root (``""``) at last."""
    while path:
        path = posixpath.dirname(path)
        yield path


def read(tree: Tree) -> Use | None:
    """Return how a project uses ruff; None where it does not, or where others may find something else."""
    found = {path: tree.read(path) for path in tree.paths() if posixpath.basename(path) in SETTINGS}
    if not any(b"ruff" in data or not path.endswith("pyproject.toml") for path, data in found.items()):
        return None
    tables = {path: table for path, data in found.items() if (table := _parsed(data)) is not None}
    try:
        settings = {path: _settings(path, table, tables.keys()) for path, table in tables.items()}
        is_shared = _is_shared(tree, tables)
    except (ValueError, RecursionError):
        return None
    roofs = {posixpath.dirname(path): True for path, table in tables.items() if _ruff(path, table)}
    roofs |= {posixpath.dirname(path): False for path in found.keys() - tables.keys()}
    used = _versions(tree)
    if is_shared or len(found) > _MOST_SETTINGS or not 0 < len(used) <= _MOST_VERSIONS or used[0] < _LOWEST:
        return None
    return Use(tuple(map(str, used)), settings, roofs)


def _parsed(data: bytes) -> toml_document.Table | None:
    try:
        return toml_document.parse(data)
    except ValueError:
        return None


def _ruff(path: str, table: toml_document.Table) -> toml_document.Table:
    return toml_document.at(table, "tool", "ruff") if path.endswith("pyproject.toml") else table


def _settings(path: str, table: toml_document.Table, known: Collection[str]) -> bytes:
    """Return a file with nothing but what decides what ruff finds; ValueError where that is not here."""
    own = {key: value for key, value in _ruff(path, table).items() if key not in _DROPPED}
    if "extend" in own:
        base = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(own["extend"])))
        if base not in known:
            raise ValueError(f"{base} is not among the settings")
    for section in (own, toml_document.at(own, "lint")):
        ignored = (*_listed(section, "ignore"), *_listed(section, "extend-ignore"))
        if any(code in _WIDE for code in ignored):
            raise ValueError("it is not to say what is idle")
    if not path.endswith("pyproject.toml"):
        return tomlkit.dumps(own).encode()
    lowest = toml_document.at(table, "project").get("requires-python")
    project = {"project": {"name": "it", "version": "0", "requires-python": lowest}} if lowest else {}
    return tomlkit.dumps({**project, **({"tool": {"ruff": own}} if own else {})}).encode()


def _listed(table: toml_document.Table, key: str) -> list[object]:
    return toml_document.listed(table.get(key))


def _versions(tree: Tree) -> list[Version]:
    """Return the versions of ruff that a project locks, pins or has as a hook, the lowest first."""
    found: set[Version] = set()
    for manifest in inventory.read(tree).manifests:
        found.update(version for name, version in pinned.exact(manifest) if name == "ruff")
        hooks = (r for r in manifest.references if pinned.tool(r.address) == "ruff")
        read = (versions.parsed((r.said or r.version).removeprefix("v")) for r in hooks)
        found.update(version for version in read if version)
    return sorted(found)


def _is_shared(tree: Tree, tables: Mapping[str, toml_document.Table]) -> bool:
    """Say whether another tool reads such comments too, or a command gives ruff rules of its own."""
    manifests = inventory.read(tree).manifests
    named = (r.name for m in manifests for r in m.requirements)
    locked = (entry.name for m in manifests if m.lock for entry in m.lock.locked)
    if any(map(_READS_TOO.match, (*named, *locked))):
        return True
    paths = (path for path in tree.paths() if _CONFIGURES.search(path) and not inventory.is_sample(path))
    texts = (_said(tree, path, tables.get(path)) for path in paths)
    return any(_READS_TOO.search(text) or _OWN_RULES.search(text) for text in texts)


def _said(tree: Tree, path: str, table: toml_document.Table | None) -> str:
    """Return what a file says of tools; settings of ruff name rules after those that had them first."""
    if table is None:
        return tree.read(path)[:_LARGEST].decode("utf-8", "replace")
    tools = toml_document.at(table, "tool") if path.endswith("pyproject.toml") else {}
    return json.dumps({name: settings for name, settings in tools.items() if name != "ruff"}, default=str)
