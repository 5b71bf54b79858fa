"""Pipfile: pipenv's tables of packages, each a name with its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import addresses, pep508, toml_document, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("Pipfile",)

_BOM = b"\xef\xbb\xbf"
_OTHER = frozenset({"source", "requires", "scripts", "pipenv"})
_ELSEWHERE = frozenset({"git", "hg", "svn", "bzr", "path", "file", "url", "ref", "editable", "index"})
_MARKERS = (
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_system",
    "platform_python_implementation",
    "implementation_name",
)


def read(path: str, data: bytes) -> Manifest:
    """Return what a Pipfile declares; one that is not valid TOML is a problem."""
    try:
        document = toml_document.parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    text = data.decode("latin-1")
    private = frozenset(_elsewhere(document))
    found = (
        _requirement(path, text, literal, document)
        for literal in toml_strings.find(text, len(_BOM) if data.startswith(_BOM) else 0)
        if not literal.escaped and _is_version(literal.path)
    )
    others = [str(key) for key in document if key not in {*_OTHER, "packages"}]
    return Manifest(
        path,
        tuple(r for r in found if r and r.name not in private),
        indexes=tuple(_indexes(document)),
        private=private,
        extends=tuple((other, ("packages",)) for other in others),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a version inside its quotes."""
    return clause_splices(requirement, change)


def _is_version(path: toml_strings.Path) -> bool:
    """Say whether a string is a version: ``packages.NAME`` or ``packages.NAME.version``."""
    match path:
        case (str(table), str()) | (str(table), str(), "version"):
            return table not in _OTHER
    return False


def _requirement(
    path: str, text: str, literal: toml_strings.Literal, document: Mapping[str, object]
) -> Requirement | None:
    table, name = str(literal.path[0]), str(literal.path[1])
    entry = toml_document.at(document, table).get(name)
    options = entry if isinstance(entry, Mapping) else {}
    marker = _marker(options)
    if marker is None:
        return None
    written = "" if literal.raw.strip() == "*" else literal.raw
    located = pep508.locate(f"{name}{written}", literal.start - len(name))
    if located is None or located.direct or located.marker:
        return None
    extras = options.get("extras")
    asked = tuple(sorted(map(str, extras))) if isinstance(extras, list) else ()
    whole = pep508.Located(located.name, located.clauses, marker, direct=False, extras=asked)
    role = Role.INSTALL if table == "packages" else Role.DEVELOPMENT
    return toml_requirements.written(path, text, literal, table, role, whole)


def _marker(options: Mapping[str, object]) -> str | None:
    """Return the environment marker of an entry's keys, None when it cannot be read."""
    parts = [f"{key} {options[key]}" for key in _MARKERS if key in options]
    parts += [str(options["markers"])] if "markers" in options else []
    return pep508.marker(" and ".join(f"({part})" for part in parts))


def _elsewhere(document: Mapping[str, object]) -> Iterator[str]:
    """Return the names that come from a repository, a path or an index of their own."""
    for table in document:
        if table not in _OTHER:
            for name, entry in toml_document.at(document, table).items():
                if isinstance(entry, Mapping) and not _ELSEWHERE.isdisjoint(entry):
                    yield canonicalize_name(name)


def _indexes(document: Mapping[str, object]) -> Iterator[str]:
    sources = document.get("source")
    for source in sources if isinstance(sources, list) else []:
        if isinstance(source, Mapping):
            yield addresses.plain(str(source.get("url", "")))
