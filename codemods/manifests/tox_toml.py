"""tox.toml: what the environments of tox install."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from codemods.manifests import pyproject, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("tox.toml",)

_BOM = b"\xef\xbb\xbf"
_OPTION = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*([^\s{}]+)$")


def read(path: str, data: bytes) -> Manifest:
    """Return what a tox.toml declares; one that is not valid TOML is a problem."""
    try:
        pyproject.parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    text = data.decode("latin-1")
    requirements, private = [], set()
    named: dict[str, list[str]] = {"r": [], "c": []}
    for literal in toml_strings.find(text, len(_BOM) if data.startswith(_BOM) else 0):
        role = _role(literal.path)
        if role is None or literal.escaped:
            continue
        if option := _OPTION.match(literal.raw):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(path), option[2]))
            named[option[1].lstrip("-")[0]].append(file)
            continue
        section = ".".join(map(str, literal.path[:-1]))
        requirement, name = toml_requirements.listed(path, text, literal, section, role)
        requirements += [requirement] if requirement else []
        private |= {name} if name else set()
    includes, constraints = tuple(named["r"]), tuple(named["c"])
    return Manifest(path, tuple(requirements), includes, constraints, private=frozenset(private))


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def _role(path: toml_strings.Path) -> Role | None:
    """Return the role of an element of a list by where the list stands."""
    if not path or not isinstance(path[-1], int):
        return None
    match path[:-1]:
        case ("requires",):
            return Role.BUILD
        case ("env_run_base", "deps") | ("env" | "env_base", _, "deps"):
            return Role.DEVELOPMENT
    return None
