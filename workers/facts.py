"""Asks the world, once, for what the improvements want to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from codemods import project, settled
from codemods.mentions import Ticket
from codemods.model import Facts, Problem, Releases, Tree
from codemods.project import Project
from codemods.weaknesses import Advisory
from workers import discover
from workers.config import Config

Lookup = Callable[[frozenset[str]], Mapping[str, Releases]]
"""Answers with the releases of the named distributions; the shell has an index behind it."""


Advise = Callable[[frozenset[str]], tuple[Mapping[str, tuple[Advisory, ...]], str]]
"""Answers with what is published against the named distributions, and with what went wrong (``""``)."""


@dataclass(slots=True)
class Heard:
    """Asks for advisories, and remembers what went wrong (``""``: nothing so far)."""

    ask: Advise
    words: str = ""

    def __call__(self, names: frozenset[str]) -> tuple[Mapping[str, tuple[Advisory, ...]], str]:
        """Answer as the one that is asked does."""
        found, words = self.ask(names)
        self.words = self.words or words
        return found, words


def answer(  # noqa: PLR0913 -- what the world is asked with, each of them a value
    tree: Tree,
    catalogue: discover.Catalogue,
    config: Config,
    today: date,
    lookup: Lookup,
    *,
    advise: Advise | None = None,
    issues: Mapping[str, Ticket] = MappingProxyType({}),
) -> tuple[Facts, tuple[Problem, ...]]:
    """Return the facts for a tree, and what of its own declarations could not be read.

    ``issues`` is what became of those that promises name.
    """
    declared = project.read(tree)
    asked, advisories, words = _asked(tree, catalogue, advise or unadvised)
    releases = dict(lookup(asked))
    facts = replace(
        of(declared, today),
        releases=releases,
        release_age=config.release_age,
        advisories=advisories,
        paths=tuple(tree.paths()),
        tls=config.tls.policy,
    )
    unadvised_of = (Problem(".", 1, words),) if words else ()
    arrived = {name: replace(t, arrived=settled.has_arrived(name, t, facts)) for name, t in issues.items()}
    facts = replace(facts, issues=arrived)
    return facts, (*declared.problems, *_unasked(asked - releases.keys()), *unadvised_of)


def of(declared: Project, today: date) -> Facts:
    """Return what a project itself says."""
    return Facts(
        today=today,
        floor=declared.floor,
        pythons=declared.pythons,
        dependencies=declared.dependencies,
        development=declared.development,
        own_version=declared.own_version,
        listed=declared.listed,
    )


def _asked(
    tree: Tree, catalogue: discover.Catalogue, advise: Advise
) -> tuple[frozenset[str], Mapping[str, tuple[Advisory, ...]], str]:
    """Return the names whose releases are needed, what is published against them, and what went wrong.

    What is urgent wants to know only of what something is published against.
    """
    wanted = {id_: discover.ask(tree, {id_: improvement}) for id_, improvement in catalogue.items()}
    about = [wanted[id_] for id_, i in catalogue.items() if "advisories" in i.about.asks]
    advisories, words = advise(frozenset().union(*about)) if any(about) else ({}, "")
    asked = (names & advisories.keys() if catalogue[i].about.urgent else names for i, names in wanted.items())
    return frozenset().union(*asked), advisories, words


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


def unadvised(names: frozenset[str]) -> tuple[Mapping[str, tuple[Advisory, ...]], str]:  # noqa: ARG001 -- the shape of Advise
    """Answer nothing: what is known of weaknesses where nobody is asked."""
    return {}, ""
