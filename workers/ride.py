"""Lets migrations ride with an upgrade over their version, and judges what it means for the repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from packaging.version import Version

from codemods import boundaries, engine, impact, migrating, project, registry, shipped
from codemods.boundaries import Boundary, Brought
from codemods.migrating import Overlaid
from codemods.model import Applicability, Category, Facts, Finding, Releases, Tree, Upgrade
from codemods.reexports import Sources
from codemods.registry import Improvement
from codemods.shipped import Migration, Refused, Shipment
from workers import calm, rules
from workers.config import Config
from workers.discover import Memory

Compare = Callable[[Upgrade, Releases], Boundary | str]
"""Answers with what is different by name in the release that an upgrade leads to.

The releases of its name say which index knows it. Text says why nobody can compare, ``""`` that nobody did.
"""


def nothing(_: Upgrade, __: Releases) -> Boundary | str:
    """Answer nothing: what is known of a release where nobody looks at it."""
    return ""


Run = Callable[[Migration, shipped.Facts, Sequence[str]], Sequence[str] | Refused]
"""Answers with what a migration that a release brings makes of texts, each of which may be as it was."""


@dataclass(frozen=True)
class Freight:
    """Who tells what a release brings along, and who runs one of its migrations, away from all else."""

    look: Callable[[Upgrade, Releases], Shipment] = lambda *_: Shipment()
    run: Run = lambda _, __, texts: texts


EMPTY = Freight()
"""What is known where nobody looks at what releases bring."""


def remembering(run: Run, memory: Memory | None) -> Run:
    """Return a run that asks once: the next scan makes the same, however busy the machine is.

    It is remembered by all the texts together. What is made of one of them may hold another one's words,
    and must not come into a repository that has only the first.
    """

    def asked(migration: Migration, facts: shipped.Facts, texts: Sequence[str]) -> Sequence[str] | Refused:
        key = registry.mark(json.dumps([migration.source, asdict(facts), list(texts)]))
        if memory is None or not texts:
            return run(migration, facts, texts)
        if said := memory.recall((key,)).get(key):
            new = json.loads(said)
            return [new.get(str(number), text) for number, text in enumerate(texts)]
        made = run(migration, facts, texts)
        if not isinstance(made, Refused):
            pairs = enumerate(zip(texts, made, strict=True))
            said = json.dumps({number: after for number, (before, after) in pairs if after != before})
            memory.remember({key: said} if len(said) <= _REMEMBERED else {})
        return made

    return asked


_REMEMBERED = 1024 * 1024


@dataclass(frozen=True)
class Road:
    """What migrations ride on: the tree, those that kotsu.yml leaves, its wishes, the facts, who compares.

    The ``freight`` are migrations that releases bring themselves.
    """

    tree: Tree
    migrations: Sequence[Improvement]
    config: Config
    facts: Facts
    compare: Compare = nothing
    freight: Freight = EMPTY


def along(road: Road, findings: Sequence[Finding], names: Sequence[str]) -> list[Finding]:
    """Return the findings, those about these distributions with what rides with them.

    Upgrades to another major version are looked at, and others where something is known to change on the way.
    The edits of one distribution are made on top of those of the others.
    """
    own = [f for f in findings if f.target in names and f.changes and f.upgrade]
    brought = {f.upgrade: _brought(road, f.upgrade) for f in own if f.upgrade}
    upgrades = [upgrade for upgrade, shipment in brought.items() if _is_looked_at(upgrade, shipment)]
    if not upgrades:
        return list(findings)
    tree = Overlaid(road.tree).edited(f.edit for f in own if f.edit)
    lowest = project.read(tree).dependencies
    judged: dict[Upgrade, Upgrade] = {}
    rides: list[Finding] = []
    sources = Sources()
    for upgrade in upgrades:
        before, stride = tree, max((f.stride for f in rides), default=0)
        found = _ridden(road, tree, upgrade, brought[upgrade], lowest.get(upgrade.name))
        tree = found.tree
        judged[upgrade] = _judged(road, found.told(upgrade), brought[upgrade], before, tree, sources)
        first = next(f for f in own if f.upgrade == upgrade)
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
    told = [replace(f, upgrade=judged[f.upgrade]) if f.upgrade in judged else f for f in findings]
    return [*told, *rides]


def _is_looked_at(upgrade: Upgrade, shipment: Shipment) -> bool:
    curated = boundaries.of(upgrade.name)
    if shipment != Shipment() or upgrade.is_major:
        return True
    if curated is None or upgrade.before is None:
        return False
    known = curated.between(upgrade.before, upgrade.after)
    return bool(known.changes or known.notes)


def _brought(road: Road, upgrade: Upgrade) -> Shipment:
    """Return what a release brings along, where what may change behaviour is wanted at all and not held."""
    update = "upgrade-dependency"
    about = rules.About(
        update, Category.UPGRADE, Applicability.UNSAFE, packages=((upgrade.name,),), steps=(upgrade.step,)
    )
    is_wanted = rules.wishes(road.config, about).unsafe
    if not is_wanted or not road.config.options(update).get("shipped-migrations", True):
        return Shipment()
    return road.freight.look(upgrade, road.facts.releases.get(upgrade.name, Releases(upgrade.name)))


@dataclass
class _Ridden:
    """What migrations found so far, the tree that they made, and what is told of those that were brought."""

    tree: Overlaid
    findings: list[Finding] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    stride: int = 0

    def add(self, migration: Improvement | Migration, fresh: Sequence[Finding]) -> None:
        """Take what a migration found along, as the next stride."""
        self.stride += 1
        self.findings += [replace(f, rides=migration.id, stride=self.stride) for f in fresh]
        self.tree = self.tree.edited(f.edit for f in fresh if f.edit)

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
    every: list[Improvement | Migration] = [*road.migrations, *shipment.migrations]
    for migration in migrating.crossed(every, upgrade, lowest):
        if isinstance(migration, Migration):
            _carried(road, found, migration, upgrade, lowest)
            continue
        asked = rules.facts(known, migration, road.config)
        ignored = lambda path, id_=migration.id: road.config.ignored(path, id_)  # noqa: E731 -- one line
        found.add(migration, migrating.applied(found.tree, migration, asked, ignored)[0])
    return found


def _carried(
    road: Road, found: _Ridden, migration: Migration, upgrade: Upgrade, lowest: Version | None
) -> None:
    """Have a migration run that a release brings, and take along what it changes: all of it, or nothing."""
    texts = migrating.texts(
        found.tree, migration, lambda path: road.config.ignored(path, "upgrade-dependency")
    )
    told = shipped.Facts(str(upgrade.before), str(upgrade.after), str(lowest), road.facts.floor)
    fresh: list[Finding] | Refused
    try:
        new = road.freight.run(migration, told, list(texts.values())) if texts else ()
        fresh = new if isinstance(new, Refused) else _replaced(found.tree, migration, texts, new)
    except Exception as error:  # noqa: BLE001 -- what somebody else made must not cost the scan
        fresh = Refused(f"what it makes cannot be read ({type(error).__name__})")
    if isinstance(fresh, Refused):
        found.remarks.append(
            f"Its migration {calm.code(migration.id)} was not applied: {calm.line(fresh.words)}."
        )
    elif fresh:
        found.add(migration, fresh)
        found.brought.append(
            Brought(migration.id, migration.about.title, migration.why, migration.about.risk)
        )


def _replaced(
    tree: Overlaid, migration: Migration, texts: Mapping[str, str], new: Sequence[str]
) -> list[Finding] | Refused:
    """Return what changes if these files get these texts, as for a migration of ours."""
    fresh: list[Finding] = []
    for (path, before), after in zip(texts.items(), new, strict=True):
        if after == before:
            continue
        try:
            fresh += engine.replaced(migration.id, path, tree.read(path), after)
        except (engine.Unreadable, ValueError, RecursionError) as error:
            words = str(error) if isinstance(error, engine.Unreadable) else "it does not parse"
            return Refused(f"what it makes of {calm.code(path)} cannot stand there ({words})")
    return fresh


def _judged(  # noqa: PLR0913, PLR0917 -- what it is judged by
    road: Road, upgrade: Upgrade, shipment: Shipment, before: Overlaid, after: Overlaid, sources: Sources
) -> Upgrade:
    """Return an upgrade with what it means for the repository, where anything is known of it."""
    curated = _joined(boundaries.of(upgrade.name), shipment.boundary)
    releases = road.facts.releases.get(upgrade.name, Releases(upgrade.name))
    compared = road.compare(upgrade, releases) if upgrade.is_major else ""
    if upgrade.before is None or (curated is None and not compared):
        return upgrade
    known = (curated or Boundary(())).between(upgrade.before, upgrade.after)
    if isinstance(compared, str):
        found = replace(impact.judge(before, after, known, sources=sources), uncompared=compared)
        # Nobody expects that a minor version breaks anything, and wants to read that it does not.
        is_news = upgrade.is_major or not found.is_harmless
        return replace(upgrade, impact=found) if is_news else upgrade
    said = {change.name for change in known.changes}
    new = (c for c in compared.changes if c.name not in said)
    modules = tuple(dict.fromkeys((*known.modules, *compared.modules)))
    known = Boundary(modules, (*known.changes, *new), known.notes)
    return replace(upgrade, impact=impact.judge(before, after, known, compared=True, sources=sources))


def _joined(ours: Boundary | None, theirs: Boundary | None) -> Boundary | None:
    """Return what two lists say together; of a name that is on both, ours is believed."""
    if ours is None or theirs is None:
        return ours or theirs
    known = {change.name for change in ours.changes}
    return Boundary(
        tuple(dict.fromkeys((*ours.modules, *theirs.modules))),
        (*ours.changes, *(change for change in theirs.changes if change.name not in known)),
        (*ours.notes, *theirs.notes),
    )
