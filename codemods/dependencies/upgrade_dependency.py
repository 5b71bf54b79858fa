"""A dependency that is moved a little and often is cheap to move; one that is left for years is a project.

Each release brings fixes, and the further a pin falls behind, the more of other people's changes arrive on
the day that an advisory makes the step urgent. This proposes the newest release that the project can really
install: not yanked, not a pre-release, running on every Python that the project declares, with wheels where
there were wheels, without a published weakness that the version in use has not, and older than the release
age, so that a bad release has been noticed by somebody else.

Only version numbers change. Pins move; a range is widened when its cap excludes the new release, and its
floor stays; every place that names the distribution moves together, or none does. A lock file is written
again by its own tool, for this one distribution. Versions that a comment holds, and files with a lock file
that cannot be written again, are left alone, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemods import upgrades, versions
from codemods.model import About, Applicability, Category, Facts, Finding, Release, Releases, Tree
from codemods.upgrades import Line, Move, Subject

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
    asks=(
        *("releases", "release_age", "floor", "pythons", "today", "refused", "tools", "advisories"),
        *("dependencies", "own_version", "issues", "listed"),
    ),
    options={"shipped-migrations": True},
)

_ID = "upgrade-dependency"


def ask(tree: Tree) -> frozenset[str]:
    """Return the names whose releases are needed: those that something keeps from the newest release."""
    return upgrades.ask(tree)


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what would move, name by name, and what would not and why."""
    for subject in upgrades.subjects(tree, facts, _ID):
        if error := subject.releases.error:
            first = next(declared[1] for declared in subject.declared if upgrades.is_bounded(declared))
            yield subject.said(first, f"`{subject.name}`: {error}")
        else:
            yield from _judge(subject)


def _judge(subject: Subject) -> Iterator[Finding]:
    moves: list[Move] = []
    for group in subject.groups():
        target = _target(group, subject.releases)
        behind = _unmet(subject.name, group, subject.releases, target)
        moving = [line for line in group if target and upgrades.moves(line, target.version)]
        moves += [(line, target, behind[1] if behind else "") for line in moving if target]
        if behind and not moving:
            yield subject.said(behind[0].requirement, behind[1])
    yield from upgrades.proposed(subject, moves, _title(subject.name, moves))


def _target(group: Sequence[Line], releases: Releases) -> Release | None:
    """Return the newest release that every line of a group admits or may move to, None without one."""
    fitting = upgrades.fitting(group, releases)
    version = versions.best(fitting)
    return fitting[version] if version else None


def _unmet(
    name: str, group: Sequence[Line], releases: Releases, target: Release | None
) -> tuple[Line, str] | None:
    """Return the line and the sentence that keep a group from the newest release; None when nothing does."""
    newest = versions.newest(releases.releases)
    if newest is None or newest == target:
        return None
    behind = [line for line in group if line.is_behind(newest.version)]
    if not behind:
        return None
    for line in [*(b for b in behind if b.fixed), *behind, *group]:
        if sentence := upgrades.obstacle(line, newest):
            return behind[0] if line not in behind else line, sentence
    return behind[0], f"`{name}` {newest.version} does not fit every place that names it"


def _title(name: str, moves: Sequence[Move]) -> str:
    """Return a title: what it was, if that is one version, and what it becomes."""
    to = max((release.version for _, release, _ in moves), default=None)
    olds = upgrades.past(moves)
    if not olds and not any(_leaves(line, release) for line, release, _ in moves):
        return upgrades.first_short([f"Allow {name} {to}"])
    alone = [f"Upgrade {name} from {min(olds)} to {to}"] if len(olds) == 1 else []
    return upgrades.first_short([*alone, f"Upgrade {name} to {to}"])


def _leaves(line: Line, release: Release) -> bool:
    """Say whether a line that moves to a release leaves older ones behind, as a caret does."""
    return any(not text.startswith(("<", ">", "!")) for _, text in line.rewritten(release.version) or ())
