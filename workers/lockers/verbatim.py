"""Stands in for project files that lock files hold digests of: to the letter, less what runs or leads out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from typing import Any

import tomlkit

from workers.lockers import projects, stand_ins
from workers.sandbox import NoAnswerError

_POETRY = frozenset({"allow-prereleases", "extras", "markers", "optional", "platform", "python", "version"})
"""What an entry of poetry may say of a distribution that comes from the index."""

_PIPENV = frozenset(
    {
        "extras",
        "implementation_name",
        "markers",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_system",
        "python_full_version",
        "python_version",
        "sys_platform",
        "version",
    }
)
"""The same of a Pipfile."""
_PYPI = frozenset({"https://pypi.org/simple", "https://pypi.org/simple/"})
"""The addresses that pipenv takes for PyPI, and asks our index instead: one more slash, and it would not."""
_SOURCE = frozenset({"name", "url", "verify_ssl"})
_PYTHON = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}|\*")
"""A version: pipenv runs what is a path."""
_HARMLESS = re.compile(r"(?:[\w.,<>=!~'\"()*+\[\]]| (?!-)|(?<! )-)*", re.ASCII)
"""A text that pipenv expands no variable in, and finds no address, no path and no option in."""


def for_poetry(path: str, data: bytes) -> bytes:
    """Return a pyproject.toml with what poetry locks, to the letter."""
    document: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    settings: Mapping[str, Any] = document.get("tool", {}).get("poetry", {})
    if "source" in settings:
        raise NoAnswerError(f"`{path}` names indexes of its own, and they are not asked by poetry")
    about = {"name": "stand-in", "version": "0", "description": "", "authors": []}
    kept = {key: told(settings[key]) for key in ("dependencies", "dev-dependencies") if key in settings}
    if "group" in settings:
        kept["group"] = {str(name): _group(group) for name, group in settings["group"].items()}
    if "extras" in settings:
        kept["extras"] = {str(e): [str(name) for name in names] for e, names in settings["extras"].items()}
    project = document.get("project")
    made: dict[str, Any] = {"tool": {"poetry": kept if project else {**about, **kept}}}
    if project:
        made["project"] = _exact(path, project, dynamic=("dependencies", "optional-dependencies"))
    return tomlkit.dumps({**made, **_groups(document)}).encode()


def for_pdm(path: str, data: bytes) -> bytes:
    """Return a pyproject.toml with what pdm locks, to the letter."""
    document: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    settings: Mapping[str, Any] = document.get("tool", {}).get("pdm", {})
    if "source" in settings:
        raise NoAnswerError(f"`{path}` names indexes of its own, and they are not asked by pdm")
    kept: dict[str, Any] = {"distribution": False}
    if "dev-dependencies" in settings:
        groups = settings["dev-dependencies"]
        kept["dev-dependencies"] = {
            str(group): list(map(_verbatim, needs)) for group, needs in groups.items()
        }
    if "resolution" in settings:
        kept["resolution"] = _resolution(settings["resolution"])
    made = {"project": _exact(path, document.get("project", {}), dynamic=()), "tool": {"pdm": kept}}
    return tomlkit.dumps({**made, **_groups(document)}).encode()


def for_pipenv(path: str, data: bytes) -> bytes:
    """Return a Pipfile with what pipenv locks, to the letter."""
    document: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    sources = document.get("source", [])
    if any(source.get("url") not in _PYPI or not source.keys() <= _SOURCE for source in sources):
        raise NoAnswerError(f"`{path}` names indexes of its own, and they are not asked by pipenv")
    if not sources:
        raise NoAnswerError(f"`{path}` names no index, and pipenv would write ours into its lock file")
    kept: dict[str, Any] = {"source": [_flat(source) for source in sources]}
    if "requires" in document:
        kept["requires"] = _flat(document["requires"])
        if not all(_PYTHON.fullmatch(str(value)) for value in kept["requires"].values()):
            raise NoAnswerError(f"the Python that `{path}` requires is no version")
    for table in ("packages", "dev-packages"):
        if table in document:
            kept[table] = {str(name): _piped(str(name), entry) for name, entry in document[table].items()}
    if document.get("pipenv", {}).get("allow_prereleases") is True:
        kept["pipenv"] = {"allow_prereleases": True}
    return tomlkit.dumps(kept).encode()


def _piped(name: str, entry: object) -> object:
    values = entry.values() if isinstance(entry, dict) else (entry,)
    texts = [str(t) for v in values for t in (v if isinstance(v, list) else (v,))]
    if not all(map(_HARMLESS.fullmatch, [name, *texts])):
        raise NoAnswerError(f"what is said of `{name[:50]}` is not known here")
    if isinstance(entry, str):
        stand_ins.required(name + ("" if entry == "*" else entry))
        return entry
    if isinstance(entry, dict) and entry.keys() <= _PIPENV and "version" in entry:
        stand_ins.required(name + ("" if entry["version"] == "*" else str(entry["version"])))
        return _flat(entry)
    raise NoAnswerError(f"`{name[:50]}` does not come from the index, and nothing else is asked")


def _flat(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return {str(key): _plain(value) for key, value in table.items()}


def _exact(path: str, project: Mapping[str, Any], dynamic: Collection[str]) -> Mapping[str, Any]:
    """Return a project with its requirements to the letter; ``dynamic`` says what may stand elsewhere."""
    computed = [str(key) for key in project.get("dynamic", ()) if key in projects.COMPUTED]
    if beyond := [key for key in computed if key not in dynamic]:
        raise NoAnswerError(f"the {beyond[0]} of `{path}` are known only when it is built")
    kept: dict[str, Any] = {"name": "stand-in", "version": "0"}
    kept |= {"name": str(project["name"])} if "name" in project else {}
    kept |= {"requires-python": str(project["requires-python"])} if "requires-python" in project else {}
    kept |= {"dynamic": computed} if computed else {}
    if "dependencies" in project:
        kept["dependencies"] = list(map(_verbatim, project["dependencies"]))
    if "optional-dependencies" in project:
        extras = project["optional-dependencies"]
        kept["optional-dependencies"] = {str(e): list(map(_verbatim, needs)) for e, needs in extras.items()}
    return kept


def _groups(document: Mapping[str, Any]) -> Mapping[str, Any]:
    groups = document.get("dependency-groups", {})
    exact = {
        str(g): [projects.member(e) if isinstance(e, dict) else _verbatim(e) for e in entries]
        for g, entries in groups.items()
    }
    return {"dependency-groups": exact} if exact else {}


def _verbatim(text: object) -> str:
    """Return a requirement as it is written, if it can be read and names no address."""
    stand_ins.required(text)
    return str(text)


def told(dependencies: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a table of poetry's, if all that it names comes from the index."""
    return {str(name): _entry(str(name), value) for name, value in dependencies.items()}


