"""Tells which lists of a pyproject.toml hold requirements, and what is installed together with each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from packaging.utils import canonicalize_name

from codemods.manifests import classifiers, shell, toml_strings
from codemods.manifests.model import Requirement, Role
from codemods.manifests.toml_document import Table, at, listed

_PROJECT = "project.dependencies"
_FLIT = "tool.flit.metadata.requires"
_BUILD = "build-system.requires"
_HATCH = "tool.hatch.envs."
_WHEELS = "tool.cibuildwheel"
_OF_WHEELS = (
    ("test-requires", Role.DEVELOPMENT),
    ("before-test", Role.DEVELOPMENT),
    ("before-build", Role.BUILD),
    ("before-all", Role.BUILD),
)
_OWN = (_PROJECT, _FLIT)
_PLACES: tuple[tuple[str, Role], ...] = (
    (_PROJECT, Role.LIBRARY),
    ("project.optional-dependencies.*", Role.LIBRARY),
    ("dependency-groups.*", Role.DEVELOPMENT),
    (_BUILD, Role.BUILD),
    ("tool.uv.dev-dependencies", Role.DEVELOPMENT),
    ("tool.uv.constraint-dependencies", Role.CONSTRAINT),
    ("tool.uv.override-dependencies", Role.CONSTRAINT),
    ("tool.uv.build-constraint-dependencies", Role.BUILD),
    ("tool.uv.extra-build-dependencies.*", Role.BUILD),
    ("tool.rye.dev-dependencies", Role.DEVELOPMENT),
    ("tool.pdm.dev-dependencies.*", Role.DEVELOPMENT),
    ("tool.hatch.env.requires", Role.BUILD),
    ("tool.hatch.envs.*.dependencies", Role.DEVELOPMENT),
    ("tool.hatch.envs.*.extra-dependencies", Role.DEVELOPMENT),
    ("tool.hatch.build.dependencies", Role.BUILD),
    ("tool.hatch.build.hooks.*.dependencies", Role.BUILD),
    ("tool.hatch.build.targets.*.dependencies", Role.BUILD),
    ("tool.hatch.build.targets.*.hooks.*.dependencies", Role.BUILD),
    (_FLIT, Role.LIBRARY),
    ("tool.flit.metadata.requires-extra.*", Role.LIBRARY),
    ("tool.flit.metadata.dev-requires", Role.DEVELOPMENT),
    ("tool.tox.requires", Role.BUILD),
    ("tool.tox.env_run_base.deps", Role.DEVELOPMENT),
    ("tool.tox.env_base.*.deps", Role.DEVELOPMENT),
    ("tool.tox.env.*.deps", Role.DEVELOPMENT),
    *((f"{_WHEELS}{where}.{key}", role) for where in ("", ".*", ".overrides.*") for key, role in _OF_WHEELS),
)
_COMPARED = re.compile(r"[=<>~!]=|[<>]")
_SPLIT = tuple((tuple(place.split(".")), role) for place, role in _PLACES)


def place(path: toml_strings.Path) -> tuple[str, Role] | None:
    """Return the section and role of a string that is a requirement, holds some, or installs some."""
    is_listed = path and isinstance(path[-1], int)
    if not is_listed and not _is_of_wheels(path):
        return None
    folders = path[:-1] if is_listed else path
    for keys, role in _SPLIT:
        if len(keys) == len(folders) and all(k in ("*", f) for k, f in zip(keys, folders, strict=True)):
            return ".".join(map(str, folders)), role
    return None


def _is_of_wheels(path: toml_strings.Path) -> bool:
    """Say whether a string stands in the tables of cibuildwheel, where one text can be a whole list."""
    return ".".join(map(str, path[:2])) == _WHEELS


def words(literal: toml_strings.Literal) -> Iterator[toml_strings.Literal]:
    """Return the requirements in a string: itself as an element of a list, else words of it."""
    if _is_of_wheels(literal.path) and any(str(key).startswith("before-") for key in literal.path[-2:]):
        installed = (word for word in shell.installed(literal.raw) if _COMPARED.search(word.text))
        yield from (replace(literal, start=literal.start + w.start, raw=w.text) for w in installed)
    elif isinstance(literal.path[-1], int):
        yield literal
    else:
        found = re.finditer(r"\S+", literal.raw)
        yield from (replace(literal, start=literal.start + w.start(), raw=w[0]) for w in found)


def is_library(document: Table) -> bool:
    """Say whether others may install a project beside what they have, so that its ranges are widened only."""
    tables = [
        at(document, *keys) for keys in (("project",), ("tool", "poetry"), ("tool", "flit", "metadata"))
    ]
    return (
        "build-system" in document
        and not any(classifiers.are_private(listed(table.get("classifiers"))) for table in tables)
        and at(document, "tool", "uv").get("package") is not False
        and at(document, "tool", "poetry").get("package-mode") is not False
    )


def extends(document: Table, requirements: Iterable[Requirement]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return for each section those that are installed with it."""
    roles = {r.section: r.role for r in requirements}
    for section in sorted(roles):
        if roles[section] is not Role.BUILD:
            found: Iterable[str] = (*_OWN, *_beside(document, section))
        else:
            found = (_BUILD,) if section.startswith("tool.hatch.build.") else ()
        if others := tuple(other for other in found if other != section):
            yield section, others


def _beside(document: Table, section: str) -> Iterator[str]:
    """Return the sections, beside the project's own, that a group or an environment takes in."""
    kind, _, name = section.partition(".")
    if kind == "dependency-groups":
        yield from (f"{kind}.{group}" for group in _included(at(document, kind), name))
    elif section.startswith(_HATCH):
        yield from _inherited(
            at(document, "tool", "hatch", "envs"), section[len(_HATCH) :].rpartition(".")[0]
        )


def _included(groups: Table, name: str) -> Sequence[str]:
    """Return the groups that a group includes, at any depth (PEP 735)."""
    named = {canonicalize_name(key): key for key in groups}
    found: list[str] = []
    waiting = [name]
    while waiting:
        for item in listed(groups.get(waiting.pop())):
            included = item.get("include-group") if isinstance(item, Mapping) else None
            key = named.get(canonicalize_name(str(included)), "") if included else ""
            if key and key != name and key not in found:
                found.append(key)
                waiting.append(key)
    return found


def _inherited(environments: Table, name: str) -> Iterator[str]:
    """Return the lists of hatch that an environment has: its own, else those of the one it is made from."""
    lineage = [name]
    while True:
        template = str(at(environments, lineage[-1]).get("template", "default"))
        if template in lineage or at(environments, lineage[-1]).get("detached") is True:
            break
        lineage.append(template)
    for key in ("dependencies", "extra-dependencies"):
        having = (parent for parent in lineage if key in at(environments, parent))
        yield from (f"{_HATCH}{parent}.{key}" for parent in islice(having, 1))
    having = (parent for parent in lineage if "features" in at(environments, parent))
    for parent in islice(having, 1):
        yield from (
            f"project.optional-dependencies.{f}" for f in listed(at(environments, parent)["features"])
        )
