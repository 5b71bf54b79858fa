"""Finds what holds for a repository: its own kotsu.yml on its organisation's, within the server's policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from codemods.model import Tree
from workers import budgets, config, effective, inheritance, owners, policy
from workers.config import Broken, Config
from workers.github import Repo
from workers.world import World

_MOST_TEAMS = 5
"""Of how many teams GitHub is asked at a scan."""


@dataclass(frozen=True, slots=True)
class Configured:
    """What holds for a repository, None where nothing can be told; ``broken`` are the files with mistakes.

    ``own`` is the path of the repository's file, ``""`` without one; ``beyond`` the sentence about what
    it asks for and the server's policy does not allow, ``""`` where there is no such thing. ``strangers`` are
    teams that it names without their having to do with the repository: their budgets are no concern of it.
    ``above`` is what the repository's file says, ``below`` what its organisation's does, as far as either can
    be read.
    """

    config: Config | None
    own: str = ""
    broken: Sequence[Broken] = ()
    beyond: str = ""
    strangers: Sequence[str] = ()
    above: Config | None = None
    below: Config | None = None


def of(here: World, repo: Repo, tree: Tree | None = None) -> Config | Broken:
    """Return what holds for a repository, or the file whose mistakes may be about anything."""
    found = read(here, repo, tree)
    return found.config or next(broken for broken in found.broken if broken.sound is None)


def read(here: World, repo: Repo, tree: Tree | None = None) -> Configured:
    """Read the repository's kotsu.yml and the organisation's.

    Without a ``tree`` GitHub is asked for the file on the default branch.
    """
    path, own = said(repo, tree)
    common = config.defaults() if _is_common(repo) else organisation(here, repo)
    broken = [read for read in (own, common) if isinstance(read, Broken)]
    above, below = (read.sound if isinstance(read, Broken) else read for read in (own, common))
    if above is None or below is None:
        return Configured(None, path, broken, above=above, below=below)
    merged = inheritance.merged(below, above)
    # Without a tree nothing is planned, and no budget is asked for.
    strangers = () if tree is None else _strangers(repo, merged, above, tree)
    allowed = here.settings.policy
    whole = policy.held(_without(merged, strangers), allowed)
    return Configured(whole, path, broken, policy.beyond(above, allowed), strangers, above, below)


def remembered(here: World, repo: Repo, tree: Tree, commit: str) -> Configured:
    """Read both files of a commit that is scanned, and write down what they say for whoever asks later."""
    found, now = read(here, repo, tree), here.clock()
    mine = [broken for broken in found.broken if broken.source == found.own]
    known = effective.Known(
        now,
        commit,
        found.own,
        found.above or config.defaults(),
        found.below or config.defaults(),
        here.settings.policy,
        tuple(str(mistake) for broken in mine for mistake in broken.mistakes),
        found.config is not None,
    )
    id_ = repo.about.repository.id
    told = {effective.key(id_): effective.written(known)}
    if found.config is not None:
        told[budgets.key(id_)] = budgets.written(budgets.of(found.config.capacity))
    here.book.remember(told, now)
    return found


def said(repo: Repo, tree: Tree | None = None) -> tuple[str, Config | Broken]:
    """Read the repository's own kotsu.yml, with its path; ``""`` and the defaults where there is none."""
    ask = repo.file if tree is None else partial(file, tree)
    path, data = next(((p, d) for p in config.PATHS if (d := ask(p)) is not None), ("", b""))
    return path, config.read(data, path, organisation=_is_common(repo))


def _strangers(repo: Repo, merged: Config, own: Config, tree: Tree) -> tuple[str, ...]:
    """Return the teams with a budget that the repository names, and that have no access to it."""
    known = {name.lower(): name for name in merged.capacity.teams}
    heard = [
        own.capacity.team,
        *own.reviewers,
        *(name for rule in own.rules for name in rule.reviewers or ()),
    ]
    heard += [name for names in owners.found(tree).said for name in names]
    home = f"{repo.owner}/".lower()
    named = dict.fromkeys(name.lower() for name in heard if name and name.lower().startswith(home))
    asked = [known[name] for name in named if name in known][:_MOST_TEAMS]
    return tuple(name for name in asked if repo.teams.has_access(name) is False)


def _without(given: Config, strangers: Sequence[str]) -> Config:
    teams = {name: budget for name, budget in given.capacity.teams.items() if name not in strangers}
    capacity = given.capacity.model_copy(update={"teams": teams})
    return given.model_copy(update={"capacity": capacity}) if strangers else given


def organisation(here: World, repo: Repo) -> Config | Broken:
    """Read the kotsu.yml that a repository inherits; the defaults where its organisation has none."""
    known = repo.about.repository
    found = here.app.organisation_file(known.installation_id, known.owner, config.PATHS, repo.known)
    if found is None:
        return config.defaults()
    path, data = found
    return config.read(data, f"{known.owner}/{config.COMMON}/{path}", organisation=True)


def _is_common(repo: Repo) -> bool:
    return repo.about.repository.name.lower() == config.COMMON


def file(tree: Tree, path: str) -> bytes | None:
    """Return a file of a tree, None when it is not there."""
    return tree.read(path) if path in tree.paths() else None
