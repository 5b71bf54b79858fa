"""pyproject.toml: the lists and tables of requirements that packaging and its tools keep there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import (
    addresses,
    poetry_tables,
    pyproject_lists,
    toml_document,
    toml_requirements,
    toml_strings,
    tox_ini,
)
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.manifests.toml_document import Table, at, listed
from codemods.model import Problem, Splice

FILES = ("pyproject.toml",)

_BOM = b"\xef\xbb\xbf"
_LEGACY_TOX = ("tool", "tox", "legacy_tox_ini")


def read(path: str, data: bytes) -> Manifest:
    """Return what a pyproject.toml declares; one that is not valid TOML is a problem."""
    try:
        document = toml_document.parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, _line_of(str(error)), f"skipped: {error}"),))
    text = data.decode("latin-1")
    found = list(_found(path, text, document, len(_BOM) if data.startswith(_BOM) else 0))
    requirements = tuple(r for piece in found for r in piece.requirements)
    return Manifest(
        path,
        requirements,
        includes=(*_dynamic(path, document), *(i for piece in found for i in piece.includes)),
        constraints=tuple(c for piece in found for c in piece.constraints),
        indexes=tuple(indexes(document)),
        private=frozenset(sourced(document)).union(*(piece.private for piece in found)),
        sealed=f"`{path}` asks to be left alone" if b"kotsu: ignore-file" in data[:4096] else "",
        own=_own(document),
        extends=(
            *pyproject_lists.extends(document, requirements),
            *(e for piece in found for e in piece.extends),
        ),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def _line_of(words: str) -> int:
    found = re.search(r"at line (\d+)", words)
    return int(found[1]) if found else 1


def _own(document: Table) -> str:
    flit = at(document, "tool", "flit", "metadata")
    names = (at(document, "project").get("name"), at(document, "tool", "poetry").get("name"))
    return canonicalize_name(str(next(filter(None, (*names, flit.get("dist-name"), flit.get("module"))), "")))


def _found(path: str, text: str, document: Table, start: int) -> Iterator[Manifest]:
    """Return what each string of the file declares."""
    main = Role.LIBRARY if pyproject_lists.is_library(document) else Role.INSTALL
    for literal in toml_strings.find(text, start):
        if literal.path == _LEGACY_TOX and "\\" not in literal.raw:
            yield _legacy_tox(path, text, literal)
        elif literal.escaped:
            continue
        elif literal.path[:2] == ("tool", "poetry"):
            requirement = poetry_tables.requirement(path, text, literal, document, main)
            yield Manifest(path, (requirement,) if requirement else ())
        elif place := pyproject_lists.place(literal.path):
            section, role = place
            role = main if role is Role.LIBRARY else role
            for word in pyproject_lists.words(literal):
                yield toml_requirements.declared(path, text, word, section, role)


def _legacy_tox(path: str, text: str, literal: toml_strings.Literal) -> Manifest:
    """Return what a tox.ini within a string declares, read where it stands."""
    before, after = (re.sub(r"[^\n]", " ", t) for t in (text[: literal.start], text[literal.end :]))
    return tox_ini.read(path, f"{before}{literal.raw}{after}".encode("latin-1"))


def indexes(document: Table) -> Iterator[str]:
    """Return the addresses of the indexes that all packages of the file may come from."""
    uv = at(document, "tool", "uv")
    for key in ("index-url", "extra-index-url", "find-links"):
        yield from (addresses.plain(str(value)) for value in listed(uv.get(key)))
    for source in [
        *listed(uv.get("index")),
        *listed(at(document, "tool", "pdm").get("source")),
        *listed(at(document, "tool", "poetry").get("source")),
    ]:
        if (
            isinstance(source, Mapping)
            and not source.get("explicit")
            and source.get("priority") != "explicit"
        ):
            yield addresses.plain(str(source.get("url") or addresses.PYPI))


def sourced(document: Table) -> Iterator[str]:
    """Return the names that are taken from a repository, a path or an index of their own."""
    for name in at(document, "tool", "uv", "sources"):
        yield canonicalize_name(name)
    yield from poetry_tables.elsewhere(document)


def _dynamic(path: str, document: Table) -> Iterator[str]:
    """Return the requirements files that setuptools reads the dependencies from."""
    folder = path.removesuffix("pyproject.toml")
    dynamic = at(document, "tool", "setuptools", "dynamic")
    extras = at(dynamic, "optional-dependencies")
    for table in [at(dynamic, "dependencies"), *(at(extras, name) for name in extras)]:
        yield from (folder + str(file) for file in listed(table.get("file")))
