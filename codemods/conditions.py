"""Reads the condition that a TODO states, and says whether it has come true.

Brackets right after the tag are a grammar: ``TODO[2026-11-01]``, ``TODO[py>=3.12]``, ``TODO[django>=4.2]``,
``TODO[own>=2.0]``. Prose counts only where a word of time ties it to what this project does ("once we drop
Python 3.8", "remove after 2025-06-01"). A date alone says when a note was written, a version alone what it is
about, and what another project drops is not for this one to know: none of them is a condition.
"""

from __future__ import annotations

import re

from packaging.version import Version

from codemods import clauses, days
from codemods.clauses import OWN, PYTHON, Condition, Confidence, Day, Reached
from codemods.model import Facts


def read(text: str, bracket: str = "", owner: str = "") -> Condition | None:
    """Return the condition of a TODO: of its ``[bracket]``, its ``(owner)`` or its text, in that order."""
    if bracket:
        return _stated(bracket, plain_day=True)
    return (_stated(owner, plain_day=False) if owner else None) or clauses.read(text)


def due(condition: Condition, facts: Facts) -> bool | None:
    """Say whether a condition has come true; None where the facts do not tell."""
    if isinstance(condition, Day):
        return facts.today >= condition.day
    lowest = _lowest(condition, facts)
    if lowest is None:
        return None
    if condition.above:
        return _series(lowest, len(condition.version.release)) > condition.version.release
    return lowest >= condition.version


def because(condition: Condition, facts: Facts) -> str:
    """Return in words why a condition that is due is due."""
    if isinstance(condition, Day):
        return f"since {condition.day.isoformat()}"
    lowest = _lowest(condition, facts)
    if condition.name == PYTHON:
        return f"now that the lowest Python is {lowest}"
    if condition.name == OWN:
        return f"now that the project's version is {lowest}"
    return f"now that the lowest `{condition.name}` is {lowest}"


def _lowest(condition: Reached, facts: Facts) -> Version | None:
    own = facts.own_version
    if condition.name == PYTHON:
        # A project of version 3 that says "3.8" may as well speak of itself.
        unsure = condition.bare and own is not None and own.major == clauses.MAJOR
        return None if facts.floor is None or unsure else Version("{}.{}".format(*facts.floor))
    if condition.name == OWN:
        return None if condition.bare and clauses.may_be_python(condition.version) else own
    return facts.dependencies.get(condition.name)


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


def _stated(form: str, *, plain_day: bool) -> Condition | None:
    """Read what stands in brackets or parentheses; a plain day in parentheses may be that of writing."""
    if found := _COMPARED.fullmatch(form):
        name = clauses.name_of(found["name"])
        version = Version(found["version"])
        return Reached(name, version, form, above=found["sign"] == ">", confidence=Confidence.STATED)
    if found := _OWED.fullmatch(form):
        return clauses.day(found, form, Confidence.STATED)
    if plain_day and (found := _PLAIN_DAY.fullmatch(form)) and (found["iso"] or found["iso_month"]):
        return clauses.day(found, form, Confidence.STATED)
    if found := _DIGITS.fullmatch(form):
        # Some mean "when this is the lowest", some "when this is dropped": both hold when it is dropped.
        return Reached(PYTHON, Version(f"{found['major']}.{found['minor']}"), form, above=True)
    return None
