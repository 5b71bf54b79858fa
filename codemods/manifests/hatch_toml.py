"""hatch.toml: what hatch keeps outside pyproject.toml, its environments and build hooks."""

from __future__ import annotations

from collections.abc import Sequence

from codemods.manifests import pyproject_lists, toml_document, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, clause_splices
from codemods.model import Problem, Splice

FILES = ("hatch.toml",)

_BOM = b"\xef\xbb\xbf"
_HATCH = ("tool", "hatch")


def read(path: str, data: bytes) -> Manifest:
    """Return what a hatch.toml declares; one that is not valid TOML is a problem."""
    try:
        document = toml_document.parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    text = data.decode("latin-1")
    found = [
        toml_requirements.declared(path, text, literal, *place)
        for literal in toml_strings.find(text, len(_BOM) if data.startswith(_BOM) else 0)
        if (place := pyproject_lists.place((*_HATCH, *literal.path))) and not literal.escaped
    ]
    requirements = tuple(r for piece in found for r in piece.requirements)
    return Manifest(
        path,
        requirements,
        private=frozenset(name for piece in found for name in piece.private),
        extends=tuple(pyproject_lists.extends({"tool": {"hatch": document}}, requirements)),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)
