"""Dockerfiles: the images that their stages start from and copy from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from codemods import instructions, places
from codemods.instructions import Instruction, Word
from codemods.manifests import beside, images
from codemods.manifests.model import Change, Manifest, Reference, Requirement, clause_splices
from codemods.model import Splice

FILES = (
    *("Dockerfile", "Dockerfile.*", "Dockerfile-*", "*.Dockerfile", "*.dockerfile"),
    *("Containerfile", "Containerfile.*"),
)
NEEDLES = (b"FROM", b"from", b"From")

_GENERATED = "its first lines say that a program writes it"


def read(path: str, data: bytes) -> Manifest:
    """Return the images of a Dockerfile; one in which a backtick escapes is another language."""
    found: list[Reference] = []
    line, counted = 1, 0
    for instruction in instructions.read(data):
        line += data.count(b"\n", counted, instruction.start)
        counted = instruction.start
        named = _image(instruction)
        if named and (reference := images.reference(named.text, path, line, named.start)):
            found.append(replace(reference, hold=beside.held(data, counted, "")))
    sealed = _GENERATED if places.is_generated(path, data) else ""
    return Manifest(path, references=tuple(found), sealed=sealed)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices of a requirement; a Dockerfile has none that is read."""
    return clause_splices(requirement, change)


def _image(instruction: Instruction) -> Word | None:
    """Return what an instruction starts from or copies from, with its place."""
    if instruction.name == "FROM":
        return next(iter(instruction.words), None)
    return instruction.flag("from") if instruction.name == "COPY" else None
