"""Lets migrations ride with an upgrade over their version, and judges what it means for the repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from packaging.version import Version

from codemods import boundaries, elsewhere, impact, migrating, project
from codemods.boundaries import PYTHON, Boundary, Impact
from codemods.migrating import Overlaid
from codemods.model import Facts, Finding, Problem, Releases, Tree, Upgrade
from codemods.reexports import Sources
from codemods.registry import Improvement
from codemods.touched import Stride
from workers import rules
from workers.config import Config

Compare = Callable[[Upgrade, Releases], Boundary | str]
"""Answers with what is different by name in the release that an upgrade leads to.

The releases of its name say which index knows it. Text says why nobody can compare, ``""`` that nobody did.
"""


Comparing = Callable[[Upgrade, Releases], Boundary | str | Problem]
"""Compares as well; a problem is for the operator, and says why nobody can compare for now."""


def nothing(_: Upgrade, __: Releases) -> Boundary | str:
    """Answer nothing: what is known of a release where nobody looks at it."""
    return ""


@dataclass(frozen=True)
class Road:
    """What migrations ride on: the tree, those that kotsu.yml leaves, its wishes, the facts, who compares."""

    tree: Tree
    migrations: Sequence[Improvement]
    config: Config
    facts: Facts
    compare: Compare = nothing


def along(
    road: Road, findings: Sequence[Finding], names: Sequence[str], problems: list[Problem]
) -> list[Finding]:
    """Return the findings, those about these distributions with what rides with them.

    Upgrades to another major version are looked at, and others where something is known to change on the way;
    so is the way to another Python. ``problems`` learn which files a migration could not judge; it goes on
    with the others.
    The edits of one distribution are made on top of those of the others.
    """
    own = [f for f in findings if f.target in names and f.changes and f.way]
    upgrades = dict.fromkeys(f.way for f in own if f.way and _is_looked_at(f.way))
    if not upgrades:
        return list(findings)
    tree = Overlaid(road.tree).edited(f.edit for f in own if f.edit)
    declared = project.read(tree)
    lowest = {**declared.development, **declared.dependencies}
    judged: dict[Upgrade, Upgrade] = {}
    rides: list[Finding] = []
    sources = Sources()
    for upgrade in upgrades:
        before, stride = tree, max((f.stride for f in rides), default=0)
        fresh, failed, tree = _ridden(road, tree, upgrade, lowest.get(upgrade.name), stride)
        problems += failed
        judge = partial(impact.judge, before, tree, sources=sources, strides=_strides(fresh))
        told_of = _with_failed(_judged(road, upgrade, before, judge), failed)
        judged[upgrade] = _with_lowest(road, told_of, lowest.get(upgrade.name))
        first = next(f for f in own if f.way == upgrade)
        rides += [
            replace(
                f, improvement=first.improvement, target=first.target, title=first.title, group=first.group
            )
            for f in fresh
        ]
    return [*(_told(f, judged) for f in findings), *rides]


def _told(finding: Finding, judged: Mapping[Upgrade, Upgrade]) -> Finding:
    if finding.upgrade:
        return replace(finding, upgrade=judged.get(finding.upgrade, finding.upgrade))
    return replace(finding, onto=judged.get(finding.onto, finding.onto)) if finding.onto else finding


def _is_looked_at(upgrade: Upgrade) -> bool:
    curated = boundaries.of(upgrade.name)
    if upgrade.is_major or curated is None or upgrade.before is None:
        return upgrade.is_major
    known = curated.between(upgrade.before, upgrade.after)
    return bool(known.changes or known.notes)


def _ridden(
    road: Road, tree: Overlaid, upgrade: Upgrade, lowest: Version | None, stride: int
) -> tuple[list[Finding], list[Problem], Overlaid]:
    """Return what the migrations over an upgrade's version find, what fails, and the tree that they make."""
    found: list[Finding] = []
    problems: list[Problem] = []
    known = replace(
        road.facts, dependencies={**road.facts.dependencies, upgrade.name: lowest or Version("0")}
    )
    for migration in migrating.crossed(road.migrations, upgrade, lowest):
        asked = rules.facts(known, migration, road.config)
        ignored = lambda path, id_=migration.id: road.config.ignored(path, id_)  # noqa: E731 -- one line
        every, failed = migrating.applied(tree, migration, asked, ignored)
        fresh = [f for f in every if _is_wanted(road.config, migration, f)]
        problems += failed
        stride += 1
        found += [replace(f, rides=migration.id, stride=stride) for f in fresh]
        tree = tree.edited(f.edit for f in fresh if f.edit)
    return found, problems, tree


def _is_wanted(config: Config, migration: Improvement, finding: Finding) -> bool:
    """Say whether kotsu.yml's rules leave a migration of a file, as if it went by itself."""
    about = rules.about_one(migration, [finding])
    return rules.wishes(config, about).enabled and not rules.doubt(config, about)


def _with_failed(upgrade: Upgrade, failed: Sequence[Problem]) -> Upgrade:
    """Return an upgrade that names the files in which a migration failed."""
    if upgrade.impact is None or not failed:
        return upgrade
    unread = {*upgrade.impact.unread, *(problem.path for problem in failed)}
    return replace(upgrade, impact=replace(upgrade.impact, unread=tuple(sorted(unread))))


def _strides(fresh: Sequence[Finding]) -> tuple[Stride, ...]:
    found = (
        Stride(f.rides, f.path, f.edit.before, f.edit.after)
        for f in fresh
        if f.edit is not None and f.edit.before is not None and f.edit.after is not None
    )
    return tuple(dict.fromkeys(found))


def _with_lowest(road: Road, upgrade: Upgrade, lowest: Version | None) -> Upgrade:
    """Return an upgrade that says which version code stays for, where a migration waits for its end."""
    found = upgrade.impact
    if found is None or lowest is None:
        return upgrade
    crossed = (migrating.crossed(road.migrations, upgrade, version) for version in (upgrade.after, lowest))
    every, now = ({migration.id for migration in some} for some in crossed)
    stays = any(used.after and used.change.by in every - now for used in found.used)
    return replace(upgrade, impact=replace(found, lowest=lowest)) if stays else upgrade


def _judged(road: Road, upgrade: Upgrade, before: Overlaid, judge: Callable[..., Impact]) -> Upgrade:
    """Return an upgrade with what it means for the repository, where anything is known of it."""
    curated = boundaries.of(upgrade.name)
    releases = road.facts.releases.get(upgrade.name, Releases(upgrade.name))
    compared = road.compare(upgrade, releases) if upgrade.is_major and upgrade.name != PYTHON else ""
    if upgrade.before is None or (curated is None and not compared):
        return upgrade
    known = (curated or Boundary(())).between(upgrade.before, upgrade.after)
    if known.standard:
        known = elsewhere.left(known, before)
    if isinstance(compared, str):
        found = replace(judge(known), uncompared=compared)
        # Nobody expects that a minor version breaks anything, and wants to read that it does not.
        is_news = upgrade.is_major or not found.is_harmless
        return replace(upgrade, impact=found) if is_news else upgrade
    said = {change.name for change in known.changes}
    new = (c for c in compared.changes if c.name not in said)
    modules = tuple(dict.fromkeys((*known.modules, *compared.modules)))
    known = replace(known, modules=modules, changes=(*known.changes, *new))
    return replace(upgrade, impact=judge(known, compared=True))
