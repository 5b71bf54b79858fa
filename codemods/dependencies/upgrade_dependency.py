"""A dependency that is moved a little and often is cheap to move; one that is left for years is a project.

Each release brings fixes, and the further a pin falls behind, the more of other people's changes arrive on
the day that an advisory makes the step urgent. This proposes the newest release that the project can really
install: not yanked, not a pre-release, running on every Python that the project declares, with wheels where
there were wheels, and older than the release age, so that a bad release has been noticed by somebody else.

Only version numbers change. Pins move; a range is widened when its cap excludes the new release, and its
floor stays; every place that names the distribution moves together, or none does. A lock file is written
again by its own tool, for this one distribution. Versions that a comment holds, and files with a lock file
that cannot be written again, are left alone, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from codemods import inventory, locks, pythons, splices, versions
from codemods.manifests import addresses
from codemods.manifests.model import Change, Manifest, Requirement, Role
from codemods.model import (
    About,
    Applicability,
    Category,
    Edit,
    Facts,
    Finding,
    Refresh,
    Release,
    Releases,
    Splice,
    Tree,
)

ABOUT = About(
    title="Upgrade dependencies to releases that install",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A new release can change behaviour: read its notes, and let the tests decide.",
    references=(
        "https://packaging.python.org/en/latest/specifications/version-specifiers/",
        "https://peps.python.org/pep-0691/",
    ),
    needles=(),
    minutes=10,
    asks=("releases", "release_age", "floor", "pythons", "today", "refused", "tools"),
)

_ID = "upgrade-dependency"
_LONGEST_TITLE = 72


@dataclass(frozen=True)
class _Line:
    """One requirement with all that decides about it.

    ``scope`` are the Pythons it is read on; ``fixed`` says why its specifier does not change, ``""`` when it
    may, ``held`` whether that holds its lock files too; ``used`` is the version it installs today;
    ``refused`` are versions that do not resolve here; ``locked`` are the lock files that are written from it,
    each with the version there (None: it is not in it).
    """

    manifest: Manifest
    requirement: Requirement
    scope: frozenset[pythons.Minor]
    terms: versions.Terms
    fixed: str
    held: bool
    used: Version | None
    refused: Mapping[Version, str]
    locked: Mapping[str, Version | None]

    @property
    def keeps_floor(self) -> bool:
        return self.requirement.role is Role.LIBRARY

    def admits(self, version: Version) -> bool:
        return versions.admits(self.requirement.clauses, version)

    def is_behind(self, version: Version) -> bool:
        keeps = not self.admits(version) or bool(self.locked)
        return keeps and self.used is not None and self.used < version

    def lags(self, version: Version) -> bool:
        return any(locked is not None and locked < version for locked in self.locked.values())

    def only_lock(self, version: Version) -> bool:
        """Say whether a version would change its lock files, and they are free to."""
        return self.admits(version) and self.lags(version) and not self.held

    def rewritten(self, version: Version) -> tuple[tuple[int, str], ...] | None:
        clauses = self.requirement.clauses
        return versions.rewritten(clauses, version, keep_floor=self.keeps_floor)


_Move = tuple[_Line, Release, str]
"""A line, the release it moves to, and what keeps it from the newest one (``""``: nothing)."""

_Declared = tuple[Manifest, Requirement]


@dataclass(frozen=True, slots=True)
class _World:
    """What all lines are judged by; ``renewed`` are the lock files that can be written again, by path."""

    tree: Tree
    facts: Facts
    renewed: Mapping[str, Manifest]

    def locked(self, path: str, name: str) -> Sequence[Version]:
        """Return the versions of a name in a lock file, the lowest first."""
        lock = self.renewed[path].lock
        return locks.versions(lock, name) if lock else ()


def ask(tree: Tree) -> frozenset[str]:
    """Return the names whose releases are needed: those that something keeps from the newest release."""
    declared = inventory.read(tree).by_name()
    return frozenset(name for name, found in declared.items() if any(map(_is_bounded, found)))


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what would move, name by name, and what would not and why."""
    known = inventory.read(tree)
    renewed = {m.path: m for m in known.manifests if m.lock and m.lock.tool in facts.tools}
    world = _World(tree, facts, renewed)
    for name, everywhere in sorted(known.by_name().items()):
        found = [(m, r) for m, r in everywhere if m.path not in renewed]
        releases = facts.releases.get(name)
        if releases is None or not any(map(_is_bounded, found)):
            continue
        if releases.error:
            first = next(r for m, r in found if _is_bounded((m, r)))
            yield _said(first, f"`{name}`: {releases.error}")
        else:
            yield from _judge(world, name, found, releases)


