"""Reads what a project declares: its Pythons, the lowest versions of its dependencies, its own version."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.version import Version

from codemods import inventory, locks, places, pythons, versions
from codemods.boundaries import PYTHON
from codemods.manifests import poetry, pyproject_lists, setup_cfg, setup_py, toml_document
from codemods.manifests.model import Lock, Manifest, Requirement, Role
from codemods.model import Problem, Tree

_APART = re.compile(r"(?:^|/)(?:tests?|testing|examples?|demos?|samples?|benchmarks?|templates?)/")
_BESIDE = re.compile(r"(?:^|/)(?:contrib|docs?|tools?|scripts?|ci|\.github|packaging|release)/")
_VERSION = re.compile(r"""^__version__(?:\s*:\s*str)?\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d\.\d{1,3})")
_IMAGE = re.compile(
    r"^FROM\s+(?:--\S+\s+)?(?:docker\.io/)?(?:library/)?python:(\d\.\d{1,3})", re.MULTILINE | re.IGNORECASE
)
_CONDA = re.compile(r"^[ \t]*-[ \t]*[\"']?(?:[\w-]+::)?python[ \t]*={1,2}[ \t]*(\d\.\d{1,3})", re.MULTILINE)
_PLAIN = re.compile(r"(?:python-|cpython-)?(\d\.\d{1,3})(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Project:
    """What a project declares.

    ``floor`` is the lowest Python (major, minor) that any of its packages declares, None when none declares
    one; ``pythons`` are the minors it supports; ``dependencies`` the lowest version that each distribution
    can be installed in, by normalised name (of Python the floor), ``development`` that of what nothing but
    development wants; ``listed`` are the distributions that any manifest names, None where there is no
    manifest; ``problems`` the files that could not be read.
    """

    floor: pythons.Minor | None = None
    pythons: tuple[pythons.Minor, ...] = ()
    dependencies: Mapping[str, Version] = field(default_factory=dict)
    development: Mapping[str, Version] = field(default_factory=dict)
    own_version: Version | None = None
    name: str = ""
    listed: frozenset[str] | None = None
    problems: tuple[Problem, ...] = ()


def read(tree: Tree) -> Project:
    """Return what the manifests of a tree declare; nothing of the tree is run."""
    found = inventory.read(tree)
    problems = list(found.problems)
    declared: set[pythons.Minor] = set()
    for path, specifier in _declarations(tree):
        minors = pythons.admitted(specifier)
        if minors:
            declared.update(minors)
        else:
            problems.append(Problem(path, 1, f"its Python `{specifier[:80]}` admits no version"))
    supported = declared or set(_evident(tree))
    own = {m.path: m.own for m in found.manifests if m.own and "/" not in m.path}
    floor = min(declared, default=None)
    python = {PYTHON: Version(pythons.text(floor))} if floor else {}
    return Project(
        floor,
        tuple(m for m in pythons.MINORS if m in supported),
        {**_lowest(found, _is_installed), **python},
        _lowest(found, _is_for_development),
        _own_version(tree),
        next(iter(own.values()), ""),
        frozenset(found.by_name()) if found.manifests else None,
        tuple(problems),
    )


def _manifests(tree: Tree) -> Iterator[str]:
    """Return the paths of manifests of packages that are the project's own."""
    for path in tree.paths():
        if posixpath.basename(path) in {"pyproject.toml", "setup.cfg", "setup.py"} and is_own(path):
            yield path


def is_own(path: str) -> bool:
    """Say whether a path is the project's own: no test, no example, no template, nothing of other people."""
    return not (inventory.is_sample(path) or places.is_test(path) or _APART.search(path))


def is_library(tree: Tree) -> bool:
    """Say whether others may install what is in a tree, and call what it names."""
    for manifest in inventory.read(tree).manifests:
        if manifest.own and posixpath.basename(manifest.path) == "pyproject.toml":
            if pyproject_lists.is_library(toml_document.parse(tree.read(manifest.path))):
                return True
        elif manifest.own:
            return True
    return False


def _declarations(tree: Tree) -> Iterator[tuple[str, str]]:
    """Return each specifier of Pythons with its path; files that cannot be read are problems elsewhere."""
    for path in _manifests(tree):
        data = tree.read(path)
        try:
            specifiers = _READ[posixpath.basename(path)](data)
        except ValueError:
            continue
        yield from ((path, specifier) for specifier in specifiers if specifier)


def _from_pyproject(data: bytes) -> Sequence[str]:
    document = toml_document.parse(data)
    if specifier := toml_document.at(document, "project").get("requires-python"):
        return [str(specifier)]
    if specifier := toml_document.at(document, "tool", "flit", "metadata").get("requires-python"):
        return [str(specifier)]
    written = str(toml_document.at(document, "tool", "poetry", "dependencies").get("python", ""))
    return [poetry.specifier(part) or "" for part in re.split(r"\|\|?", written)]


def _from_setup_cfg(data: bytes) -> Sequence[str]:
    wanted = ("options", "python_requires")
    parts = [v.text.strip() for v in setup_cfg.values(data) if (v.section, v.key) == wanted]
    return [",".join(part.strip(",") for part in parts)]


def _from_setup_py(data: bytes) -> Sequence[str]:
    return [setup_py.literal(setup_py.arguments(data).get("python_requires"))]


_READ = {"pyproject.toml": _from_pyproject, "setup.cfg": _from_setup_cfg, "setup.py": _from_setup_py}


def _evident(tree: Tree) -> Iterator[pythons.Minor]:
    """Return the Pythons that a project without a declaration uses, as its classifiers and images say."""
    for path in tree.paths():
        name = posixpath.basename(path)
        if not is_own(path) or len(path.split("/")) > 2:  # noqa: PLR2004 -- the root and the folders in it
            continue
        if name in {"pyproject.toml", "setup.cfg", "setup.py"}:
            found = _CLASSIFIER.findall(_text(tree, path))
        elif name.startswith("Dockerfile"):
            found = _IMAGE.findall(_text(tree, path))
        elif name in {"environment.yml", "environment.yaml"}:
            found = _CONDA.findall(_text(tree, path))
        elif name in {".python-version", "runtime.txt"}:
            lines = _text(tree, path).split()
            found = [m[1] for line in lines if (m := _PLAIN.fullmatch(line))]
        else:
            continue
        yield from (minor for text in found if (minor := _minor(text)) in pythons.MINORS)


def _minor(text: str) -> pythons.Minor:
    major, minor = text.split(".")
    return int(major), int(minor)


def _text(tree: Tree, path: str) -> str:
    return tree.read(path)[:200_000].decode("utf-8", "replace")


def _lowest(found: inventory.Inventory, counts: Callable[[Requirement], bool]) -> Mapping[str, Version]:
    """Return the lowest version of each distribution; one that a declaration leaves open is not known.

    An application is installed as its lock files say, whatever else its requirements would admit, and so is
    what development needs.
    """
    lowest: dict[str, Version] = {}
    written = {m.path: m.lock for m in found.manifests if m.lock}
    for name, declared in found.by_name().items():
        used = [(m, r) for m, r in declared if counts(r)]
        floors = [_locked(m, r, written) or versions.floor(r.clauses) for m, r in used]
        known = [f for f in floors if f]
        # What serves the work on a project does not say what the project itself is installed with.
        apart = counts is _is_installed and all(_BESIDE.search(m.path) for m, _ in used)
        if name != PYTHON and not apart and known and len(known) == len(floors):
            lowest[name] = min(known)
    return lowest


def _locked(manifest: Manifest, requirement: Requirement, written: Mapping[str, Lock]) -> Version | None:
    """Return the lowest version that a requirement of no library is locked at, None where it is not."""
    if requirement.role not in {Role.INSTALL, Role.DEVELOPMENT}:
        return None
    locked = (locks.versions(written[p], requirement.name) for p in manifest.locks if p in written)
    return min((v for some in locked for v in some), default=None)


def _is_installed(requirement: Requirement) -> bool:
    """Say whether a requirement is one of what is installed for use."""
    return is_own(requirement.path) and requirement.role in {Role.INSTALL, Role.LIBRARY}


def _is_for_development(requirement: Requirement) -> bool:
    return requirement.role is Role.DEVELOPMENT and not inventory.is_sample(requirement.path)


def _own_version(tree: Tree) -> Version | None:
    """Return the version that the root's manifest or the file it points at writes out.

    None where a project in a folder below writes out another one: files there speak of that.
    """
    paths = frozenset(tree.paths())
    own = _version_in(tree, paths, "")
    below = {posixpath.dirname(p) for p in paths if posixpath.basename(p) in _READ and is_own(p)} - {""}
    others = (_version_in(tree, paths, f"{folder}/") for folder in below) if own else ()
    return None if any(other not in {own, None} for other in others) else own


def _version_in(tree: Tree, paths: frozenset[str], folder: str) -> Version | None:
    texts: list[str] = []
    if (path := f"{folder}pyproject.toml") in paths:
        texts += _versions_of_pyproject(tree, paths, path)
    if (path := f"{folder}setup.cfg") in paths:
        values = setup_cfg.values(tree.read(path))
        texts += [v.text.strip() for v in values if (v.section, v.key) == ("metadata", "version")]
    if (path := f"{folder}setup.py") in paths:
        try:
            texts.append(setup_py.literal(setup_py.arguments(tree.read(path)).get("version")))
        except ValueError:
            texts.append("")
    return next((v for text in texts if (v := versions.parsed(text))), None)


def _versions_of_pyproject(tree: Tree, paths: frozenset[str], path: str) -> Iterator[str]:
    try:
        document = toml_document.parse(tree.read(path))
    except ValueError:
        return
    yield str(toml_document.at(document, "project").get("version", ""))
    yield str(toml_document.at(document, "tool", "poetry").get("version", ""))
    source = str(toml_document.at(document, "tool", "hatch", "version").get("path", ""))
    source = source and posixpath.join(posixpath.dirname(path), source)
    if source in paths and (found := _VERSION.search(_text(tree, source))):
        yield found[1]
