"""Dockerfiles: the images that their stages start from and copy from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codemods import places, splices
from codemods.manifests import beside, images
from codemods.manifests.model import Change, Manifest, Reference, Requirement, clause_splices
from codemods.model import Splice

FILES = (
    *("Dockerfile", "Dockerfile.*", "Dockerfile-*", "*.Dockerfile", "*.dockerfile"),
    *("Containerfile", "Containerfile.*"),
)
NEEDLES = (b"FROM", b"from", b"From")

_FROM = re.compile(
    r"[ \t]*(?:FROM[ \t]+(?:--platform=\S+[ \t]+)?|COPY[ \t]+(?:--[a-z]+(?:=\S+)?[ \t]+)*?--from=)"
    r"(?P<image>[^\s\\]+)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"<<-?[ \t]*([\"']?)(\w+)\1")
_BACKTICK = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE)
_GENERATED = "its first lines say that a program writes it"


def read(path: str, data: bytes) -> Manifest:
    """Return the images of a Dockerfile; one in which a backtick escapes is another language."""
    text = data.decode("latin-1")
    if "\0" in text or _BACKTICK.search(text[:1024]):
        return Manifest(path)
    found: list[Reference] = []
    for start, line in _instructions(text):
        named = _FROM.match(line)
        reference = named and images.reference(
            named["image"], path, splices.line_of(data, start), start + named.start("image")
        )
        if reference:
            found.append(replace(reference, hold=beside.held(data, start, "")))
    sealed = _GENERATED if places.is_generated(path, data) else ""
    return Manifest(path, references=tuple(found), sealed=sealed)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices of a requirement; a Dockerfile has none that is read."""
    return clause_splices(requirement, change)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line of each instruction, and where it starts; documents within are left out."""
    start, goes_on, ends = 0, False, ""
    for line in text.split("\n"):
        here, start = start, start + len(line) + 1
        plain = line.strip(" \t\r")
        if ends:
            ends = "" if plain == ends else ends
            continue
        if plain.startswith("#") or (goes_on and not plain):
            continue
        if not goes_on:
            bom = 3 if here == 0 and line.startswith("\xef\xbb\xbf") else 0
            yield here + bom, line[bom:]
        goes_on = plain.endswith("\\")
        document = _DOCUMENT.search(line)
        ends = document[2] if document else ""
