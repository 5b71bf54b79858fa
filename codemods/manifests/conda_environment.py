"""environment.yml of conda: the lines of its pip section; what conda itself installs is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from codemods import document
from codemods.manifests import pep508, requirements
from codemods.manifests.model import Change, Manifest, Requirement, clause_splices
from codemods.model import Problem, Splice

FILES = (
    "environment.yml",
    "environment.yaml",
    "environment-*.yml",
    "environment-*.yaml",
    "environment_*.yml",
    "environment_*.yaml",
    "conda/*environment*.yml",
    "conda/*environment*.yaml",
)
NEEDLES = (b"pip:",)

_BOM = b"\xef\xbb\xbf"
_OTHER = re.compile(rb"[^\r\n]")
_COMMENT = re.compile(rb"^[ \t]*#[^\r\n]*", re.MULTILINE)
_BEFORE = re.compile(rb"[ ]*(?:- +)+[\"']?")
_BEHIND = re.compile(rb"[\"']?((?:[ \t]+#[^\r\n]*)?[ \t]*)(?=[\r\n]|\Z)")
_PYTHON = re.compile(r"(?:[\w./-]+::)?python(?![\w-])\s*(.*)")
_SERIES = re.compile(r"={0,2}\s*(\d+(?:\.\d+)*)(?:\.\*)?(?:[ =].*)?")


def read(path: str, data: bytes) -> Manifest:
    """Return what the pip section of an environment declares; a file that cannot be read is a problem."""
    try:
        found = document.read(data)
    except document.Invalid as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    items = found.root.get("dependencies")
    lines = items.items if items else ()
    manifest = requirements.read(path, _alone(found, lines))
    try:
        pythons = _pythons(line.text for line in lines if line.kind == "scalar")
    except InvalidSpecifier:
        return replace(manifest, sealed=f"`{path}` asks for a Python in words that are not understood")
    return replace(manifest, requirements=tuple(_marked(r, pythons) for r in manifest.requirements))


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a line of the pip section."""
    return clause_splices(requirement, change)


def _alone(found: document.Document, lines: Sequence[document.Node]) -> bytes:
    """Return a file with blanks for all but comments and the pip section: that is a requirements file."""
    data = found.data
    alone = bytearray(_OTHER.sub(b" ", data))
    for start, end in (*_spans(found, lines), *(m.span() for m in _COMMENT.finditer(data))):
        alone[start:end] = data[start:end]
    if data.startswith(_BOM):
        alone[: len(_BOM)] = _BOM
    return bytes(alone)


def _spans(found: document.Document, lines: Sequence[document.Node]) -> Iterator[tuple[int, int]]:
    """Return where each line of the pip section stands, and what is behind its quotes."""
    for node in (n for line in lines if (pip := line.get("pip")) for n in pip.items):
        start = found.written(node)
        if start is None:
            continue
        end = start + len(node.text.encode())
        behind = _BEHIND.match(found.data, end)
        # Several on one line are no lines of a requirements file, and an anchor is used elsewhere too.
        if behind and _BEFORE.fullmatch(found.data[document.line_start(found.data, start) : start]):
            yield start, end
            yield behind.span(1)


def _pythons(lines: Iterable[str]) -> str:
    """Return the marker of the Pythons that conda installs, ``""`` for any.

    InvalidSpecifier for Pythons that are not understood.
    """
    said = " and ".join(f"({one})" for one in dict.fromkeys(map(_marker, lines)) if one)
    if not pep508.is_short(said):
        raise InvalidSpecifier(said)
    return said


def _marker(line: str) -> str:
    """Return the marker of a line about Python, ``""`` for a line about anything else."""
    found = _PYTHON.fullmatch(line.strip())
    if not found or not found[1]:
        return ""
    series = _SERIES.fullmatch(found[1])
    wanted = SpecifierSet(f"=={series[1]}.*" if series else found[1])
    return " and ".join(sorted(f'python_full_version {one.operator} "{one.version}"' for one in wanted))


def _marked(requirement: Requirement, pythons: str) -> Requirement:
    said = " and ".join(f"({one})" for one in (requirement.marker, pythons) if one)
    return replace(requirement, marker=str(Marker(said)) if said else "")
