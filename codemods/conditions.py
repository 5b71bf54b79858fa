"""Reads the condition that a TODO states, and says whether it has come true.

Brackets right after the tag are a grammar: ``TODO[2026-11-01]``, ``TODO[py>=3.12]``, ``TODO[django>=4.2]``,
``TODO[own>=2.0]``, ``TODO[#123 closed]``, ``TODO[+httpx]``, ``TODO[-six]``; with commas between several all
have to be true. Prose counts only where a word of time ties it to what this project does ("once we drop
Python 3.8", "remove after 2025-06-01"). A date alone says when a note was written, a version alone what it is
about, and what another project drops is not for this one to know: none of them is a condition.
"""

from __future__ import annotations

import re
from functools import singledispatch

from packaging.utils import canonicalize_name
from packaging.version import Version

from codemods import clauses, days, mentions, settled
from codemods.clauses import OWN, PYTHON, Closed, Condition, Confidence, Day, Listed, Reached, Together
from codemods.model import Facts


def read(text: str, bracket: str = "", owner: str = "") -> Condition | None:
    """Return the condition of a TODO: of its ``[bracket]``, its ``(owner)`` or its text, in that order."""
    if bracket:
        return _stated(bracket, plain_day=True)
    return (_stated(owner, plain_day=False) if owner else None) or clauses.read(text)


_MAJORS = 9
"""Major versions that a forgotten promise may be behind."""


@singledispatch
def due(condition: Condition, facts: Facts) -> bool | None:
    """Say whether a condition has come true; None where the facts do not tell."""
    raise NotImplementedError(condition, facts)


@due.register
def _(condition: Day, facts: Facts) -> bool | None:
    return facts.today >= condition.day


@due.register
def _(condition: Reached, facts: Facts) -> bool | None:
    lowest = _lowest(condition, facts)
    if lowest is None or may_be_another(condition, facts):
        return None
    if condition.above:
        return _series(lowest, len(condition.version.release)) > condition.version.release
    return lowest >= condition.version


@due.register
def _(condition: Closed, facts: Facts) -> bool | None:
    return settled.is_done(condition, facts)


@due.register
def _(condition: Listed, facts: Facts) -> bool | None:
    return None if facts.listed is None else (condition.name in facts.listed) is not condition.gone


@due.register
def _(condition: Together, facts: Facts) -> bool | None:
    answers = [due(one, facts) for one in condition.all]
    return False if False in answers else None if None in answers else True


@singledispatch
def because(condition: Condition, facts: Facts) -> str:
    """Return in words why a condition that is due is due."""
    raise NotImplementedError(condition, facts)


@because.register
def _(condition: Day, facts: Facts) -> str:  # noqa: ARG001 -- one of several
    return f"since {condition.day.isoformat()}"


@because.register
def _(condition: Reached, facts: Facts) -> str:
    lowest = _lowest(condition, facts)
    if condition.name == PYTHON:
        return f"now that the lowest Python is {lowest}"
    if condition.name == OWN:
        return f"now that the project's version is {lowest}"
    return f"now that the lowest `{condition.name}` is {lowest}"


@because.register
def _(condition: Closed, facts: Facts) -> str:
    return settled.because(condition, facts)


@because.register
def _(condition: Listed, facts: Facts) -> str:  # noqa: ARG001 -- one of several
    return f"now that `{condition.name}` is {'no dependency' if condition.gone else 'a dependency'}"


@because.register
def _(condition: Together, facts: Facts) -> str:
    return " and ".join(because(one, facts) for one in condition.all)


def _lowest(condition: Reached, facts: Facts) -> Version | None:
    if condition.name == PYTHON:
        return Version("{}.{}".format(*facts.floor)) if facts.floor else None
    return facts.own_version if condition.name == OWN else facts.dependencies.get(condition.name)


def may_be_another(condition: Reached, facts: Facts) -> bool:
    """Say whether a bare version may be one of something else: the project's, Python's, or a format's.

    A project of version 3 that says "3.8" may as well speak of itself, and what is written in one of version
    34 and speaks of 2.0 is not about the project.
    """
    own, version = facts.own_version, condition.version
    if not condition.bare:
        return False
    if condition.name == PYTHON:
        return own is not None and own.major == clauses.MAJOR
    return clauses.may_be_python(version) or (own is not None and own.major - version.major > _MAJORS)


def _series(version: Version, length: int) -> tuple[int, ...]:
    return (*version.release, *[0] * length)[:length]


# The grammar of brackets.

_COMPARED = re.compile(r"(?P<name>[A-Za-z][\w.-]*?)\s*(?P<sign>>=?)\s*v?(?P<version>\d+(?:\.\d+)*)")
_DIGITS = re.compile(r"py(?:thon)?[-_]?(?P<major>[23])\.?(?P<minor>\d{1,2})", re.IGNORECASE)
_OWED = re.compile(
    rf"(?:after|by|until|till|before|expires?(?:\s+on)?|due(?:\s+on)?|remove\s+(?:on|after|by))\s+{days.PERIOD}",
    re.IGNORECASE,
)
_PLAIN_DAY = re.compile(days.PERIOD, re.IGNORECASE)


_ISSUE = re.compile(
    rf"{mentions.REFERENCE}(?:\s+(?:is\s+)?(?:closed|fixed|merged|done|resolved|released))?", re.IGNORECASE
)
_LISTED = re.compile(r"(?P<sign>[+-])(?P<name>[A-Za-z][\w.-]*)")

_Single = Day | Reached | Closed | Listed


def _stated(form: str, *, plain_day: bool) -> Condition | None:
    """Read what stands in brackets or parentheses; all of what commas part must be a condition."""
    parts = [part.strip() for part in form.split(",")]
    found = [_one(part, bracket=plain_day) for part in parts]
    known = tuple(one for one in found if one is not None)
    if len(known) < len(parts):
        return None
    return known[0] if len(known) == 1 else Together(known, form)


def _one(form: str, *, bracket: bool) -> _Single | None:
    """Read one condition; in parentheses a day may be that of writing, an issue what it is about."""
    if found := _COMPARED.fullmatch(form):
        name = clauses.name_of(found["name"])
        version = Version(found["version"])
        return Reached(name, version, form, above=found["sign"] == ">", confidence=Confidence.STATED)
    if found := _OWED.fullmatch(form):
        return clauses.day(found, form, Confidence.STATED)
    if bracket and (condition := _in_bracket(form)):
        return condition
    if found := _DIGITS.fullmatch(form):
        # Some mean "when this is the lowest", some "when this is dropped": both hold when it is dropped.
        return Reached(PYTHON, Version(f"{found['major']}.{found['minor']}"), form, above=True)
    return None


def _in_bracket(form: str) -> _Single | None:
    """Read what is a condition in brackets alone."""
    if (found := _PLAIN_DAY.fullmatch(form)) and (found["iso"] or found["iso_month"]):
        return clauses.day(found, form, Confidence.STATED)
    if found := _ISSUE.fullmatch(form):
        return Closed(mentions.of(found), form, Confidence.STATED)
    if found := _LISTED.fullmatch(form):
        return Listed(canonicalize_name(found["name"]), form, gone=found["sign"] == "-")
    return None
