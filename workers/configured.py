"""Finds the kotsu.yml that holds for a repository: its own, else the organisation's, else the defaults."""

from __future__ import annotations

from functools import partial

from codemods.model import Tree
from workers import config
from workers.config import Broken, Config
from workers.github import Repo
from workers.world import World


def of(here: World, repo: Repo, tree: Tree | None = None) -> Config | Broken:
    """Read the repository's kotsu.yml, else the organisation's, else take the defaults.

    Without a ``tree`` GitHub is asked for the file on the default branch.
    """
    read = repo.file if tree is None else partial(_file, tree)
    for path in config.PATHS:
        if (data := read(path)) is not None:
            return config.read(data, path)
    known = repo.about.repository
    inherited = here.app.organisation_file(known.installation_id, known.owner, config.PATHS)
    if inherited is None:
        return config.defaults()
    path, data = inherited
    return config.read(data, f"{known.owner}/.github/{path}")


def _file(tree: Tree, path: str) -> bytes | None:
    return tree.read(path) if path in tree.paths() else None
