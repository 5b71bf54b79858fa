"""Brings the projects of projects.toml from the package index, each as a git repository of its own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests import archives

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Project:
    """One release of a project; ``compiled`` says that it holds compiled requirement sets."""

    name: str
    version: str
    why: str
    compiled: bool = False


def projects(named: frozenset[str] = frozenset()) -> list[Project]:
    """Return the projects of the data file: all, or those that are named."""
    told = tomllib.loads((HERE / "projects.toml").read_text())
    known = [Project(**entry) for entry in told["project"]]
    return [p for p in known if not named or p.name in named]


def brought(project: Project, folder: Path) -> Path:
    """Return the project's repository, which is made unless it is there."""
    return archives.brought(project.name, project.version, folder)
