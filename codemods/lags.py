"""Says which version of each direct dependency a project takes, and how far behind the newest that is.

This is the measure of J. Cox, E. Bouwers, M. van Eekelen and J. Visser, "Measuring Dependency Freshness in
Software Systems" (ICSE 2015), as https://libyear.com and https://chaoss.community/kb/metric-libyears/ have
it: the time between two releases of each dependency, that in use and the newest one for general use. Renovate
sums it up in the same way, file by file; here a distribution counts once, however many files name it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from packaging.version import Version

from codemods import inventory, locks, project, upgrades, versions
from codemods.boundaries import PYTHON
from codemods.manifests.model import Lock, Manifest, Requirement, Role
from codemods.model import Releases, Tree, step
from codemods.upgrades import Declared


@dataclass(frozen=True, slots=True)
class Taken:
    """A direct dependency and the version in use: locked, pinned, or the newest that its specifier admits.

    ``path`` is where it is asked for first; ``version`` is None where nobody can tell it.
    """

    name: str
    path: str
    version: Version | None


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a version in use is behind: the days between its upload and that of the newest release.

    ``step`` is how far that is by the numbers (``major``, ``minor``, ``patch``), ``""`` for none.
    """

    days: int
    step: str


def taken(
    tree: Tree, releases: Mapping[str, Releases], is_ignored: Callable[[str], bool] = lambda _: False
) -> list[Taken]:
    """Return the direct dependencies of a tree by name, each once; files that are ignored ask for none.

    Where several places ask for one, the version that is furthest behind counts. Lines of one section are for
    different environments: of these the newest does, for an old Python keeps an old version.
    """
    found = inventory.read(tree)
    written = {m.path: m.lock for m in found.manifests if m.lock}
    needed = {m.path: _needed(m) for m in found.manifests}
    made = []
    for name, declared in sorted(found.by_name().items()):
        direct = [(m, r) for m, r in declared if _is_direct(m, r, needed[m.path]) and not is_ignored(m.path)]
        if name != PYTHON and any(r.role is not Role.CONSTRAINT for _, r in direct):
            known = releases.get(name, Releases(name))
            made.append(Taken(name, direct[0][1].path, _in_use(direct, known, written)))
    return made


def _needed(manifest: Manifest) -> frozenset[int]:
    """Return the lines of a compiled file that are there because another distribution needs them."""
    return frozenset(entry.line for entry in (manifest.lock.locked if manifest.lock else ()) if entry.via)


def _is_direct(manifest: Manifest, requirement: Requirement, needed: frozenset[int]) -> bool:
    """Say whether a requirement is one of the project's own; what is compiled stands in its sources too."""
    is_factor = "|" in requirement.section  # of tox: it is there to test with that very version
    is_own = project.is_own(requirement.path) and not is_factor
    return is_own and not (manifest.lock and manifest.lock.sources) and requirement.line not in needed


def _in_use(declared: Sequence[Declared], known: Releases, written: Mapping[str, Lock]) -> Version | None:
    places = groupby(sorted(declared, key=_place), key=_place)
    newest = (max(_versions(some, known, written), default=None) for _, some in places)
    return min((v for v in newest if v), default=None)


def _place(declared: Declared) -> tuple[str, str]:
    return declared[1].path, declared[1].section


def _versions(
    declared: Iterator[Declared], known: Releases, written: Mapping[str, Lock]
) -> Iterator[Version]:
    for manifest, requirement in declared:
        paths = [path for path in upgrades.locks_of(manifest, requirement) if path in written]
        locked = [v for path in paths for v in locks.versions(written[path], requirement.name)[-1:]]
        version = min(locked, default=None) or versions.in_use(requirement.clauses, known.releases)
        is_elsewhere = any(not upgrades.is_asked(index, known) for index in manifest.indexes)
        if version and not is_elsewhere:
            yield version


def of(dependency: Taken, releases: Mapping[str, Releases]) -> Lag | None:
    """Return how far behind a dependency is; None where the index does not know both days."""
    known = releases.get(dependency.name, Releases(dependency.name)).releases
    used = next((r for r in known if r.version == dependency.version), None)
    newest = versions.newest(known)
    began, ended = (versions.day(r) if r else None for r in (used, newest))
    if used is None or newest is None or began is None or ended is None:
        return None
    if used.version >= newest.version:
        return Lag(0, "")
    return Lag(max((ended - began).days, 0), step(used.version, newest.version))
