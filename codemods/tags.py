"""Reads the tags of repositories and images: a version keeps the shape in which a file writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import Version

_TAG = re.compile(
    r"(?P<prefix>[^\W\d][A-Za-z_./@+-]{0,79}|)(?P<number>\d{1,9}(?:\.\d{1,9}){0,5})"
    r"(?P<suffix>(?:[-+_.]?[A-Za-z][\w.+-]{0,79})?)",
    re.ASCII,
)
_UNFINISHED = re.compile(
    r"[-+_.]?(?:a|alpha|b|beta|c|rc|dev|pre|preview|m|ea|eap|snapshot|nightly|canary|next|edge|test)"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_DATED = 1000
_ABBREVIATED = re.compile(r"(?=\d*[a-f])[0-9a-f]{7,64}")
COMMIT = re.compile(r"[0-9a-f]{40}")
"""A commit's id in full; a shorter one can become another commit's."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's parts: ``release-v``, (1, 2, 3) and ``-slim`` of ``release-v1.2.3-slim``."""

    text: str
    prefix: str
    numbers: tuple[int, ...]
    suffix: str

    @property
    def shape(self) -> tuple[str, int, str, bool]:
        """What two tags must have in common to be versions of one line.

        Numbers that begin with a year are not compared with others: a project that gave them up would seem
        to go back.
        """
        return self.prefix, len(self.numbers), self.suffix, self.numbers[0] >= _DATED

    @property
    def version(self) -> Version:
        """The numbers as a version."""
        return Version(".".join(map(str, self.numbers)))

    @property
    def is_prerelease(self) -> bool:
        """Whether the words behind the numbers say that the version is not finished."""
        return bool(_UNFINISHED.match(self.suffix))

    @property
    def line(self) -> object:
        """What stands for this tag among the `lines` of those that it may move along with."""
        return self.prefix, self.numbers, self.suffix

    @property
    def lines(self) -> list[object]:
        """The lines of the tags that may move along with this one: ``v4`` and ``v4.1`` of ``v4.1.2``."""
        return [(self.prefix, self.numbers[:n], self.suffix) for n in range(1, len(self.numbers))]

    def covers(self, other: Tag) -> bool:
        """Say whether this tag may move along with another one: ``v4`` with ``v4.1.2``."""
        return self.line in other.lines


def parse(text: str) -> Tag | None:
    """Return a tag's parts, None for one without a version in it, and for a commit."""
    found = _TAG.fullmatch(text)
    if found is None or _ABBREVIATED.fullmatch(text):
        return None
    return Tag(text, found["prefix"], tuple(map(int, found["number"].split("."))), found["suffix"])
