"""Writes pdm.lock again with a pdm that writes it as it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from workers.lockers import entries, stand_ins, verbatim
from workers.lockers.entries import Table
from workers.lockers.model import RUN, Task
from workers.lockers.viewed import Tool
from workers.sandbox import NoAnswerError

_WRITERS: Mapping[str, Sequence[Sequence[str]]] = {
    "4.4.1": [("pdm==2.15.4", "unearth<0.19")],
    "4.4.2": [("pdm==2.16.1", "unearth<0.19")],
    "4.5.0": [("pdm==2.26.9", "hishel<1.3", "unearth<0.19"), ("pdm==2.18.2", "unearth<0.19")],
    "4.5.1": [("pdm==2.29.4", "hishel<2", "unearth<0.20")],
}
"""Releases of pdm that write a version of the format, in the order in which they are tried.

Each with what it must not run beside: older releases of pdm admit libraries that they do not work with.
"""
_LOCK = ("pdm", "lock", "--update-reuse", "--skip=:all")


_KNOWN = frozenset(
    {
        "dependencies",
        "extras",
        "files",
        "groups",
        "marker",
        "name",
        "requires_python",
        "summary",
        "targets",
        "version",
    }
)
"""What an entry says of a distribution from the index; pdm fetches and builds what has an address."""


def _commands(task: Task) -> Iterator[tuple[str, ...]]:
    metadata = tomllib.loads(task.before[task.path].decode()).get("metadata", {})
    groups = [str(group) for group in metadata.get("groups", ())]
    chosen = [f"--group={group}" for group in groups if group != "default"]
    chosen += [] if "default" in groups else ["--no-default"]
    for pdm, *beside in _WRITERS.get(task.lock.written_by, ()):
        yield (*RUN, f"--from={pdm}", *(f"--with={other}" for other in beside), *_LOCK, *chosen)


def _settings(index: str) -> Mapping[str, str]:
    return {
        "PDM_CHECK_UPDATE": "false",
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_PREFER_BINARY": ":all:",
        "PDM_PYPI_URL": index.rstrip("/"),
        "PDM_USE_VENV": "false",
    }


def _parsed(data: bytes) -> entries.Entries:
    found = entries.listed(data, _needs, _KNOWN)
    for package in found.packages.values():
        for need in package.get("dependencies", ()):
            stand_ins.required(need)
        if any("url" in file for file in package.get("files", ())):
            raise NoAnswerError("the lock file has the addresses of its files, and only the index is asked")
    return found


def _needs(package: Table) -> Iterator[tuple[str, str]]:
    """Return the names that an entry needs; an extra has an entry of its own."""
    found = (re.match(r"[\w.-]+", str(need)) for need in package.get("dependencies", ()))
    yield from ((match[0], "") for match in found if match)


_TOOL = Tool(
    "pdm",
    "pyproject.toml",
    _commands,
    verbatim.for_pdm,
    _parsed,
    _settings,
    refusal=re.compile(r"Unable to find a resolution|ResolutionImpossible"),
    depends=(
        re.compile(r"([\w.-]+[<>=!~]\S*) \(from ([\w.-]+)@([\w.]+)\)"),
        r"\2==\3 depends on \1 .",
    ),
    unfit=re.compile(r"No Python interpreter|requires-python|NoPythonVersion"),
)
writer = _TOOL.writer
refreshed = _TOOL.refreshed
