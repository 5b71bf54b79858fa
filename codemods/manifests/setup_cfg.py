"""setup.cfg: what setuptools installs and its extras, one requirement a line."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from codemods.manifests import classifiers, comments, pep508
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("setup.cfg",)

_BOM = b"\xef\xbb\xbf"
_SECTION = re.compile(r"\[([^\]]+)\]")
_KEY = re.compile(r"([\w.-]+)[ \t]*[=:][ \t]*")
_COMMENT = re.compile(r"(?:^|\s)(#.*)$")
_MAIN = ("options", "install_requires")
_ROLES = {"tests_require": Role.DEVELOPMENT, "setup_requires": Role.BUILD}


@dataclass(frozen=True, slots=True)
class Value:
    """One line of a value: its section and key, the byte it starts at, its line's number and comments."""

    section: str
    key: str
    start: int
    number: int
    text: str
    comment: str
    above: str


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is written: its section, the byte it starts at, and its line's number."""

    section: str
    name: str
    start: int
    number: int


def read(path: str, data: bytes) -> Manifest:
    """Return what a setup.cfg declares."""
    if b"\0" in data:
        return Manifest(path, problems=(Problem(path, 1, "skipped: it holds NUL bytes"),))
    requirements, private, includes, own = [], set(), [], ""
    lines = list(values(data))
    said = (v.text for v in lines if (v.section, v.key) == ("metadata", "classifiers"))
    main = Role.INSTALL if classifiers.are_private(said) else Role.LIBRARY
    for value in lines:
        if (value.section, value.key) == ("metadata", "name"):
            own = canonicalize_name(value.text.strip())
        role = _role(value, main)
        if role is None:
            continue
        if value.text.strip().startswith("file:"):
            files = value.text.strip().removeprefix("file:").split(",")
            includes += [posixpath.join(posixpath.dirname(path), file.strip()) for file in files]
        elif located := pep508.locate(value.text, value.start):
            if located.direct:
                private.add(located.name)
            else:
                requirements.append(_requirement(path, value, located, role))
    extras = dict.fromkeys(r.section for r in requirements if r.section.startswith("options.extras_require."))
    return Manifest(
        path,
        tuple(requirements),
        tuple(includes),
        private=frozenset(private),
        own=own,
        extends=tuple((extra, ("options.install_requires",)) for extra in extras),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement."""
    return clause_splices(requirement, change)


def values(data: bytes) -> Iterator[Value]:
    """Return each line of each value, without what is no value."""
    section = key = above = ""
    position = len(_BOM) if data.startswith(_BOM) else 0
    lines = data[position:].splitlines(keepends=True)  # text's own would also part at bytes of UTF-8 letters
    for number, raw in enumerate((line.decode("latin-1") for line in lines), start=1):
        line, start = raw.rstrip("\r\n"), position
        position += len(raw)
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            above = f"{above} {stripped[1:]}".strip() if stripped else ""
            continue
        if not line[0].isspace():
            header, named = _SECTION.match(line), _KEY.match(line)
            section, key = (header[1], "") if header else (section, named[1] if named else "")
            start, line = (start, "") if header or not named else (start + named.end(), line[named.end() :])
        comment = _COMMENT.search(line)
        content = line[: comment.start()] if comment else line
        if content.strip() and key:
            yield Value(section, key, start, number, content, comment[1] if comment else "", above)
        above = ""


def keys(data: bytes) -> Iterator[Key]:
    """Return each key of each section, in the order of the file."""
    section = ""
    start = len(_BOM) if data.startswith(_BOM) else 0
    for number, raw in enumerate(data[start:].splitlines(keepends=True), start=1):
        line = raw.decode("latin-1")
        if header := _SECTION.match(line):
            section = header[1]
        elif named := _KEY.match(line):
            yield Key(section, named[1], start, number)
        start += len(raw)


def _role(value: Value, main: Role) -> Role | None:
    if value.section == "options.extras_require" or (value.section, value.key) == _MAIN:
        return main
    return _ROLES.get(value.key) if value.section == "options" else None


def _requirement(path: str, value: Value, located: pep508.Located, role: Role) -> Requirement:
    capped = any(c.operator in {"<", "<="} for c in located.clauses)
    comment = comments.hold(value.comment, value.above, capped=capped)
    section = f"{value.section}.{value.key}"
    held = f"the comment `{comment}`" if comment else ""
    return Requirement(
        located.name,
        path,
        value.number,
        located.clauses,
        role,
        section,
        located.marker,
        held,
        extras=located.extras,
        named=located.named,
    )
