"""What is promised in comments, and how that stands: values that outlive the files' texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TAGS = ("TODO", "FIXME", "XXX", "HACK", "BUG", "OPTIMIZE")
"""What a comment begins with that is a promise, where nobody says otherwise."""


class Standing(StrEnum):
    """How a TODO stands; in the order in which people should read them."""

    DUE = "due"
    ORPHANED = "orphaned"
    NOT_YET = "not yet"
    UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True)
class Stood:
    """How a TODO stands, and why in a few words; ``confidence`` is its condition's, ``""``: none."""

    standing: Standing
    why: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: the lines that it begins and ends on (from 1), what it says, its comments' bytes.

    ``owner`` and ``condition`` stand in its parentheses and brackets.
    """

    line: int
    last: int
    tag: str
    owner: str
    condition: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Debt:
    """A promise in a file of a tree, and how it stands."""

    path: str
    promise: Promise
    stood: Stood