def _is_bounded(declared: _Declared) -> bool:
    manifest, requirement = declared
    return versions.is_bounded(requirement.clauses) or bool(_locks_of(manifest, requirement))


def _locks_of(manifest: Manifest, requirement: Requirement) -> Sequence[str]:
    """Return the lock files that a requirement goes into; no lock file has what a build asks for."""
    return () if requirement.role is Role.BUILD else manifest.locks


def _said(requirement: Requirement, message: str) -> Finding:
    return Finding(_ID, requirement.path, requirement.line, message, target=requirement.name)


def _judge(world: _World, name: str, found: Sequence[_Declared], releases: Releases) -> Iterator[Finding]:
    lines = [_line(world, declared, releases) for declared in found]
    moves: list[_Move] = []
    for group in _groups(lines):
        target = _target(group, releases)
        behind = _unmet(name, group, releases, target)
        moving = [line for line in group if target and _moves(line, target.version)]
        moves += [(line, target, behind[1] if behind else "") for line in moving if target]
        if behind and not moving:
            yield _said(behind[0].requirement, behind[1])
    yield from _proposed(world, name, moves)


def _moves(line: _Line, version: Version) -> bool:
    """Say whether a version changes a line or a lock file written from it."""
    return line.only_lock(version) or not (line.fixed or line.admits(version))


def _line(world: _World, declared: _Declared, releases: Releases) -> _Line:
    """Return a requirement with what decides about it."""
    (manifest, requirement), facts = declared, world.facts
    written = [path for path in _locks_of(manifest, requirement) if path in world.renewed]
    locked = {path: world.locked(path, requirement.name) for path in written}
    used = max((v for found in locked.values() for v in found), default=None)
    used = used or versions.in_use(requirement.clauses, releases.releases)
    release = next((r for r in releases.releases if r.version == used), None)
    running = (release and pythons.admitted(release.requires_python)) or pythons.MINORS
    supported = facts.pythons or pythons.MINORS
    scope = tuple(m for m in supported if m in pythons.marked(requirement.marker))
    limited = facts.pythons or requirement.marker
    minors = tuple(m for m in scope if facts.pythons or m in running) if limited else ()
    terms = versions.Terms(
        today=facts.today,
        age=facts.release_age,
        minors=minors,
        kept=tuple(m for m in minors if release and m in running),
        wheel=bool(release and release.wheel),
        prereleases=bool(used and used.is_prerelease) or versions.names_prerelease(requirement.clauses),
        digests=bool(requirement.hashes),
    )
    held = _held(world, declared, releases)
    fixed = held or _shaped(requirement)
    if not fixed and not scope:
        fixed = f"`{requirement.name}`: its marker names none of the Pythons that this project supports"
    if not fixed and versions.is_pin(requirement.clauses):
        fixed = _unlike(requirement, release, used)
    return _Line(
        manifest,
        requirement,
        frozenset(scope),
        terms,
        fixed,
        bool(held),
        used,
        facts.refused.get(requirement.name, {}),
        {path: min(found, default=None) for path, found in locked.items()},
    )


