"""Stands in for what would have to be built to be read: projects and distributions without a wheel."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import tomlkit

from workers.sandbox import NoAnswerError

_PROJECT = ("name", "version", "requires-python", "dependencies", "optional-dependencies")
_UV = frozenset(
    {
        "conflicts",
        "constraint-dependencies",
        "build-constraint-dependencies",
        "default-groups",
        "dependency-groups",
        "dependency-metadata",
        "dev-dependencies",
        "environments",
        "exclude-dependencies",
        "exclude-newer",
        "exclude-newer-package",
        "extra-index-url",
        "fork-strategy",
        "index",
        "index-strategy",
        "index-url",
        "managed",
        "override-dependencies",
        "package",
        "prerelease",
        "required-environments",
        "required-version",
        "resolution",
        "sources",
        "workspace",
    }
)
"""The settings that say what is locked; those that say how uv works here are the operator's."""
UNKNOWN = "9999"
"""The version of a project that computes its own: above what those that depend on it ask for."""
_COMPUTED = {"dependencies", "optional-dependencies", "requires-python"}


def wheel(name: str, version: str, requires: Sequence[str], extras: Sequence[str] = ()) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel that is nothing but metadata."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Provides-Extra: {extra}" for extra in extras),
        *(f"Requires-Dist: {line}" for line in requires),
    ]
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        folder = f"{stem}.dist-info"
        archive.writestr(f"{folder}/METADATA", "\n".join([*metadata, ""]))
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{folder}/RECORD", "")
    return f"{stem}-py3-none-any.whl", made.getvalue()


def project(path: str, data: bytes, unnumbered: frozenset[str] = frozenset()) -> bytes:
    """Return a pyproject.toml with what decides about the lock file, and a backend that does not exist.

    uv builds a project whose metadata are computed, also with ``--no-build``: that would run its code.
    """
    document: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    kept: dict[str, Any] = {"tool": {"uv": _uv(document)}}
    if "dependency-groups" in document:
        kept["dependency-groups"] = document["dependency-groups"]
    if "build-system" in document:
        kept["build-system"] = {"requires": [], "build-backend": "none", "backend-path": ["."]}
    if "project" in document:
        kept["project"] = _project(path, document["project"], unnumbered)
    elif "build-system" in document:
        raise NoAnswerError(f"`{path}` has no `[project]`, so what it needs is known only when it is built")
    return tomlkit.dumps(kept).encode()


def _uv(document: Mapping[str, Any]) -> Mapping[str, Any]:
    settings = document.get("tool", {}).get("uv", {})
    return {key: value for key, value in settings.items() if key in _UV}


def _project(path: str, project: Mapping[str, Any], unnumbered: frozenset[str]) -> Mapping[str, Any]:
    if computed := sorted(_COMPUTED.intersection(project.get("dynamic", ()))):
        raise NoAnswerError(f"the {computed[0]} of `{path}` are known only when it is built")
    kept = {key: project[key] for key in _PROJECT if key in project}
    name = re.sub(r"[-_.]+", "-", str(project.get("name", ""))).lower()
    return kept if "version" in kept and name not in unnumbered else {**kept, "version": UNKNOWN}
