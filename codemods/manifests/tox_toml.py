"""tox.toml: what the environments of tox install."""

from __future__ import annotations

from collections.abc import Sequence

from codemods.manifests import toml_document, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("tox.toml",)

_BOM = b"\xef\xbb\xbf"


def read(path: str, data: bytes) -> Manifest:
    """Return what a tox.toml declares; one that is not valid TOML is a problem."""
    try:
        toml_document.parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    text = data.decode("latin-1")
    found = [
        toml_requirements.declared(path, text, literal, ".".join(map(str, literal.path[:-1])), role)
        for literal in toml_strings.find(text, len(_BOM) if data.startswith(_BOM) else 0)
        if (role := _role(literal.path)) and not literal.escaped
    ]
    return Manifest(
        path,
        tuple(r for piece in found for r in piece.requirements),
        tuple(i for piece in found for i in piece.includes),
        tuple(c for piece in found for c in piece.constraints),
        private=frozenset(name for piece in found for name in piece.private),
    )


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
