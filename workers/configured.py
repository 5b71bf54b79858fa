"""Finds the kotsu.yml that holds for a repository: its own, else the organisation's, else the defaults."""

from __future__ import annotations

from codemods.model import Tree
from workers import config
from workers.config import Broken, Config
from workers.github import Repo
from workers.world import World


def of(here: World, repo: Repo, tree: Tree) -> Config | Broken:
    """Read the repository's kotsu.yml, else the organisation's, else take the defaults."""
    there = set(tree.paths())
    path = next((p for p in config.PATHS if p in there), None)
    if path is not None:
        return config.read(tree.read(path), path)
    known = repo.about.repository
    inherited = here.app.organisation_file(known.installation_id, known.owner, config.PATHS)
    if inherited is None:
        return config.defaults()
    path, data = inherited
    return config.read(data, f"{known.owner}/.github/{path}")
