"""Stands in for pyproject.toml: of the project what decides about its lock file, and nothing that runs."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import tomlkit
from packaging.utils import canonicalize_name

from codemods.manifests.compiled import Command
from workers.lockers import stand_ins
from workers.lockers.model import Task
from workers.sandbox import NoAnswerError

_PROJECT = ("name", "version", "requires-python")
_UV = frozenset(
    {
        "conflicts",
        "default-groups",
        "dependency-groups",
        "environments",
        "exclude-newer",
        "exclude-newer-package",
        "fork-strategy",
        "managed",
        "package",
        "prerelease",
        "required-environments",
        "required-version",
        "resolution",
    }
)
"""The settings that say what is locked; those that say how uv works here are the operator's."""
_LISTS = (
    "build-constraint-dependencies",
    "constraint-dependencies",
    "dev-dependencies",
    "exclude-dependencies",
    "override-dependencies",
)
UNKNOWN = "9999"
"""The version of a project that computes its own: above what those that depend on it ask for."""
COMPUTED = {"dependencies", "optional-dependencies", "requires-python"}


def named(task: Task, command: Command) -> Sequence[str]:
    """Return the sources of a command line, as paths in its folder; each is one of the task's files."""
    place = task.lock.folder
    sources = [posixpath.normpath(posixpath.join(place, source)) for source in command.sources]
    if any(source not in task.before for source in sources):
        raise NoAnswerError(f"the header of `{task.path}` names what is not among its files")
    return [posixpath.relpath(source, place or ".") for source in sources]


def source(path: str, data: bytes, known: Collection[str]) -> bytes:
    """Return what uv compiles from: a pyproject.toml, or else a requirements file."""
    if path.endswith("pyproject.toml"):
        return for_uv(path, data, known)
    return stand_ins.requirements(path, data, known)


def for_uv(
    path: str, data: bytes, known: Collection[str] = (), unnumbered: frozenset[str] = frozenset()
) -> bytes:
    """Return a pyproject.toml with what decides about the lock file, and a backend that does not exist.

    uv builds a project whose metadata are computed, also with ``--no-build``: that would run its code. Of a
    workspace and of other sources only what is among the files of ``known`` is left.
    """
    document: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    kept: dict[str, Any] = {"tool": {"uv": _uv(path, document, known)}}
    if "dependency-groups" in document:
        groups = document["dependency-groups"]
        kept["dependency-groups"] = {str(g): [member(e) for e in entries] for g, entries in groups.items()}
    if "build-system" in document:
        kept["build-system"] = {"requires": [], "build-backend": "none", "backend-path": ["."]}
    if "project" in document:
        kept["project"] = _project(path, document["project"], unnumbered)
    elif "build-system" in document:
        raise NoAnswerError(f"`{path}` has no `[project]`, so what it needs is known only when it is built")
    return tomlkit.dumps(kept).encode()


def member(entry: object) -> object:
    """Return an element of a group: a requirement, or another group."""
    return (
        {"include-group": str(entry["include-group"])}
        if isinstance(entry, dict)
        else stand_ins.required(entry)
    )


def _uv(path: str, document: Mapping[str, Any], known: Collection[str]) -> Mapping[str, Any]:
    settings = document.get("tool", {}).get("uv", {})
    kept = {key: value for key, value in settings.items() if key in _UV}
    kept |= {key: _listed(settings[key]) for key in _LISTS if key in settings}
    folder = posixpath.dirname(path)
    if "workspace" in settings:
        others = sorted(posixpath.dirname(p) for p in known if p != path and p.endswith("pyproject.toml"))
        inside = [posixpath.relpath(p, folder or ".") for p in others]
        kept["workspace"] = {"members": [p for p in inside if not p.startswith("..")]}
    if "sources" in settings:
        kept["sources"] = {
            stand_ins.name_of(canonicalize_name(n)): _source(n, s, folder, known)
            for n, s in settings["sources"].items()
        }
    return kept


def _source(name: str, source: object, folder: str, known: Collection[str]) -> Mapping[str, Any]:
    """Return where a distribution comes from, if that is a member or a folder among the known files."""
    if isinstance(source, dict) and source == {"workspace": True}:
        return source
    if isinstance(source, dict) and source.keys() <= {"path", "editable"}:
        place = posixpath.normpath(posixpath.join(folder, str(source.get("path", "")), "pyproject.toml"))
        if place in known:
            inside = posixpath.relpath(posixpath.dirname(place), folder or ".")
            return {**source, "path": inside}
    raise NoAnswerError(f"`{name}` does not come from the index, and nothing else is asked")


def _listed(values: Iterable[object]) -> list[str]:
    return [stand_ins.required(value) for value in values]


def _project(path: str, project: Mapping[str, Any], unnumbered: frozenset[str]) -> Mapping[str, Any]:
    if computed := sorted(COMPUTED.intersection(project.get("dynamic", ()))):
        raise NoAnswerError(f"the {computed[0]} of `{path}` are known only when it is built")
    kept: dict[str, Any] = {key: str(project[key]) for key in _PROJECT if key in project}
    kept |= {"dependencies": _listed(project["dependencies"])} if "dependencies" in project else {}
    if "optional-dependencies" in project:
        extras = project["optional-dependencies"]
        kept["optional-dependencies"] = {str(extra): _listed(needs) for extra, needs in extras.items()}
    name = canonicalize_name(str(project.get("name", "")))
    return kept if "version" in kept and name not in unnumbered else {**kept, "version": UNKNOWN}
