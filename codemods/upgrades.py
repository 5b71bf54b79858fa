"""Judges how far each requirement on a distribution may move, and writes the moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from codemods import inventory, locks, pythons, splices, transitives, unpinning, versions, weaknesses
from codemods.manifests import addresses
from codemods.manifests.model import Change, Manifest, Requirement, Role
from codemods.model import Edit, Facts, Finding, Refresh, Release, Releases, Splice, Tree, Upgrade
from codemods.unpinning import Freed

_LONGEST_TITLE = 72


@dataclass(frozen=True)
class Line:
    """One requirement with all that decides about it.

    ``scope`` are the Pythons it is read on; ``fixed`` says why its specifier does not change, ``""`` when it
    may, ``held`` whether that holds its lock files too; ``used`` is the version it installs today;
    ``refused`` are versions that do not resolve here; ``locked`` are the lock files that are written from it,
    each with the version there (None: it is not in it); ``advisories`` are published against it.
    ``is_doubtful`` says that it may be another distribution than the one that the index knows by its name;
    ``freed`` takes a comment away that held it until now.
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
    advisories: Sequence[weaknesses.Advisory]
    is_doubtful: bool
    freed: Freed | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether it is one exact version."""
        return versions.is_pin(self.requirement.clauses)

    def admits(self, version: Version) -> bool:
        """Say whether it can be installed with a version as it is written."""
        return versions.admits(self.requirement.clauses, version)

    def is_behind(self, version: Version) -> bool:
        """Say whether it keeps a newer version from being installed."""
        keeps = not self.admits(version) or bool(self.locked)
        return keeps and self.used is not None and self.used < version

    def lags(self, version: Version) -> bool:
        """Say whether a lock file written from it is behind a version."""
        return any(locked is not None and locked < version for locked in self.locked.values())

    def only_lock(self, version: Version) -> bool:
        """Say whether a version would change its lock files, and they are free to."""
        return self.admits(version) and self.lags(version) and not self.held

    def rewritten(self, version: Version) -> tuple[tuple[int, str], ...] | None:
        """Return the clauses to change, by index, so that a version is admitted; None where none would do."""
        keep_floor = self.requirement.role is Role.LIBRARY
        return versions.rewritten(self.requirement.clauses, version, keep_floor=keep_floor)


Move = tuple[Line, Release, str]
"""A line, the release it moves to, and a note that stands behind the two numbers (``""``: none)."""

Declared = tuple[Manifest, Requirement]


@dataclass(frozen=True, slots=True)
class World:
    """What all lines are judged by; ``renewed`` are the lock files that can be written again, by path."""

    tree: Tree
    facts: Facts
    renewed: Mapping[str, Manifest]

    def locked(self, path: str, name: str) -> Sequence[Version]:
        """Return the versions of a name in a lock file, the lowest first."""
        lock = self.renewed[path].lock
        return locks.versions(lock, name) if lock else ()


@dataclass(frozen=True)
class Subject:
    """One distribution: its releases, and the requirements on it that are no tool's.

    ``improvement`` is the id of the one that asks.
    """

    improvement: str
    world: World
    name: str
    declared: Sequence[Declared]
    releases: Releases

    def groups(self) -> list[list[Line]]:
        """Return the lines that can meet in one environment together; build environments are apart."""
        return _groups([_line(self.world, declared, self.releases) for declared in self.declared])

    def said(self, requirement: Requirement, message: str) -> Finding:
        """Return a finding without an edit."""
        return Finding(self.improvement, requirement.path, requirement.line, message, target=self.name)


def ask(tree: Tree) -> frozenset[str]:
    """Return the names whose releases are needed: those that something keeps from the newest release."""
    declared = inventory.read(tree).by_name()
    return frozenset(name for name, found in declared.items() if any(map(is_bounded, found)))


def subjects(tree: Tree, facts: Facts, improvement: str, *, transitive: bool = False) -> Iterator[Subject]:
    """Return each distribution that something keeps from its newest release, and whose releases are known.

    With ``transitive`` the lock files' entries count that no requirement speaks for.
    """
    known = inventory.read(tree)
    renewed = {m.path: m for m in known.manifests if _is_renewed(m, facts)}
    world = World(tree, facts, renewed)
    declared = known.by_name()
    entries = transitives.by_name(known, renewed, facts.unwritten) if transitive else {}
    for name in sorted(declared.keys() | entries.keys()):
        found = [(m, r) for m, r in declared.get(name, ()) if m.path not in renewed]
        found += entries.get(name, ())
        releases = facts.releases.get(name)
        if releases is not None and any(map(is_bounded, found)):
            yield Subject(improvement, world, name, found, releases)


def _is_renewed(manifest: Manifest, facts: Facts) -> bool:
    lock = manifest.lock
    return lock is not None and lock.tool in facts.tools and bool(lock.sources)


def is_bounded(declared: Declared) -> bool:
    """Say whether a requirement, or a lock file written from it, can keep out newer releases."""
    manifest, requirement = declared
    return versions.is_bounded(requirement.clauses) or bool(locks_of(manifest, requirement))


def locks_of(manifest: Manifest, requirement: Requirement) -> Sequence[str]:
    """Return the lock files that a requirement goes into; no lock file has what a build asks for."""
    return () if requirement.role is Role.BUILD else manifest.locks


def moves(line: Line, version: Version) -> bool:
    """Say whether a version changes a line or a lock file written from it."""
    return line.only_lock(version) or not (line.fixed or line.admits(version))


def _line(world: World, declared: Declared, releases: Releases) -> Line:
    """Return a requirement with what decides about it."""
    (manifest, requirement), facts = declared, world.facts
    written = [path for path in locks_of(manifest, requirement) if path in world.renewed]
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
        ages=facts.ages(requirement.name),
        use=used,
        minors=minors,
        kept=tuple(m for m in minors if release and m in running),
        wheel=bool(release and release.wheel),
        prereleases=bool(used and used.is_prerelease) or versions.names_prerelease(requirement.clauses),
        digests=bool(requirement.hashes),
    )
    freed = unpinning.freed(manifest, requirement, world.tree, facts)
    held = _held(world, declared, releases, is_free=freed is not None)
    fixed = held or shaped(requirement)
    if not fixed and not scope:
        fixed = f"`{requirement.name}`: its marker names none of the Pythons that this project supports"
    is_exact = bool(locked) or versions.is_pin(requirement.clauses)
    unlike = _unlike(requirement, release, used) if is_exact else ""
    if not fixed and versions.is_pin(requirement.clauses):
        fixed = unlike
    return Line(
        manifest,
        requirement,
        frozenset(scope),
        terms,
        fixed,
        bool(held),
        used,
        facts.refused.get(requirement.name, {}),
        {path: min(found, default=None) for path, found in locked.items()},
        facts.advisories.get(requirement.name, ()),
        bool(unlike),
        freed,
    )


def _held(world: World, declared: Declared, releases: Releases, *, is_free: bool) -> str:
    """Return why neither a requirement nor its lock files may move, as a sentence; ``""`` when they may."""
    manifest, requirement = declared
    named = f"`{requirement.name}`"
    foreign = [i for i in manifest.indexes if not is_asked(i, releases)]
    written = locks_of(manifest, requirement)
    if manifest.sealed:
        return f"{named}: {manifest.sealed}"
    if left := [path for path in written if path not in world.renewed]:
        return f"{named}: `{left[0]}` would have to be refreshed with it"
    if forked := [path for path in written if len(world.locked(path, requirement.name)) > 1]:
        return f"{named} is locked at more than one version in `{forked[0]}`"
    if requirement.hold and not is_free:
        return f"{named} is held at `{requirement.written}` by {requirement.hold}"
    if foreign:
        return f"{named} may come from {foreign[0]}, which `{requirement.path}` names and which was not asked"
    return ""


def is_asked(index: str, releases: Releases) -> bool:
    """Say whether an index that a file names is among those that were asked for some releases."""
    return any(addresses.is_same(index, one) for one in (releases.index or addresses.PYPI, *releases.passed))


def shaped(requirement: Requirement) -> str:
    """Return why a specifier's form means that it must not move."""
    named = f"`{requirement.name}`"
    is_pin = versions.is_pin(requirement.clauses)
    operators = {c.operator for c in requirement.clauses}
    if "===" in operators or any(c.operator == "==" and c.version.endswith("*") for c in requirement.clauses):
        return f"{named} is kept on one line of releases by `{requirement.written}`"
    if requirement.role is Role.BUILD and not is_pin:
        return f"{named}: a build requirement is moved only where it is pinned"
    if requirement.role is Role.CONSTRAINT and not is_pin:
        return f"{named} is held at `{requirement.written}` by the constraints of `{requirement.path}`"
    if operators and operators <= {"<", "<=", "!="}:
        return f"{named} is held at `{requirement.written}`: a cap without a floor was written to hold"
    return ""


