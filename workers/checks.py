"""Judges the checks of a pull request beside those of its base: what fails because of us."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """What the checks of a pull request come to."""

    WAITING = "waiting"
    """Something still runs, or has not begun."""
    GREEN = "green"
    """Nothing fails because of us."""
    RED = "red"
    """Something fails because of us."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A check that fails because of us: its name, its page, and an excerpt of what it said."""

    name: str
    url: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks come to, in a sentence; ``proven``: every required one passed on exactly this head."""

    colour: Colour
    sentence: str
    failing: tuple[Failing, ...] = ()
    proven: bool = False
