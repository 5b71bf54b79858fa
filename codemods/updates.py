"""Reads Dependabot's configuration: which updates it looks for, and how."""

from __future__ import annotations

from collections.abc import Iterator

from codemods import document as yaml
from codemods import workflow
from codemods.document import Document, Node, Pair

COOLED = frozenset(
    (
        *("bundler", "bun", "cargo", "composer", "devcontainers", "docker", "docker-compose", "dotnet-sdk"),
        *("elm", "github-actions", "gitsubmodule", "gomod", "gradle", "helm", "maven", "mix", "npm", "nuget"),
        *("pip", "pub", "swift", "terraform", "uv"),
    )
)
"""The ecosystems for which GitHub's reference lists `cooldown`, as of 2026-11-26."""


def entries(document: Document) -> Iterator[tuple[Node, Pair]]:
    """Yield each block of updates that opens pull requests of its own, with the schedule that it has."""
    updates = document.root.get("updates")
    if not document.plain or updates is None or workflow.text(document.root, "version") != "2":
        return
    for entry in updates.items:
        schedule = entry.pair("schedule")
        silent = workflow.text(entry, "open-pull-requests-limit") == "0" or entry.get("multi-ecosystem-group")
        if schedule and not silent and not entry.flow:
            yield entry, schedule


def says(document: Document, key: str) -> bool:
    """Say whether any block of updates has a key: then somebody has thought of it."""
    updates = document.root.get("updates")
    return any(entry.get(key) for entry in (updates.items if updates else ()))


def step(document: Document, pair: Pair) -> str:
    """Return the spaces by which what a pair holds is deeper than the pair itself."""
    within = pair.value.pairs[0].key.start if pair.value.pairs and not pair.value.flow else 0
    columns = [place - yaml.line_start(document.data, place) for place in (pair.key.start, within)]
    return " " * (columns[1] - columns[0]) if within else "  "
