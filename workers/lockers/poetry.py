"""Writes poetry.lock again with the poetry that wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from packaging.version import Version

from workers.lockers import entries, verbatim
from workers.lockers.entries import Table
from workers.lockers.model import RUN, Task
from workers.lockers.viewed import Tool
from workers.sandbox import NoAnswerError

_OLDEST = Version("1.5")
_KEEPS = Version("2")
"""From here on, `poetry lock` keeps what is locked without being told."""
_MIRROR = "poetry-plugin-pypi-mirror"
"""Lets poetry ask another index than PyPI, and write the same lock file."""


_KNOWN = frozenset(
    {
        "category",
        "dependencies",
        "description",
        "extras",
        "files",
        "groups",
        "markers",
        "name",
        "optional",
        "python-versions",
        "version",
    }
)
"""What an entry says of a distribution from PyPI; poetry takes an address from any other."""


def _commands(task: Task) -> Iterator[tuple[str, ...]]:
    said = task.lock.written_by
    if not said or Version(said) < _OLDEST:
        raise NoAnswerError(f"`{task.path}` does not name a poetry that is known here")
    keeps = () if Version(said) >= _KEEPS else ("--no-update",)
    tool = (*RUN, f"--from=poetry=={said}", f"--with={_MIRROR}")
    yield (*tool, "poetry", "lock", "--no-interaction", "--no-ansi", *keeps)


def _settings(index: str) -> Mapping[str, str]:
    return {
        "POETRY_KEYRING_ENABLED": "false",
        "POETRY_PYPI_MIRROR_URL": index,
        "POETRY_VIRTUALENVS_CREATE": "false",
    }


def _parsed(data: bytes) -> entries.Entries:
    found = entries.listed(data, _needs, _KNOWN)
    for package in found.packages.values():
        verbatim.told(package.get("dependencies", {}))
    return found


def _needs(package: Table) -> Iterator[tuple[str, str]]:
    """Return the names that an entry needs, each with the extra that it is for."""
    yield from ((name, "") for name in package.get("dependencies", {}))
    for extra, needed in package.get("extras", {}).items():
        yield from ((found[0], extra) for need in needed if (found := re.match(r"[\w.-]+", str(need))))


_TOOL = Tool(
    "poetry",
    "pyproject.toml",
    _commands,
    verbatim.for_poetry,
    _parsed,
    _settings,
    refusal=re.compile(r"version solving failed"),
    unfit=re.compile(r"not allowed by the project|find a compatible version"),
    depends=(
        re.compile(r"([\w.-]+) \((\d[\w.]*)\) depends on ([\w.-]+) \(([^)]*)\)"),
        r"\1==\2 depends on \3\4",
    ),
)
writer = _TOOL.writer
refreshed = _TOOL.refreshed
