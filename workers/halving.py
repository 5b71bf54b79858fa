"""Halves a group that fails until what breaks it is known: which members to try next, or what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

Members = tuple[str, ...]


class Outcome(StrEnum):
    """What came of a trial of some members."""

    GREEN = "green"
    RED = "red"
    NONE = "none"
    """Nothing ran that could tell."""
    UNBUILT = "unbuilt"
    """They cannot move without the others; nothing was run."""


class Why(Enum):
    """Why a search ends without an answer; the value is the sentence people read."""

    BUDGET = "the search for what breaks it takes more runs than `checks.bisect` allows"
    SILENT = "the checks that fail here do not run on branches without a pull request"
    TOGETHER = "what is left of it does not install without what breaks it"
    UNSTEADY = "all of it passes on a branch without a pull request"
    WHOLE = "no part of it installs without the rest"


@dataclass(frozen=True, slots=True)
class Try:
    """The members to try next, in their order."""

    members: Members


@dataclass(frozen=True, slots=True)
class Found:
    """What breaks the group, and what is green without it.

    Each culprit is one member; several that cannot move without one another are one culprit.
    """

    culprits: tuple[Members, ...]
    green: Members


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The search ends without an answer."""

    why: Why

    @property
    def is_harmless(self) -> bool:
        """Say whether the group stays as it is: apart, its members would be no better off."""
        return self.why in (Why.UNSTEADY, Why.WHOLE)


def members(key: str, versions: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return name to ``name==version`` (as many as move) of a group's members; nothing where it is none.

    What moves together because one of two needs the other has the name of the one, and is no group.
    """
    found: dict[str, list[str]] = {}
    for version in sorted(versions):
        found.setdefault(name(version), []).append(version)
    return found if len(found) > 1 and key.partition("/")[2] not in found else {}


def name(member: str) -> str:
    """Return the name of a member that is written ``name==version``."""
    return member.partition("==")[0]


def step(members: Members, results: Mapping[frozenset[str], Outcome], budget: int) -> Try | Found | GivenUp:
    """Return what to do next about a group that is red as a whole, as the trials so far have it.

    The shortest red beginning of the members is looked for by halves. Its last member breaks the others
    before it, alone or with them, so it is set aside, and the rest is tried as a whole; as long as that is
    red, the search goes on in it. Before the last of all is blamed, all are tried as the others were. A
    culprit among n members costs at most ⌈log2 n⌉ + 1 runs, and all together no more than ``budget``.
    """
    whole = frozenset(members)
    known = {**results, frozenset(): Outcome.GREEN, whole: Outcome.RED}
    if Outcome.NONE in results.values():
        return GivenUp(Why.SILENT)
    if results.get(whole) is Outcome.GREEN:
        return GivenUp(Why.UNSTEADY)
    rest, culprits = members, list[Members]()
    while known.get(frozenset(rest)) is Outcome.RED:
        good, bad = _bracket(rest, known)
        unknown = next((p for p in _between(good, bad) if frozenset(rest[:p]) not in known), None)
        if unknown is None and (good, bad) == (0, len(members)) and len(members) > 1:
            return GivenUp(Why.WHOLE)
        if unknown is None and bad == len(members) and whole not in results:
            unknown = bad
        if unknown is not None:
            return _within(budget, results, rest[:unknown])
        culprits.append(rest[good:bad])
        rest = rest[:good] + rest[bad:]
    outcome = known.get(frozenset(rest))
    if outcome is None:
        return _within(budget, results, rest)
    return Found(tuple(culprits), rest) if outcome is Outcome.GREEN else GivenUp(Why.TOGETHER)


def _bracket(rest: Members, known: Mapping[frozenset[str], Outcome]) -> tuple[int, int]:
    """Return the length of the longest green beginning before the shortest red one, and that one's."""
    told = [known.get(frozenset(rest[:length])) for length in range(len(rest) + 1)]
    bad = told.index(Outcome.RED)
    return max(length for length in range(bad) if told[length] is Outcome.GREEN), bad


def _between(good: int, bad: int) -> Iterator[int]:
    """Yield the lengths between two, those in the middle first."""
    middle = (good + bad) // 2
    yield from sorted(range(good + 1, bad), key=lambda length: (abs(length - middle), length))


def _within(budget: int, results: Mapping[frozenset[str], Outcome], members: Members) -> Try | GivenUp:
    runs = sum(outcome is not Outcome.UNBUILT for outcome in results.values())
    return Try(members) if runs < budget else GivenUp(Why.BUDGET)
