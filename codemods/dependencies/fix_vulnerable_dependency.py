"""A published weakness is known to those who look for it from the day of its publication.

The version of a dependency that is in use here has one. This proposes the lowest release without a known
weakness, so that as little as possible changes on the way: within the same line of releases where one
fixes it there, else in the next line that does. It waits neither for the release age nor for the limits of
how much is proposed at a time; it still has to be a release that the project can install.

Only a version that is really in use counts: what is pinned or locked, or the newest release that a range
admits. That a range would admit an older, weaker release as well is no reason to change it. What only a lock
file names, because something else needs it, counts as well, and moves in that file alone. Advisories are
those that OSV collects; one that is known by several names is told of once. Where a comment holds the
version, where nothing fixes the weakness yet, or where the fix cannot be installed, nothing is changed, and
the reason is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from packaging.version import Version

from codemods import affected, inventory, transitives, upgrades, versions, weaknesses
from codemods.model import About, Applicability, Category, Facts, Finding, Release, Tree
from codemods.upgrades import Line, Move, Subject
from codemods.weaknesses import Advisory

ABOUT = About(
    title="Fix dependencies with published weaknesses",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A new release can change behaviour: read its notes, and let the tests decide.",
    references=(
        "https://osv.dev/list?ecosystem=PyPI",
        "https://ossf.github.io/osv-schema/",
    ),
    needles=(),
    minutes=20,
    asks=(
        "releases",
        "release_age",
        "floor",
        "pythons",
        "today",
        "refused",
        "tools",
        "unwritten",
        "advisories",
    ),
    urgent=True,
)

_ID = "fix-vulnerable-dependency"
_NEEDING = 3
"""How many are named that need a distribution."""


def ask(tree: Tree) -> frozenset[str]:
    """Return the names whose releases are needed: what is kept from the newest one, and what is locked."""
    return upgrades.ask(tree) | transitives.names(inventory.read(tree))


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what moves to a release without a known weakness, name by name, or why it does not."""
    for subject in affected.subjects(tree, facts, _ID):
        yield from _judge(subject, facts)


def _judge(subject: Subject, facts: Facts) -> Iterator[Finding]:
    known = facts.advisories[subject.name]
    moves: list[Move] = []
    fixed: list[Advisory] = []
    for group in subject.groups():
        weak = [line for line in group if affected.is_weak(line)]
        target = _target(group, weak, subject, known)
        moving = [line for line in group if target and upgrades.moves(line, target.version)]
        if weak and target and moving:
            gone = [a for a in _of(weak, known) if not a.concerns(target.version)]
            fixed += [a for a in gone if a not in fixed]
            left = _left(group, weak, target, subject, known)
            notes = [_note(moving[0], gone, target, facts) + left, *("" for _ in moving[1:])]
            moves += [(line, target, note) for line, note in zip(moving, notes, strict=True)]
        elif weak:
            message = f"{_affected(weak[0], facts)}; {_why(group, weak, subject, known)}"
            yield subject.said(weak[0].requirement, message)
    for finding in upgrades.proposed(subject, moves, _title(subject.name, moves, fixed)):
        yield replace(finding, answers=tuple(a.ids for a in fixed))


def _of(lines: Sequence[Line], known: Sequence[Advisory]) -> list[Advisory]:
    """Return the weaknesses that the versions in use have, the last published first."""
    found = dict.fromkeys(a for line in lines if line.used for a in weaknesses.of(known, line.used))
    return sorted(found, key=lambda a: a.published, reverse=True)


def _target(
    group: Sequence[Line], weak: Sequence[Line], subject: Subject, known: Sequence[Advisory]
) -> Release | None:
    """Return the lowest release with the fewest known weaknesses, None where none has fewer than now.

    Some are fixed by no release at all; they are no reason to stay with the others.
    """
    best = min(
        upgrades.fitting(group, subject.releases).values(),
        key=lambda r: (len(weaknesses.of(known, r.version)), r.version.is_prerelease, r.version),
        default=None,
    )
    return best if best and _is_better(best.version, weak, known) else None