def _unlike(requirement: Requirement, release: Release | None, used: Version | None) -> str:
    """Return why a pin is not the distribution that the index knows by its name."""
    named = f"`{requirement.name}`"
    if used is None or used.local:
        return f"{named} is pinned to `{requirement.written}`, which is no public release"
    if release is None:
        return f"{named} {used} is not on the index: it may be another distribution of that name"
    digests = {h.digest for h in requirement.hashes}
    if digests and release.hashes and digests.isdisjoint(release.hashes):
        return f"{named} {used} has other hashes on the index: it may be another distribution of that name"
    return ""


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines that can meet in one environment together; those of builds and hooks are apart."""
    groups: list[list[Line]] = []
    for line in lines:
        meeting = [g for g in groups if any(_meet(line, other) for other in g)]
        groups = [g for g in groups if g not in meeting]
        groups.append([*(other for g in meeting for other in g), line])
    return groups


def _meet(one: Line, other: Line) -> bool:
    if one.manifest.isolated or other.manifest.isolated:
        places = {(line.manifest.path, line.requirement.section) for line in (one, other)}
        return len(places) == 1
    is_build = one.requirement.role is Role.BUILD
    return is_build == (other.requirement.role is Role.BUILD) and not one.scope.isdisjoint(other.scope)


def obstacle(line: Line, release: Release) -> str:
    """Return what keeps a line from a release, as a sentence; ``""`` when nothing does."""
    name, version = line.requirement.name, release.version
    if line.fixed and not line.only_lock(version):
        return "" if line.admits(version) and not line.lags(version) else line.fixed
    if words := _refusal(line, release):
        return f"`{name}` {version} {words}"
    if line.rewritten(version) is None:
        return f"`{name}` {version} cannot be admitted by changing `{line.requirement.written}`"
    return ""


def _refusal(line: Line, release: Release) -> str:
    """Return why a line may not have a release, in words that follow its number; ``""`` when it may."""
    version = release.version
    if sentence := line.refused.get(version):
        return f"does not install here: {sentence}"
    if line.freed and line.freed.beyond and version <= line.freed.beyond:
        return "is from before the fix that its comment waits for"
    if line.used is not None and version < line.used:
        return f"is older than {line.used}"
    if line.used != version and (words := versions.refusal(release, line.terms)):
        return words
    new = weaknesses.entered(line.advisories, line.used, version)
    return f"is affected by {weaknesses.named(new)}" if new else ""


def fitting(group: Sequence[Line], releases: Releases) -> Mapping[Version, Release]:
    """Return the releases that every line of a group admits or may move to."""
    return {
        release.version: release
        for release in releases.releases
        if all(not obstacle(line, release) for line in group)
    }


def proposed(subject: Subject, moves: Sequence[Move], title: str) -> Iterator[Finding]:
    """Return the findings of one distribution's moves; those in one file share its edit."""
    if not moves:
        return
    upgrade = step(subject, moves)
    by_path: dict[str, list[Move]] = {}
    for move in moves:
        if not move[0].admits(move[1].version):
            by_path.setdefault(move[0].manifest.path, []).append(move)
    for path, here in by_path.items():
        data = subject.world.tree.read(path)
        edit = Edit(path, data, _written(data, here))
        for line, release, note in here:
            why = "; ".join(filter(None, (note, line.freed.why if line.freed else "")))
            message = _row(line, release) + (f" ({why})" if why else "")
            place = path, line.requirement.line
            yield Finding(subject.improvement, *place, message, edit, subject.name, title, upgrade=upgrade)
    for finding in _refreshed(subject, moves, title):
        yield replace(finding, upgrade=upgrade)


