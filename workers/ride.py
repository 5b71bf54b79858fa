"""Lets migrations ride with an upgrade over their version, and judges what it means for the repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from packaging.version import Version

from codemods import boundaries, elsewhere, impact, migrating, project, shipped
from codemods.boundaries import PYTHON, Boundary, Brought, Impact
from codemods.migrating import Overlaid
from codemods.model import Facts, Finding, Problem, Releases, Tree, Upgrade
from codemods.reexports import Sources
from codemods.registry import Improvement
from codemods.shipped import Migration, Refused, Shipment
from codemods.touched import Stride
from workers import calm, freight, rules
from workers.config import Config
from workers.freight import Freight

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
    """What migrations ride on: the tree, those that kotsu.yml leaves, its wishes, the facts, who compares.

    The ``freight`` are migrations that releases bring themselves; ``examine`` runs the others over files.
    """

    tree: Tree
    migrations: Sequence[Improvement]
    config: Config
    facts: Facts
    compare: Compare = nothing
    freight: Freight = freight.EMPTY
    examine: migrating.Examine = migrating.here

    def releases(self, upgrade: Upgrade) -> Releases:
        """Return the releases of what moves."""
        return self.facts.releases.get(upgrade.name, Releases(upgrade.name))


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
    brought = {f.way: _brought(road, f) for f in own if f.way}
    upgrades = [upgrade for upgrade, shipment in brought.items() if _is_looked_at(upgrade, shipment)]
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
        found = _ridden(road, tree, upgrade, brought[upgrade], lowest.get(upgrade.name))
        problems += found.failed
        tree = found.tree
        judge = partial(impact.judge, before, tree, sources=sources, strides=_strides(found.findings))
        told_of = _judged(road, found.told(upgrade), brought[upgrade], before, judge)
        told_of = _with_failed(told_of, found.failed)
        judged[upgrade] = _with_lowest(road, told_of, lowest.get(upgrade.name))
        first = next(f for f in own if f.way == upgrade)
        rides += [
            replace(
                f,
                improvement=first.improvement,
                target=first.target,
                title=first.title,
                group=first.group,
                stride=stride + f.stride,
            )
            for f in found.findings
        ]
    return [*(_told(f, judged) for f in findings), *rides]


def _brought(road: Road, finding: Finding) -> Shipment:
    """Return what a release brings along; a Python brings nothing."""
    if finding.upgrade is None:
        return Shipment()
    upgrade = finding.upgrade
    return freight.brought(road.config, road.freight, upgrade, road.releases(upgrade))


def _told(finding: Finding, judged: Mapping[Upgrade, Upgrade]) -> Finding:
    if finding.upgrade:
        return replace(finding, upgrade=judged.get(finding.upgrade, finding.upgrade))
    return replace(finding, onto=judged.get(finding.onto, finding.onto)) if finding.onto else finding


def _is_looked_at(upgrade: Upgrade, shipment: Shipment) -> bool:
    curated = boundaries.of(upgrade.name)
    if shipment != Shipment() or upgrade.is_major:
        return True
    if curated is None or upgrade.before is None:
        return False
    known = curated.between(upgrade.before, upgrade.after)
    return bool(known.changes or known.notes)


@dataclass
class _Ridden:
    """What migrations found so far, the tree that they made, what is told of those that were brought.

    ``failed`` are the files that one of them could not judge.
    """

    tree: Overlaid
    findings: list[Finding] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)
    stride: int = 0

    def add(self, migration: Improvement | Migration, fresh: Sequence[Finding]) -> None:
        """Take what a migration found along, as the next stride."""
        self.stride += 1
        self.findings += [replace(f, rides=migration.id, stride=self.stride) for f in fresh]
        self.tree = self.tree.edited(f.edit for f in fresh if f.edit)

    def carry(self, migration: Migration, fresh: Sequence[Finding] | Refused) -> None:
        """Take along what a migration found that the release brings, or say why it was not applied."""
        if isinstance(fresh, Refused):
            name, words = calm.code(migration.id), calm.line(fresh.words)
            self.remarks.append(f"Its migration {name} was not applied: {words}.")
        elif fresh:
            self.add(migration, fresh)
            about = migration.about
            self.brought.append(Brought(migration.id, about.title, migration.why, about.risk))

    def told(self, upgrade: Upgrade) -> Upgrade:
        """Return an upgrade that knows of it."""
        return replace(upgrade, brought=tuple(self.brought), remarks=tuple(self.remarks))


def _ridden(
    road: Road, tree: Overlaid, upgrade: Upgrade, shipment: Shipment, lowest: Version | None
) -> _Ridden:
    """Return what the migrations over an upgrade's version find, and the tree that they make."""
    found = _Ridden(tree, remarks=list(shipment.sentences))
    known = replace(
        road.facts, dependencies={**road.facts.dependencies, upgrade.name: lowest or Version("0")}
    )
    kept = freight.kept(road.config, upgrade)
    every: list[Improvement | Migration] = [*road.migrations, *shipment.migrations]
    for migration in migrating.crossed(every, upgrade, lowest):
        if isinstance(migration, Migration):
            told = shipped.Facts(str(upgrade.before), str(upgrade.after), str(lowest), road.facts.floor)
            found.carry(migration, freight.carried(road.freight, found.tree, migration, told, kept))
            continue
        asked = rules.facts(known, migration, road.config)
        ignored = lambda path, id_=migration.id: road.config.ignored(path, id_)  # noqa: E731 -- one line
        fresh, failed = migrating.applied(found.tree, migration, asked, ignored, road.examine)
        found.add(migration, [f for f in fresh if _is_wanted(road.config, migration, f)])
        found.failed += failed
    return found


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


def _judged(
    road: Road, upgrade: Upgrade, shipment: Shipment, before: Overlaid, judge: Callable[..., Impact]
) -> Upgrade:
    """Return an upgrade with what it means for the repository, where anything is known of it."""
    curated = freight.joined(boundaries.of(upgrade.name), shipment.boundary)
    is_compared = upgrade.is_major and upgrade.name != PYTHON
    compared = road.compare(upgrade, road.releases(upgrade)) if is_compared else ""
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