def _entry(name: str, value: object) -> object:
    if isinstance(value, list):
        return [_entry(name, one) for one in value]
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() <= _POETRY:
        return _flat(value)
    raise NoAnswerError(f"`{name[:50]}` does not come from the index, and nothing else is asked")


def _plain(value: object) -> object:
    if isinstance(value, list):
        return list(map(str, value))
    return value if isinstance(value, bool) else str(value)


def _group(group: Mapping[str, Any]) -> Mapping[str, Any]:
    kept: dict[str, Any] = {"optional": bool(group["optional"])} if "optional" in group else {}
    if "include-groups" in group:
        kept["include-groups"] = [str(name) for name in group["include-groups"]]
    if "dependencies" in group:  # others have theirs in a table of PEP 735
        kept["dependencies"] = told(group["dependencies"])
    return kept


def _resolution(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    kept: dict[str, Any] = {k: bool(settings[k]) for k in ("allow-prereleases",) if k in settings}
    if "excludes" in settings:
        kept["excludes"] = [str(name) for name in settings["excludes"]]
    if "overrides" in settings:
        kept["overrides"] = {}
        for name, version in settings["overrides"].items():
            plain = str(version) if str(version)[:1] in "<>=!~" else f"=={version}"
            stand_ins.required(f"{name}{plain}")
            kept["overrides"][str(name)] = str(version)
    if unknown := sorted(settings.keys() - kept.keys()):
        raise NoAnswerError(f"the setting `{unknown[0]}` of pdm's resolution is not known here")
    return kept
