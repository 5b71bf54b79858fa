"""Writes Pipfile.lock again with a pipenv that writes it as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from workers.lockers import verbatim
from workers.lockers.model import RUN, Task
from workers.lockers.viewed import Tool
from workers.sandbox import NoAnswerError

_WRITERS = ("2026.10.3", "2024.4.1")
"""Releases of pipenv in the order in which they are tried: a lock file does not say which one wrote it."""


@dataclass(frozen=True)
class _Document:
    """A Pipfile.lock; pipenv looks at nothing in it, so an index shows it what is locked and no more."""

    data: bytes

    def without(self, names: Collection[str]) -> bytes:  # noqa: ARG002 -- the shape of Entries
        """Return the file as it is: it is written as a whole."""
        return self.data

    def locked(self) -> Mapping[str, Mapping[Version, Collection[str]]]:
        """Return the digests of the files that are listed, by distribution and version."""
        found: dict[str, dict[Version, set[str]]] = {}
        document = json.loads(self.data)
        for category in document.keys() - {"_meta"}:
            for name, entry in document[category].items():
                try:
                    version = Version(str(entry["version"]).removeprefix("=="))
                except (InvalidVersion, KeyError) as error:
                    raise NoAnswerError(
                        f"`{name[:50]}` does not come from the index, and nothing else is asked"
                    ) from error
                digests = found.setdefault(canonicalize_name(name), {}).setdefault(version, set())
                digests.update(str(digest).removeprefix("sha256:") for digest in entry.get("hashes", ()))
        return found

    def wheels(self) -> Mapping[str, bytes]:
        """Return nothing: the file does not say what its distributions need."""
        return {}

    def restored(self, data: bytes) -> bytes:
        """Return what pipenv wrote."""
        return data


def _commands(task: Task) -> Iterator[tuple[str, ...]]:
    categories = json.loads(task.before[task.path]).keys() - {"_meta", "default", "develop"}
    if categories:
        raise NoAnswerError(f"`{task.path}` has categories of its own, which are not known here")
    for version in _WRITERS:
        yield (*RUN, f"--from=pipenv=={version}", "pipenv", "lock", "--clear")


def _settings(index: str) -> Mapping[str, str]:
    return {
        "PIPENV_DONT_USE_ASDF": "1",
        "PIPENV_DONT_USE_PYENV": "1",
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_NOSPIN": "1",
        "PIPENV_PYPI_MIRROR": index,
        "PIPENV_YES": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


_TOOL = Tool(
    "pipenv",
    "Pipfile",
    _commands,
    verbatim.for_pipenv,
    _Document,
    _settings,
    refusal=re.compile(r"ResolutionImpossible|conflicting dependencies|No matching distribution"),
    unfit=re.compile(
        r"Python [\d.]+ was not found|was not found on your system|no such python", re.IGNORECASE
    ),
    depends=(re.compile(r"([\w.-]+) (\d[\w.]*) depends on"), r"\1==\2 depends on"),
    strict=True,
)
writer = _TOOL.writer
refreshed = _TOOL.refreshed