def _held(world: _World, declared: _Declared, releases: Releases) -> str:
    """Return why neither a requirement nor its lock files may move, as a sentence; ``""`` when they may."""
    manifest, requirement = declared
    named = f"`{requirement.name}`"
    foreign = [i for i in manifest.indexes if not _is_asked(i, releases)]
    written = _locks_of(manifest, requirement)
    if manifest.sealed:
        return f"{named}: {manifest.sealed}"
    if left := [path for path in written if path not in world.renewed]:
        return f"{named}: `{left[0]}` would have to be refreshed with it"
    if forked := [path for path in written if len(world.locked(path, requirement.name)) > 1]:
        return f"{named} is locked at more than one version in `{forked[0]}`"
    if requirement.hold:
        return f"{named} is held at `{requirement.specifier}` by {requirement.hold}"
    if foreign:
        return f"{named} may come from {foreign[0]}, which `{requirement.path}` names and which was not asked"
    return ""


def _is_asked(index: str, releases: Releases) -> bool:
    asked = (releases.index or addresses.PYPI, *releases.passed)
    return any(addresses.is_same(index, address) for address in asked)


def _shaped(requirement: Requirement) -> str:
    """Return why a specifier's form means that it must not move."""
    named = f"`{requirement.name}`"
    is_pin = versions.is_pin(requirement.clauses)
    operators = {c.operator for c in requirement.clauses}
    if "===" in operators or any(c.operator == "==" and c.version.endswith("*") for c in requirement.clauses):
        return f"{named} is kept on one line of releases by `{requirement.specifier}`"
    if requirement.role is Role.BUILD and not is_pin:
        return f"{named}: a build requirement is moved only where it is pinned"
    if requirement.role is Role.CONSTRAINT and not is_pin:
        return f"{named} is held at `{requirement.specifier}` by the constraints of `{requirement.path}`"
    if operators and operators <= {"<", "<=", "!="}:
        return f"{named} is held at `{requirement.specifier}`: a cap without a floor was written to hold"
    return ""


def _unlike(requirement: Requirement, release: Release | None, used: Version | None) -> str:
    """Return why a pin is not the distribution that the index knows by its name."""
    named = f"`{requirement.name}`"
    if used is None or used.local:
        return f"{named} is pinned to `{requirement.specifier}`, which is no public release"
    if release is None:
        return f"{named} {used} is not on the index: it may be another distribution of that name"
    digests = {h.digest for h in requirement.hashes}
    if digests and release.hashes and digests.isdisjoint(release.hashes):
        return f"{named} {used} has other hashes on the index: it may be another distribution of that name"
    return ""


