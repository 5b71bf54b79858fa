"""Knows the projects whose own tests say whether an improvement is safe."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_TOLD = tomllib.loads((HERE / "projects.toml").read_text("utf-8"))
FLOOR: str = _TOLD["floor"]
"""The lowest Python that each project is made to declare."""
TODAY: str = _TOLD["today"]
"""The day that improvements are told, so that a run can be repeated."""


@dataclass(frozen=True, slots=True)
class Project:
    """One release of a project, and how its tests are run.

    ``requirements`` are pins of everything but the project; ``arguments`` are pytest's; a ``quick`` project
    is tried with the other tests that need the package index.
    """

    name: str
    version: str
    why: str
    requirements: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    quick: bool = False


def known() -> dict[str, Project]:
    """Return the projects of the data file by name."""
    entries = [{k: tuple(v) if isinstance(v, list) else v for k, v in e.items()} for e in _TOLD["project"]]
    return {entry["name"]: Project(**entry) for entry in entries}
