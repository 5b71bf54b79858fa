"""Pipfile.lock: what pipenv has resolved for the Pipfile beside it; only pipenv writes it again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from codemods.manifests import addresses
from codemods.manifests.model import Change, Lock, Locked, Manifest, Requirement
from codemods.manifests.toml_document import at, listed
from codemods.model import Problem, Splice

FILES = ("Pipfile.lock",)

_LARGEST = 16 * 1024 * 1024
_META = "_meta"
_HEAD = re.compile(rb'^ {8}"([^"\\]+)": \{', re.MULTILINE)


def read(path: str, data: bytes) -> Manifest:
    """Return what a lock file holds; a file that is none is a problem."""
    try:
        document = json.loads(data.decode()) if len(data) <= _LARGEST else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not at(document, _META):
        return Manifest(path, problems=(Problem(path, 1, "skipped: it is no JSON of pipenv"),))
    entries = list(_entries(document))
    sources = [s for s in listed(at(document, _META).get("sources")) if isinstance(s, Mapping)]
    lines = {m[1].decode(): data.count(b"\n", 0, m.start()) + 1 for m in _HEAD.finditer(data)}
    return Manifest(
        path,
        indexes=tuple(dict.fromkeys(addresses.plain(str(s.get("url", ""))) for s in sources)),
        private=frozenset(canonicalize_name(name) for name, version in entries if version is None),
        lock=Lock(
            "pipenv",
            locked=tuple(
                Locked(canonicalize_name(name), version, lines.get(name, 1))
                for name, version in entries
                if version is not None
            ),
            sources=(path.removesuffix(".lock"),),
        ),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return nothing: no hand writes it."""
    return ()


def _entries(document: Mapping[str, object]) -> Iterator[tuple[str, str | None]]:
    """Return each name with its version, None where it comes from no index."""
    for category in document:
        if category == _META:
            continue
        for name, entry in at(document, category).items():
            version = entry.get("version") if isinstance(entry, Mapping) else None
            yield name, version.removeprefix("==") if isinstance(version, str) else None
