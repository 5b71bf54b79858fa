"""Stands in for the files of a repository: what a tool reads is written anew from what was understood.

No byte of a repository reaches a tool that could take it for an address, a variable to expand, a path or a
setting; and nothing that it reads can be built.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

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
_COMPUTED = {"dependencies", "optional-dependencies", "requires-python"}
_HASH = re.compile(r"\s--hash[= ]\w+:[0-9a-f]+")
_FILE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^-\s]))(\S+)")


def wheel(name: str, version: str, requires: Sequence[str], extras: Sequence[str] = ()) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel that is nothing but metadata."""
    stem = f"{_name(name).replace('-', '_')}-{_version(version)}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Provides-Extra: {_name(extra)}" for extra in extras),
        *(f"Requires-Dist: {required(line)}" for line in requires),
    ]
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        folder = f"{stem}.dist-info"
        archive.writestr(f"{folder}/METADATA", "\n".join([*metadata, ""]))
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{folder}/RECORD", "")
    return f"{stem}-py3-none-any.whl", made.getvalue()


def _name(text: str) -> str:
    if canonicalize_name(text) != text or not re.fullmatch(r"[a-z0-9-]{1,100}", text):
        raise NoAnswerError(f"{text[:50]!r} is no name of a distribution")
    return text


def _version(text: str) -> str:
    try:
        return str(Version(text)) and text
    except ValueError:  # which is also said of a number with thousands of digits
        raise NoAnswerError(f"{text[:50]!r} is no version") from None


def required(text: object) -> str:
    """Return a requirement written anew; one that names an address is refused."""
    try:
        requirement = Requirement(str(text))
    except InvalidRequirement:
        raise NoAnswerError(f"{str(text)[:50]!r} cannot be read as a requirement") from None
    if requirement.url:
        raise NoAnswerError(f"`{requirement.name}` comes from an address, and only the index is asked")
    return str(requirement)


def requirements(path: str, data: bytes, known: Collection[str]) -> bytes:
    """Return a requirements file written anew: its requirements, and the files of ``known`` that it names."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoAnswerError(f"`{path}` is not UTF-8") from None
    plain = text.replace("\r\n", "\n")
    if any(ord(c) < ord(" ") and c not in "\n\t" for c in plain):
        raise NoAnswerError(f"`{path}` holds control characters")
    lines: list[str] = []
    for line in re.sub(r"\\\n", " ", plain).split("\n"):
        content = _HASH.sub("", re.sub(r"(?:^|\s)#.*", "", line)).strip()
        if found := _FILE.fullmatch(content):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
            if target not in known:
                raise NoAnswerError(f"`{path}` names `{found[2][:50]}`, which is not among its files")
            option = "-c" if "c" in found[1] else "-r"
            lines.append(f"{option} {posixpath.relpath(target, posixpath.dirname(path) or '.')}")
        elif content.startswith("-"):
            raise NoAnswerError(
                f"`{path}` has the option `{content.split()[0][:30]}`, which is not known here"
            )
        elif content:
            lines.append(required(content))
    return "".join(f"{line}\n" for line in lines).encode()


def project(
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
        kept["dependency-groups"] = {str(g): [_member(e) for e in entries] for g, entries in groups.items()}
    if "build-system" in document:
        kept["build-system"] = {"requires": [], "build-backend": "none", "backend-path": ["."]}
    if "project" in document:
        kept["project"] = _project(path, document["project"], unnumbered)
    elif "build-system" in document:
        raise NoAnswerError(f"`{path}` has no `[project]`, so what it needs is known only when it is built")
    return tomlkit.dumps(kept).encode()


def _member(entry: object) -> object:
    """Return an element of a group: a requirement, or another group."""
    return {"include-group": str(entry["include-group"])} if isinstance(entry, dict) else required(entry)


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
            _name(canonicalize_name(n)): _source(n, s, folder, known) for n, s in settings["sources"].items()
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
    return [required(value) for value in values]


def _project(path: str, project: Mapping[str, Any], unnumbered: frozenset[str]) -> Mapping[str, Any]:
    if computed := sorted(_COMPUTED.intersection(project.get("dynamic", ()))):
        raise NoAnswerError(f"the {computed[0]} of `{path}` are known only when it is built")
    kept: dict[str, Any] = {key: str(project[key]) for key in _PROJECT if key in project}
    kept |= {"dependencies": _listed(project["dependencies"])} if "dependencies" in project else {}
    if "optional-dependencies" in project:
        extras = project["optional-dependencies"]
        kept["optional-dependencies"] = {str(extra): _listed(needs) for extra, needs in extras.items()}
    name = canonicalize_name(str(project.get("name", "")))
    return kept if "version" in kept and name not in unnumbered else {**kept, "version": UNKNOWN}
