"""Says what kotsu.yml wishes of one proposal: what it says of all, and the last rule that matches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeVar

from codemods import places
from codemods.model import Applicability, Facts, Finding, Wait, plain
from codemods.registry import Improvement
from workers.config import Config
from workers.model import Candidate
from workers.wants import Doubt, Match, Rule, Wishes

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class About:
    """What rules can know of a proposal.

    ``packages`` are what it moves, each with all its names; ``paths`` the files that it changes, ``steps``
    how far it moves (``major``, ``minor``, ``patch``).
    """

    improvement: str
    category: str
    applicability: str
    packages: tuple[tuple[str, ...], ...] = ()
    paths: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def about(candidate: Candidate) -> About:
    """Return what rules can know of a candidate."""
    return _about(
        candidate.improvement, candidate.category, candidate.applicability, findings=candidate.findings
    )


def about_one(improvement: Improvement, findings: Sequence[Finding]) -> About:
    """Return what rules can know of an improvement's findings about one target."""
    known = improvement.about
    return _about(improvement.id, known.category, known.applicability, findings=findings)


def _about(improvement: str, category: str, applicability: str, *, findings: Iterable[Finding]) -> About:
    changing = [f for f in findings if f.edit or f.upgrade]
    named = ((f.target, f.upgrade.name) if f.upgrade else (f.target,) for f in changing if f.target)
    return About(
        improvement,
        str(category),
        str(applicability),
        packages=tuple(dict.fromkeys(tuple(dict.fromkeys(map(plain, names))) for names in named)),
        paths=tuple(dict.fromkeys(f.edit.path if f.edit else f.path for f in changing)),
        steps=tuple(dict.fromkeys(f.upgrade.step for f in changing if f.upgrade)),
    )


def wishes(config: Config, about: About) -> Wishes:
    """Return what is wished of a proposal, option by option: the last rule that says something counts.

    A rule is about a proposal of several files and packages if it is about each of them. What may change
    behaviour is merged by itself only where a rule names it: ``applicability: unsafe``.
    """
    said = {name: getattr(config, name) for name in Wishes.model_fields}
    unsafe = about.applicability == Applicability.UNSAFE
    said["automerge"] = config.automerge and not unsafe
    for rule in config.rules:
        if _matches(rule.match, about, all):
            named = not unsafe or Applicability.UNSAFE in rule.match.applicability
            new = {name: v for name in Wishes.model_fields if (v := getattr(rule, name)) is not None}
            said |= {name: v for name, v in new.items() if name != "automerge" or named or not v}
    return Wishes.model_construct(**said)


def doubt(config: Config, about: About) -> Doubt | None:
    """Return the mistake in kotsu.yml that may be about a proposal, or about a part of it."""
    return next((d for d in config.doubts if _concerns(d, about)), None)


def named(config: Config, about: About) -> tuple[int, ...]:
    """Return the numbers of the rules that name its packages: what differs in them moves apart."""
    numbered = enumerate(config.rules)
    return tuple(n for n, rule in numbered if rule.match.package and _matches(rule.match, about, all))


def facts(known: Facts, improvement: Improvement, config: Config) -> Facts:
    """Return the facts that an improvement asked for, with its options and how long it waits for releases."""
    asked = known.only(improvement.about, config.options(improvement.id), improvement.distribution)
    if "release_age" not in improvement.about.asks:
        return asked
    own = About(improvement.id, str(improvement.about.category), str(improvement.about.applicability))
    return replace(asked, waits=tuple(wait for rule in config.rules if (wait := _wait(rule, own))))


def _wait(rule: Rule, about: About) -> Wait | None:
    """Return how long a rule lets an improvement wait for releases of some names."""
    later = rule.match.model_copy(update={"package": (), "update": ()})
    if rule.release_age is None or not _matches(later, about, all):
        return None
    return Wait(rule.release_age, tuple(map(plain, rule.match.package)), rule.match.update)


def _concerns(doubt: Doubt, about: About) -> bool:
    if doubt.match is not None:
        return _matches(doubt.match, about, any)
    improvement, _, target = doubt.name.partition("/")
    if improvement != about.improvement:
        return False
    return not target or any(plain(target) in names for names in about.packages)


def _matches(match: Match, about: About, quantity: Callable[[Iterable[bool]], bool]) -> bool:
    """Say whether all, or any, of what a proposal changes matches; what is not said matches anything."""
    return (
        _named(match.improvement, about.improvement)
        and _in(match.category, about.category)
        and _in(match.applicability, about.applicability)
        and _of(quantity, match.package, about.packages, lambda names: _is_like(match.package, names))
        and _of(quantity, match.path, about.paths, lambda path: places.matches(path, match.path))
        and _of(quantity, match.update, about.steps, match.update.__contains__)
    )


def _of(
    quantity: Callable[[Iterable[bool]], bool],
    asked: Collection[str],
    items: Collection[Item],
    fits: Callable[[Item], bool],
) -> bool:
    return not asked or (bool(items) and quantity(fits(item) for item in items))


def _named(patterns: Collection[str], name: str) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _in(words: Collection[str], word: str) -> bool:
    return not words or word in words


def _is_like(patterns: Collection[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, plain(pattern)) for name in names for pattern in patterns)