def _refreshed(subject: Subject, moves: Sequence[Move], title: str) -> Iterator[Finding]:
    """Return a finding for each lock file that has to be written again."""
    name = subject.name
    for path in dict.fromkeys(path for line, _, _ in moves for path in line.locked):
        version = max(release.version for line, release, _ in moves if path in line.locked)
        was = min((v for line, _, _ in moves if (v := line.locked.get(path))), default=None)
        lock = subject.world.renewed[path].lock
        place = next((found.line for found in (lock.locked if lock else ()) if found.name == name), 1)
        message = f"`{name}` {was} → {version}" if was and was < version else f"`{name}` as declared"
        # A line that changes has said it already.
        notes = [n for line, release, n in moves if path in line.locked and line.admits(release.version)]
        message += next((f" ({note})" for note in notes if note), "")
        refresh = Refresh(path, name, version)
        yield Finding(subject.improvement, path, place, message, None, name, title, refresh)


def _written(data: bytes, moves: Iterable[Move]) -> bytes:
    spliced: list[Splice] = []
    for line, release, _ in moves:
        change = Change(line.rewritten(release.version) or (), release.hashes)
        spliced += inventory.writing(line.manifest.path).write(data, line.requirement, change)
        spliced += [line.freed.splice] if line.freed else []
    return splices.apply(data, spliced)