def _groups(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Return the lines that can meet in one environment together; build environments are apart."""
    groups: list[list[_Line]] = []
    for line in lines:
        meeting = [g for g in groups if any(_meet(line, other) for other in g)]
        groups = [g for g in groups if g not in meeting]
        groups.append([*(other for g in meeting for other in g), line])
    return groups


def _meet(one: _Line, other: _Line) -> bool:
    is_build = one.requirement.role is Role.BUILD
    return is_build == (other.requirement.role is Role.BUILD) and not one.scope.isdisjoint(other.scope)


def _target(group: Sequence[_Line], releases: Releases) -> Release | None:
    """Return the newest release that every line of a group admits or may move to, None without one."""
    fitting = {
        release.version: release
        for release in releases.releases
        if all(not _obstacle(line, release) for line in group)
    }
    version = versions.best(fitting)
    return fitting[version] if version else None


def _obstacle(line: _Line, release: Release) -> str:
    """Return what keeps a line from a release, as a sentence; ``""`` when nothing does."""
    name, version = line.requirement.name, release.version
    if line.fixed and not line.only_lock(version):
        return "" if line.admits(version) and not line.lags(version) else line.fixed
    if sentence := line.refused.get(version):
        return f"`{name}` {version} does not install here: {sentence}"
    if line.used is not None and version < line.used:
        return f"`{name}` {version} is older than {line.used}"
    if line.used != version and (words := versions.refusal(release, line.terms)):
        return f"`{name}` {version} {words}"
    if line.rewritten(version) is None:
        return f"`{name}` {version} cannot be admitted by changing `{line.requirement.specifier}`"
    return ""


def _unmet(
    name: str, group: Sequence[_Line], releases: Releases, target: Release | None
) -> tuple[_Line, str] | None:
    """Return the line and the sentence that keep a group from the newest release; None when nothing does."""
    newest = versions.newest(releases.releases)
    if newest is None or newest == target:
        return None
    behind = [line for line in group if line.is_behind(newest.version)]
    if not behind:
        return None
    for line in [*(b for b in behind if b.fixed), *behind, *group]:
        if sentence := _obstacle(line, newest):
            return behind[0] if line not in behind else line, sentence
    return behind[0], f"`{name}` {newest.version} does not fit every place that names it"


def _proposed(world: _World, name: str, moves: Sequence[_Move]) -> Iterator[Finding]:
    """Return the findings of one name's moves; those in one file share its edit."""
    title = _title(name, moves)
    by_path: dict[str, list[_Move]] = {}
    for move in moves:
        if not move[0].admits(move[1].version):
            by_path.setdefault(move[0].manifest.path, []).append(move)
    for path, here in by_path.items():
        data = world.tree.read(path)
        edit = Edit(path, data, _written(data, here))
        for line, release, unmet in here:
            message = _row(line, release) + (f" ({unmet})" if unmet else "")
            yield Finding(_ID, path, line.requirement.line, message, edit, name, title)
    yield from _refreshed(world, name, moves)


def _refreshed(world: _World, name: str, moves: Sequence[_Move]) -> Iterator[Finding]:
    """Return a finding for each lock file that has to be written again."""
    title = _title(name, moves)
    for path in dict.fromkeys(path for line, _, _ in moves for path in line.locked):
        version = max(release.version for line, release, _ in moves if path in line.locked)
        was = min((v for line, _, _ in moves if (v := line.locked.get(path))), default=None)
        lock = world.renewed[path].lock
        line = next((found.line for found in (lock.locked if lock else ()) if found.name == name), 1)
        message = f"`{name}` {was} → {version}" if was and was < version else f"`{name}` as declared"
        yield Finding(_ID, path, line, message, None, name, title, Refresh(path, name, version))


def _written(data: bytes, moves: Iterable[_Move]) -> bytes:
    spliced: list[Splice] = []
    for line, release, _ in moves:
        change = Change(line.rewritten(release.version) or (), release.hashes)
        spliced += inventory.writing(line.manifest.path).write(data, line.requirement, change)
    return splices.apply(data, spliced)


def _row(line: _Line, release: Release) -> str:
    requirement = line.requirement
    if versions.is_pin(requirement.clauses):
        return f"`{requirement.name}` {requirement.clauses[0].version} → {release.version}"
    texts = [c.text for c in requirement.clauses]
    for index, text in line.rewritten(release.version) or ():
        texts[index] = text
    return f"`{requirement.name}` `{requirement.specifier}` → `{','.join(texts)}`"


def _title(name: str, moves: Sequence[_Move]) -> str:
    """Return a title of at most 72 characters: what it was, if that is one version, and what it becomes."""
    to = max((release.version for _, release, _ in moves), default=None)
    pins = [line for line, _, _ in moves if versions.is_pin(line.requirement.clauses)]
    olds = {line.requirement.clauses[0].version for line in pins}
    olds |= {str(old) for line, _, _ in moves for old in line.locked.values() if old and to and old < to}
    if not olds:
        titles = [f"Allow {name} {to}"]
    elif len(olds) == 1:
        titles = [f"Upgrade {name} from {olds.pop()} to {to}", f"Upgrade {name} to {to}"]
    else:
        titles = [f"Upgrade {name} to {to}"]
    return next((t for t in titles if len(t) <= _LONGEST_TITLE), f"{titles[-1][: _LONGEST_TITLE - 1]}…")
