"""A dependency that is moved a little and often is cheap to move; one that is left for years is a project.

Each release brings fixes, and the further a pin falls behind, the more of other people's changes arrive on
the day that an advisory makes the step urgent. This proposes the newest release that the project can really
install: not yanked, not a pre-release, running on every Python that the project declares, with wheels where
there were wheels, and older than the release age, so that a bad release has been noticed by somebody else.

Only version numbers change. Pins move; a range is widened when its cap excludes the new release, and its
floor stays; every place that names the distribution moves together, or none does. Versions that a comment
holds, compiled files, and files with a lock file that would have to be refreshed are left alone, with the
reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from codemods import inventory, pythons, splices, versions
from codemods.manifests import addresses
from codemods.manifests.model import Change, Manifest, Requirement, Role
from codemods.model import (
    About,
    Applicability,
    Category,
    Edit,
    Facts,
    Finding,
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
    asks=("releases", "release_age", "floor", "pythons", "today", "refused"),
)

_ID = "upgrade-dependency"
_LONGEST_TITLE = 72


@dataclass(frozen=True)
class _Line:
    """One requirement with all that decides about it.

    ``scope`` are the Pythons it is read on; ``fixed`` says why it does not move, ``""`` when it may;
    ``used`` is the version it installs today; ``refused`` are versions that do not resolve here.
    """

    manifest: Manifest
    requirement: Requirement
    scope: frozenset[pythons.Minor]
    terms: versions.Terms
    fixed: str
    used: Version | None
    refused: Mapping[Version, str]

    @property
    def keeps_floor(self) -> bool:
        return self.requirement.role is Role.LIBRARY

    def admits(self, version: Version) -> bool:
        return versions.admits(self.requirement.clauses, version)

    def is_behind(self, version: Version) -> bool:
        return not self.admits(version) and self.used is not None and self.used < version

    def rewritten(self, version: Version) -> tuple[tuple[int, str], ...] | None:
        clauses = self.requirement.clauses
        return versions.rewritten(clauses, version, keep_floor=self.keeps_floor)


_Move = tuple[_Line, Release, str]
"""A line, the release it moves to, and what keeps it from the newest one (``""``: nothing)."""


def ask(tree: Tree) -> frozenset[str]:
    """Return the names whose releases are needed: those that a requirement keeps from the newest release."""
    declared = inventory.read(tree).by_name()
    return frozenset(name for name, found in declared.items() if any(_is_bounded(r) for _, r in found))


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what would move, name by name, and what would not and why."""
    for name, found in sorted(inventory.read(tree).by_name().items()):
        releases = facts.releases.get(name)
        if releases is None or not any(_is_bounded(r) for _, r in found):
            continue
        if releases.error:
            first = next(r for _, r in found if _is_bounded(r))
            yield _said(first, f"`{name}`: {releases.error}")
        else:
            yield from _judge(tree, name, found, releases, facts)


def _is_bounded(requirement: Requirement) -> bool:
    return versions.is_bounded(requirement.clauses)


def _said(requirement: Requirement, message: str) -> Finding:
    return Finding(_ID, requirement.path, requirement.line, message, target=requirement.name)


def _judge(
    tree: Tree,
    name: str,
    found: Sequence[tuple[Manifest, Requirement]],
    releases: Releases,
    facts: Facts,
) -> Iterator[Finding]:
    lines = [_line(manifest, requirement, releases, facts) for manifest, requirement in found]
    moves: list[_Move] = []
    for group in _groups(lines):
        target = _target(group, releases)
        behind = _unmet(name, group, releases, target)
        moving = [line for line in group if target and not line.fixed and not line.admits(target.version)]
        moves += [(line, target, behind[1] if behind else "") for line in moving if target]
        if behind and not moving:
            yield _said(behind[0].requirement, behind[1])
    yield from _proposed(tree, name, moves)


def _line(manifest: Manifest, requirement: Requirement, releases: Releases, facts: Facts) -> _Line:
    """Return a requirement with what decides about it."""
    used = versions.in_use(requirement.clauses, releases.releases)
    release = next((r for r in releases.releases if r.version == used), None)
    running = (release and pythons.admitted(release.requires_python)) or pythons.MINORS
    declared = facts.pythons or pythons.MINORS
    scope = tuple(m for m in declared if m in pythons.marked(requirement.marker))
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
    fixed = _fixed(manifest, requirement, releases)
    if not fixed and not scope:
        fixed = f"`{requirement.name}`: its marker names none of the Pythons that this project supports"
    if not fixed and versions.is_pin(requirement.clauses):
        fixed = _unlike(requirement, release, used)
    refused = facts.refused.get(requirement.name, {})
    return _Line(manifest, requirement, frozenset(scope), terms, fixed, used, refused)


def _fixed(manifest: Manifest, requirement: Requirement, releases: Releases) -> str:
    """Return why a requirement must not move, as a sentence; ``""`` when it may."""
    named = f"`{requirement.name}`"
    foreign = [i for i in manifest.indexes if not _is_asked(i, releases)]
    if manifest.sealed:
        return f"{named}: {manifest.sealed}"
    if requirement.hold:
        return f"{named} is held at `{requirement.specifier}` by {requirement.hold}"
    if foreign:
        return f"{named} may come from {foreign[0]}, which `{requirement.path}` names and which was not asked"
    return _shaped(requirement)


def _is_asked(index: str, releases: Releases) -> bool:
    return addresses.is_same(index, releases.index or addresses.PYPI)


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
    if line.fixed:
        return "" if line.admits(version) else line.fixed
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


def _proposed(tree: Tree, name: str, moves: Sequence[_Move]) -> Iterator[Finding]:
    """Return the findings of one name's moves; those in one file share its edit."""
    title = _title(name, moves)
    by_path: dict[str, list[_Move]] = {}
    for move in moves:
        by_path.setdefault(move[0].manifest.path, []).append(move)
    for path, here in by_path.items():
        data = tree.read(path)
        edit = Edit(path, data, _written(data, here))
        for line, release, unmet in here:
            message = _row(line, release) + (f" ({unmet})" if unmet else "")
            yield Finding(_ID, path, line.requirement.line, message, edit, name, title)


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
    if not pins:
        titles = [f"Allow {name} {to}"]
    elif len(olds) == 1:
        titles = [f"Upgrade {name} from {olds.pop()} to {to}", f"Upgrade {name} to {to}"]
    else:
        titles = [f"Upgrade {name} to {to}"]
    return next((t for t in titles if len(t) <= _LONGEST_TITLE), f"{titles[-1][: _LONGEST_TITLE - 1]}…")