def _is_better(version: Version, weak: Sequence[Line], known: Sequence[Advisory]) -> bool:
    now = max((len(weaknesses.of(known, line.used)) for line in weak if line.used), default=0)
    return len(weaknesses.of(known, version)) < now


def _note(line: Line, gone: Sequence[Advisory], target: Release, facts: Facts) -> str:
    """Return who needs it, what a move fixes, and that it did not wait where it would have had to."""
    needed = _needed(line)
    parts = [*([needed] if needed else []), f"fixes {weaknesses.told(gone, facts.today)}"]
    ages = facts.ages(line.requirement.name)
    terms = versions.Terms(facts.today, facts.release_age, prereleases=True, ages=ages, use=line.used)
    if versions.refusal(target, terms):
        parts.append("skips the release age")
    return "; ".join(parts)


def _left(
    group: Sequence[Line], weak: Sequence[Line], target: Release, subject: Subject, known: Sequence[Advisory]
) -> str:
    """Return what a move does not fix, and what would if nothing were in its way; ``""``: it fixes all."""
    left = weaknesses.of(known, target.version)
    if not left:
        return ""
    fix = _fix(group, weak, subject, known)
    is_fixed = fix is not None and len(weaknesses.of(known, fix.version)) < len(left)
    why = f": {_in_the_way(group, fix)}" if fix and is_fixed else ", which no release fixes yet"
    return f"; still affected by {weaknesses.named(left)}{why}"


def _needed(line: Line) -> str:
    """Return who needs what only a lock file names, as far as it says."""
    requirement, lock = line.requirement, line.manifest.lock
    entries = lock.locked if lock else ()
    via = next((e.via for e in entries if (e.name, e.line) == (requirement.name, requirement.line)), ())
    named = ", ".join(f"`{name}`" for name in via[:_NEEDING])
    more = f" and {len(via) - _NEEDING} more" if len(via) > _NEEDING else ""
    return f"needed by {named}{more}" if via else ""


def _affected(line: Line, facts: Facts) -> str:
    name, needed = line.requirement.name, _needed(line)
    told = weaknesses.told(_of([line], facts.advisories[name]), facts.today)
    return f"`{name}` {line.used}{f', {needed},' if needed else ''} is affected by {told}"


def _why(group: Sequence[Line], weak: Sequence[Line], subject: Subject, known: Sequence[Advisory]) -> str:
    """Return what keeps a group from the lowest release that would be better."""
    fix = _fix(group, weak, subject, known)
    return _in_the_way(group, fix) if fix else "no release fixes it yet"


def _fix(
    group: Sequence[Line], weak: Sequence[Line], subject: Subject, known: Sequence[Advisory]
) -> Release | None:
    """Return the lowest release that would be best if nothing were in its way, None where none is better."""
    now = max((line.used for line in group if line.used), default=None)
    newer = [r for r in subject.releases.releases if now and r.version > now and versions.is_offered(r)]
    better = [r for r in newer if _is_better(r.version, weak, known)]
    return min(better, key=lambda r: (len(weaknesses.of(known, r.version)), r.version), default=None)


def _in_the_way(group: Sequence[Line], fix: Release) -> str:
    for line in [*(one for one in group if one.fixed), *group]:
        if sentence := upgrades.obstacle(line, fix):
            return f"fixed in {fix.version}, but {sentence}"
    return f"fixed in {fix.version}, which does not fit every place that names it"


def _title(name: str, moves: Sequence[Move], fixed: Sequence[Advisory]) -> str:
    to = max((release.version for _, release, _ in moves), default=None)
    what = fixed[0].ids[0] if len(fixed) == 1 else f"{len(fixed)} vulnerabilities"
    olds = upgrades.past(moves)
    alone = [f"Upgrade {name} from {min(olds)} to {to} to fix {what}"] if len(olds) == 1 else []
    return upgrades.first_short([*alone, f"Upgrade {name} to {to} to fix {what}", f"Upgrade {name} to {to}"])
