"""Asks the world, once, for what the improvements want to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from codemods import project
from codemods.model import Facts, Problem, Releases, Tree
from workers import discover
from workers.config import Config

Lookup = Callable[[frozenset[str]], Mapping[str, Releases]]
"""Answers with the releases of the named distributions; the shell has an index behind it."""


def answer(
    tree: Tree, catalogue: discover.Catalogue, config: Config, today: date, lookup: Lookup
) -> tuple[Facts, tuple[Problem, ...]]:
    """Return the facts for a tree, and what of its own declarations could not be read."""
    declared = project.read(tree)
    asked = discover.ask(tree, catalogue)
    releases = dict(lookup(asked))
    facts = Facts(
        today=today,
        floor=declared.floor,
        pythons=declared.pythons,
        dependencies=declared.dependencies,
        own_version=declared.own_version,
        releases=releases,
        release_age=config.release_age,
    )
    return facts, (*declared.problems, *_unasked(asked - releases.keys()))


def _unasked(names: frozenset[str]) -> Iterator[Problem]:
    """Say once of how many names the releases are not known, because nobody was asked."""
    if names:
        addresses = sum("+" in name for name in names)
        counted = (
            _counted(len(names) - addresses, "dependency", "dependencies"),
            _counted(addresses, "action, hook or image", "actions, hooks or images"),
        )
        said = " and ".join(filter(None, counted))
        words = f"the releases of {said} were not asked for, so no upgrade of them is proposed"
        yield Problem(".", 1, f"offline: {words}")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def nothing(names: frozenset[str]) -> Mapping[str, Releases]:  # noqa: ARG001 -- the shape of Lookup
    """Answer nothing: what ``--offline`` knows of releases."""
    return {}