def _row(line: Line, release: Release) -> str:
    requirement = line.requirement
    if line.is_pinned:
        return f"`{requirement.name}` {requirement.clauses[0].version} → {release.version}"
    texts = [c.written for c in requirement.clauses]
    for index, text in line.rewritten(release.version) or ():
        texts[index] = text
    return f"`{requirement.name}` `{requirement.written}` → `{','.join(texts)}`"


def past(moves: Sequence[Move]) -> set[str]:
    """Return the versions that moves start from, where they are exact."""
    to = max((release.version for _, release, _ in moves), default=None)
    pins = {line.requirement.clauses[0].version for line, _, _ in moves if line.is_pinned}
    return pins | {str(v) for line, _, _ in moves for v in line.locked.values() if v and to and v < to}


def first_short(titles: Sequence[str]) -> str:
    """Return the first title of at most 72 characters, or the last one cut."""
    fits = (title for title in titles if len(title) <= _LONGEST_TITLE)
    return next(fits, f"{titles[-1][: _LONGEST_TITLE - 1]}…")


def step(subject: Subject, moves: Sequence[Move]) -> Upgrade:
    """Return the largest step among some moves of a distribution."""
    before = min((line.used for line, _, _ in moves if line.used), default=None)
    release = max((release for _, release, _ in moves), key=lambda r: r.version)
    old = next((r.requires_python for r in subject.releases.releases if r.version == before), "")
    day = versions.day(release)
    is_public = addresses.is_same(subject.releases.index or addresses.PYPI, addresses.PYPI)
    return Upgrade(
        subject.name,
        before,
        release.version,
        all(line.requirement.role is Role.DEVELOPMENT for line, _, _ in moves),
        day.isoformat() if day else "",
        max((subject.world.facts.today - day).days, 0) if day else 0,
        (old, release.requires_python),
        f"https://pypi.org/project/{subject.name}/{release.version}/" if is_public else "",
    )
