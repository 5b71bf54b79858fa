"""Reads the kotsu.yml that holds for a folder on disk, or ends the command with its mistakes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from codemods.model import Tree
from workers import config
from workers.config import Broken, Config


def read(tree: Tree, named: Path | None = None) -> Config:
    """Return what the file that was named says, or the folder's own; exit 2 with its mistakes.

    The folder's own is one of the tree's files, as on the server: no link leads to another one.
    """
    if named:
        found = config.read(named.read_bytes(), str(named))
    elif path := next((p for p in config.PATHS if p in tree.paths()), None):
        found = config.read(tree.read(path), path)
    else:
        return config.defaults()
    if isinstance(found, Broken):
        click.echo(str(found), err=True)
        sys.exit(2)
    return found
