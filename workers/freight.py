"""Has migrations run that a release brings itself, and takes along what they change, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from codemods import engine, migrating, registry, shipped
from codemods.boundaries import Boundary
from codemods.migrating import Overlaid
from codemods.model import Applicability, Category, Finding, Releases, Upgrade
from codemods.shipped import Migration, Refused, Shipment
from workers import calm, rules
from workers.config import Config
from workers.discover import Memory

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
_UPDATE = "upgrade-dependency"


def brought(config: Config, freight: Freight, upgrade: Upgrade, releases: Releases) -> Shipment:
    """Return what a release brings along, where what may change behaviour is wanted at all and not held."""
    is_wanted = rules.wishes(config, _about(upgrade)).unsafe
    if not is_wanted or not config.options(_UPDATE).get("shipped-migrations", True):
        return Shipment()
    return freight.look(upgrade, releases)


def kept(config: Config, upgrade: Upgrade) -> Callable[[str], bool]:
    """Return which paths kotsu.yml keeps from what a release brings: nothing of them is given to it."""

    def is_kept(path: str) -> bool:
        about = _about(upgrade, path)
        wished = rules.wishes(config, about)
        no = not (wished.enabled and wished.unsafe) or rules.doubt(config, about)
        return bool(no) or config.ignored(path, _UPDATE)

    return is_kept


def _about(upgrade: Upgrade, *paths: str) -> rules.About:
    """Return what rules can know of what a release brings, for all it may change or for some files."""
    names, steps = (upgrade.name,), (upgrade.step,)
    return rules.About(_UPDATE, Category.UPGRADE, Applicability.UNSAFE, (names,), paths, steps)


def carried(
    freight: Freight,
    tree: Overlaid,
    migration: Migration,
    told: shipped.Facts,
    is_kept: Callable[[str], bool] = lambda _: False,
) -> list[Finding] | Refused:
    """Have a migration run that a release brings; return what it changes in a tree."""
    texts = migrating.texts(tree, migration, is_kept)
    if not texts:
        return []
    try:
        new = freight.run(migration, told, list(texts.values()))
        return new if isinstance(new, Refused) else _replaced(tree, migration, texts, new)
    except Exception as error:  # noqa: BLE001 -- what somebody else made must not cost the scan
        return Refused(f"what it makes cannot be read ({type(error).__name__})")


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


def joined(ours: Boundary | None, theirs: Boundary | None) -> Boundary | None:
    """Return what two lists say together; of a name that is on both, ours is believed."""
    if ours is None or theirs is None:
        return ours or theirs
    known = {change.name for change in ours.changes}
    return Boundary(
        tuple(dict.fromkeys((*ours.modules, *theirs.modules))),
        (*ours.changes, *(change for change in theirs.changes if change.name not in known)),
        (*ours.notes, *theirs.notes),
    )
