"""Reads the issues that a text names (`#12`, `owner/name#12`, an address), and what became of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_OWNER, _NAME = r"[A-Za-z\d](?:[A-Za-z\d-]{0,38})", r"[\w.-]{1,100}"
_ADDRESS = rf"https?://(?:www\.)?github\.com/(?P<of>{_OWNER}/{_NAME})/(?:issues|pull)/(?P<no>\d{{1,9}})"
_SHORT = rf"(?<![\w/.#&-])(?:(?P<repo>{_OWNER}/{_NAME})?\#|GH-)(?P<number>\d{{1,9}})"
REFERENCE = rf"(?:{_ADDRESS}(?:[#?]\S*)?|{_SHORT})(?![\w-])"
"""An issue or a pull request of GitHub; a match belongs to `of`."""

_REFERENCE = re.compile(REFERENCE)
_OPENING = re.compile(rf"(?:(?:fix|resolve|address|implement) )?(?:issue |bug )?{REFERENCE}", re.IGNORECASE)
_OF_PULLS = re.compile(r"\b(?:prs?|pull(?: request)?s?|merged?|lands?|landed|is in)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """An issue: of which ``repository`` (``owner/name`` in lower case, ``""``: the one it is read in)."""

    repository: str
    number: int

    def __str__(self) -> str:
        """Return it as GitHub would write it."""
        return f"{self.repository}#{self.number}"


class Progress(StrEnum):
    """What became of an issue or a pull request; ``DROPPED``: closed without being done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Ticket:
    """An issue, or a ``pull`` request; ``closed`` is the day of its closing (ISO 8601), ``""``: it is open.

    ``arrived`` says whether what is in use here is newer than that, None where nobody can tell; ``own`` that
    its address is one of the repository in which it is read.
    """

    progress: Progress
    closed: str = ""
    arrived: bool | None = None
    pull: bool = False
    own: bool = False

    def is_meant(self, mention: Mention, words: str) -> bool:
        """Say whether it is what words name: a number alone may be one of another tracker.

        Where issues are kept elsewhere, the same number here is that of a pull request.
        """
        return not self.pull or bool(mention.repository) or bool(_OF_PULLS.search(words))


def of(found: re.Match[str]) -> Mention:
    """Return the issue that `REFERENCE` matched."""
    repository = (found["of"] or found["repo"] or "").lower().removesuffix(".git")
    return Mention(repository, int(found["no"] or found["number"]))


def issues(text: str) -> Iterator[Mention]:
    """Yield the issues of GitHub that a text names, in their order."""
    yield from (of(found) for found in _REFERENCE.finditer(text))


def opening(text: str) -> Iterator[Mention]:
    """Yield the issue that a text begins with, or wants to be fixed first of all; none that it refers to."""
    if found := _OPENING.match(text):
        yield of(found)
