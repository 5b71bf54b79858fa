"""Asks, for what is proposed now, what new releases bring: few questions, and none that must be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from packaging.version import Version

from codemods.manifests import addresses
from codemods.model import Releases, Upgrade
from workers import described, differences, index_metadata, notes
from workers.described import Described
from workers.index_metadata import Wanted
from workers.model import Background, Note
from workers.settings import Settings

Ask = Callable[[Sequence[Upgrade], Mapping[str, Releases]], Mapping[Upgrade, Background]]
"""Answers with what is known of some upgrades; the releases of their names say which index knows them."""

Listing = Callable[[str], Sequence[Note] | None]
"""Answers with the newest release notes of a repository, by its address; None: nobody answers at all."""

_MOST_UPGRADES = 30
_MOST_REPOSITORIES = 10
_PUBLIC = "https://github.com"


@dataclass(frozen=True, slots=True)
class Forge:
    """The GitHub whose notes can be read: where people look at it, and who answers."""

    home: str
    listing: Listing


def nothing(_: Sequence[Upgrade], __: Mapping[str, Releases]) -> Mapping[Upgrade, Background]:
    """Answer nothing: what is known where nobody is asked."""
    return {}


def asking(given: Settings, forge: Forge | None = None) -> Ask:
    """Return how to ask the operator's indexes, and a GitHub where there is one to be asked."""
    return partial(_answer, given, forge)


def _answer(
    given: Settings, forge: Forge | None, upgrades: Sequence[Upgrade], releases: Mapping[str, Releases]
) -> Mapping[Upgrade, Background]:
    asked = tuple(upgrades)[:_MOST_UPGRADES]
    told = index_metadata.answer(
        [w for upgrade in asked if (w := _wanted(upgrade, releases))],
        (*given.extra_index_urls, given.index_url),
        allowed=given.named.__contains__,
        store=given.data_dir / "index",
    )
    homes = dict.fromkeys((forge.home if forge else _PUBLIC, _PUBLIC))
    hosts = frozenset(urlsplit(home).netloc for home in homes)
    known = {u: _without_notes(u, told, hosts) for u in asked}
    published = _published(forge, [b.repository for b in known.values()]) if forge else {}
    return {
        u: Background(b.repository, notes.chosen(u, published.get(b.repository, ())), b.differences)
        for u, b in known.items()
    }


def _wanted(upgrade: Upgrade, releases: Mapping[str, Releases]) -> Wanted | None:
    found = releases.get(upgrade.name)
    if upgrade.repository or found is None:
        return None
    versions = (upgrade.before, upgrade.after) if upgrade.before else (upgrade.after,)
    return Wanted(upgrade.name, found.index or addresses.PYPI, tuple(dict.fromkeys(filter(None, versions))))


def _without_notes(
    upgrade: Upgrade, told: Mapping[tuple[str, Version], Described], hosts: frozenset[str]
) -> Background:
    new = told.get((upgrade.name, upgrade.after))
    if new is None:
        return Background(described.located(upgrade.repository, hosts))
    old = told.get((upgrade.name, upgrade.before)) if upgrade.before else None
    return Background(
        described.repository(new, hosts), differences=differences.between(old, new) if old else ()
    )


def _published(forge: Forge, repositories: Sequence[str]) -> Mapping[str, Sequence[Note]]:
    """Return the notes of a few repositories, each asked once, until nobody answers any more."""
    here = [r for r in dict.fromkeys(repositories) if r.startswith(f"{forge.home}/")]
    found: dict[str, Sequence[Note]] = {}
    for repository in here[:_MOST_REPOSITORIES]:
        listed = forge.listing(repository)
        if listed is None:
            break
        found[repository] = listed
    return found
