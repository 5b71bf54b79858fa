"""pyproject.toml: dependencies, extras, groups, build requirements, and the lists of hatch, pdm and uv."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import addresses, poetry_tables, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("pyproject.toml",)

Table = Mapping[str, object]

PRIVATE = "Private ::"
"""How the classifiers begin that no index accepts: what has one is never published."""

_BOM = b"\xef\xbb\xbf"
_LARGEST = 1024 * 1024
_PLACES: tuple[tuple[tuple[str, ...], Role], ...] = (
    (("project", "dependencies"), Role.LIBRARY),
    (("project", "optional-dependencies", "*"), Role.LIBRARY),
    (("dependency-groups", "*"), Role.DEVELOPMENT),
    (("build-system", "requires"), Role.BUILD),
    (("tool", "uv", "dev-dependencies"), Role.DEVELOPMENT),
    (("tool", "uv", "constraint-dependencies"), Role.CONSTRAINT),
    (("tool", "uv", "override-dependencies"), Role.CONSTRAINT),
    (("tool", "pdm", "dev-dependencies", "*"), Role.DEVELOPMENT),
    (("tool", "hatch", "envs", "*", "dependencies"), Role.DEVELOPMENT),
    (("tool", "hatch", "envs", "*", "extra-dependencies"), Role.DEVELOPMENT),
)


def read(path: str, data: bytes) -> Manifest:
    """Return what a pyproject.toml declares; one that is not valid TOML is a problem."""
    try:
        document = parse(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, _line_of(str(error)), f"skipped: {error}"),))
    text = data.decode("latin-1")
    found = tuple(_requirements(path, text, document, len(_BOM) if data.startswith(_BOM) else 0))
    project = at(document, "project")
    return Manifest(
        path,
        tuple(requirement for requirement, _ in found if requirement),
        includes=tuple(_dynamic(path, document)),
        indexes=tuple(indexes(document)),
        private=frozenset(name for _, name in found if name) | frozenset(sourced(document)),
        sealed=f"`{path}` asks to be left alone" if b"kotsu: ignore-file" in data[:4096] else "",
        own=canonicalize_name(str(project.get("name", "") or at(document, "tool", "poetry").get("name", ""))),
        extends=tuple(_extends(document, {r.section for r, _ in found if r})),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def parse(data: bytes) -> dict[str, object]:
    """Return a TOML document; ValueError says what is wrong with it."""
    if len(data) > _LARGEST:
        raise ValueError("it is larger than 1 MiB")
    try:
        return tomllib.loads(data.removeprefix(_BOM).decode())
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not valid TOML ({error})") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def at(table: object, *keys: str) -> Table:
    """Return the table below some keys, an empty one where there is none."""
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def _line_of(words: str) -> int:
    found = re.search(r"at line (\d+)", words)
    return int(found[1]) if found else 1


def _requirements(
    path: str, text: str, document: Table, start: int
) -> Iterator[tuple[Requirement | None, str]]:
    """Return each requirement, or the name of one that is taken from an address."""
    main = Role.LIBRARY if _is_library(document) else Role.INSTALL
    for literal in toml_strings.find(text, start):
        if literal.escaped:
            continue
        if literal.path[:2] == ("tool", "poetry"):
            yield poetry_tables.requirement(path, text, literal, document, main), ""
        elif place := _place(literal.path):
            section, role = place
            role = main if role is Role.LIBRARY else role
            yield toml_requirements.listed(path, text, literal, section, role)


def _is_library(document: Table) -> bool:
    """Say whether others may install a project beside what they have, so that its ranges are widened only."""
    project, of_poetry = at(document, "project"), at(document, "tool", "poetry")
    classifiers = [*_listed(project.get("classifiers")), *_listed(of_poetry.get("classifiers"))]
    return (
        "build-system" in document
        and at(document, "tool", "uv").get("package") is not False
        and of_poetry.get("package-mode") is not False
        and not any(str(c).startswith(PRIVATE) for c in classifiers)
    )


def _extends(document: Table, sections: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return for each section those that are installed with it: the project's own, and included groups."""
    groups = at(document, "dependency-groups")
    for section in sorted(sections - {"project.dependencies", "build-system.requires"}):
        kind, _, name = section.partition(".")
        included = [f"dependency-groups.{i}" for i in _included(groups, name)]
        yield section, ("project.dependencies", *(included if kind == "dependency-groups" else ()))


def _included(groups: Table, name: str) -> Sequence[str]:
    """Return the groups that a group includes, at any depth (PEP 735)."""
    named = {canonicalize_name(key): key for key in groups}
    found: list[str] = []
    waiting = [name]
    while waiting:
        for item in _listed(groups.get(waiting.pop())):
            included = item.get("include-group") if isinstance(item, Mapping) else None
            key = named.get(canonicalize_name(str(included)), "") if included else ""
            if key and key != name and key not in found:
                found.append(key)
                waiting.append(key)
    return found


def _place(path: toml_strings.Path) -> tuple[str, Role] | None:
    """Return the section and role of the list that a string stands in, if it holds requirements."""
    *folders, index = path or ("",)
    if not isinstance(index, int):
        return None
    for keys, role in _PLACES:
        if len(keys) == len(folders) and all(k in ("*", f) for k, f in zip(keys, folders, strict=True)):
            return ".".join(map(str, folders)), role
    return None


def indexes(document: Table) -> Iterator[str]:
    """Return the addresses of the indexes that all packages of the file may come from."""
    uv = at(document, "tool", "uv")
    for key in ("index-url", "extra-index-url", "find-links"):
        yield from (addresses.plain(str(value)) for value in _listed(uv.get(key)))
    for source in [
        *_listed(uv.get("index")),
        *_listed(at(document, "tool", "pdm").get("source")),
        *_listed(at(document, "tool", "poetry").get("source")),
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
        yield from (folder + str(file) for file in _listed(table.get("file")))


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
