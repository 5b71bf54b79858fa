"""Finds the versions in use that have a published weakness: locked, pinned, or the newest admitted ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from codemods import upgrades
from codemods.model import Facts, Tree
from codemods.upgrades import Line, Subject
from codemods.weaknesses import Advisory


@dataclass(frozen=True, slots=True)
class Weak:
    """A distribution in use, and a weakness that its version has."""

    name: str
    advisory: Advisory


def subjects(tree: Tree, facts: Facts, improvement: str) -> Iterator[Subject]:
    """Return what something is published against, also where only a lock file names it.

    No release is too young for it. ``improvement`` is the id of the one that asks.
    """
    known = {name: releases for name, releases in facts.releases.items() if facts.advisories.get(name)}
    ageless = replace(facts, releases=known, release_age=0, waits=())
    for subject in upgrades.subjects(tree, ageless, improvement, transitive=True):
        if not subject.releases.error:
            yield subject


def is_weak(line: Line) -> bool:
    """Say whether the version in use has a weakness; what may be another distribution has none we know of."""
    return (
        not line.is_doubtful and line.used is not None and any(a.concerns(line.used) for a in line.advisories)
    )


def found(tree: Tree, facts: Facts, is_ignored: Callable[[str], bool] = lambda _: False) -> Iterator[Weak]:
    """Return the weaknesses of what is in use, each once; files that are ignored say nothing."""
    for subject in subjects(tree, facts, ""):
        lines = [line for group in subject.groups() for line in group if is_weak(line)]
        used = {line.used for line in lines if line.used and not is_ignored(line.requirement.path)}
        for advisory in facts.advisories[subject.name]:
            if any(map(advisory.concerns, used)):
                yield Weak(subject.name, advisory)
