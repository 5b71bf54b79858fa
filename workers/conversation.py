"""What people said and did at a pull request, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REMINDER = "<!-- kotsu-reminder -->"
"""What a reminder of ours ends with, so that it is found again."""
_COMMAND = "/kotsu"
_TRAILER = "\nKotsu-Key: "
_BOT = "[bot]@"


class Did(StrEnum):
    """What can happen at a pull request, as far as it matters here."""

    COMMENTED = "commented"
    REVIEWED = "reviewed"
    DISMISSED = "dismissed"
    COMMITTED = "committed"
    ASKED = "asked"
    """Somebody was asked for a review."""
    UNASKED = "unasked"
    """The question was taken back, or whoever was assigned is no more."""
    DRAFTED = "drafted"
    READIED = "readied"
    REOPENED = "reopened"
    UNMERGED = "unmerged"
    """GitHub was told not to merge it by itself."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened; ``who`` is a login, of a ``person`` where no bot did it.

    ``name`` is who was asked (a login, or ``organisation/team``), or the state of a review in lower case;
    ``text`` the words of a comment or of a commit's message; ``number`` tells reviews apart. Of a commit,
    ``who`` is the address of its author and ``name`` that of its committer.
    """

    did: Did
    who: str
    at: datetime
    person: bool = True
    name: str = ""
    text: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that happened, the oldest first; ``whole`` is false where there was too much to read.

    ``ground`` is the commit that the first of the pull request's commits was made on, ``""``: not known.
    """

    events: tuple[Happened, ...] = ()
    whole: bool = True
    ground: str = ""

    def _by_people(self, *kinds: Did) -> Iterator[Happened]:
        return (event for event in self.events if event.person and event.did in kinds)

    @property
    def opinions(self) -> dict[str, str]:
        """What each person thinks by their last review: ``approved`` or ``changes_requested``."""
        dismissed = {event.number for event in self.events if event.did is Did.DISMISSED}
        found: dict[str, str] = {}
        for event in self._by_people(Did.REVIEWED):
            if event.number in dismissed or event.name == "dismissed":
                found.pop(event.who, None)
            elif event.name in {"approved", "changes_requested"}:
                found[event.who] = event.name
        return found

    @property
    def objections(self) -> list[str]:
        """Who wants something changed."""
        return [who for who, opinion in self.opinions.items() if opinion == "changes_requested"]

    @property
    def reviewed_at(self) -> datetime | None:
        """When a person reviewed it last."""
        return max((event.at for event in self._by_people(Did.REVIEWED)), default=None)

    @property
    def is_asked_by_people(self) -> bool:
        """Whether a person asked somebody for a review."""
        return any(self._by_people(Did.ASKED))

    @property
    def asked(self) -> list[Happened]:
        """Who was asked, each time that somebody was."""
        return [event for event in self.events if event.did is Did.ASKED]

    @property
    def refused(self) -> set[str]:
        """Who is not to be asked any more, in lower case: a person took the question back."""
        return {event.name.lower() for event in self._by_people(Did.UNASKED)}

    @property
    def active_at(self) -> datetime | None:
        """When a person did anything here the last time."""
        return max((event.at for event in self._by_people(*Did)), default=None)

    @property
    def is_seen(self) -> bool:
        """Whether a person looks at it: said more than a command, reviewed it, or asked somebody to."""
        said = any(not _is_command(event) for event in self._by_people(Did.COMMENTED))
        return said or not self.whole or any(self._by_people(Did.REVIEWED, Did.ASKED))

    @property
    def is_reopened(self) -> bool:
        """Whether a person opened it again."""
        return any(self._by_people(Did.REOPENED))

    @property
    def drafted_by(self) -> str:
        """Who made it a draft, or ready, last; ``""`` where nobody did."""
        return next((e.who for e in reversed(self.events) if e.did in (Did.DRAFTED, Did.READIED)), "")

    @property
    def readied_at(self) -> datetime | None:
        """When it was made ready last, by whomever."""
        return max((event.at for event in self.events if event.did is Did.READIED), default=None)

    @property
    def is_discussed(self) -> bool:
        """Whether a person took part: said something, pushed, or decided how it goes on."""
        own = (Did.COMMENTED, Did.REVIEWED, Did.COMMITTED, Did.DRAFTED, Did.READIED, Did.REOPENED)
        return any(self._by_people(*own))

    @property
    def reminded_at(self) -> datetime | None:
        """When we reminded somebody."""
        said = (e for e in self.events if e.did is Did.COMMENTED and not e.person and REMINDER in e.text)
        return max((event.at for event in said), default=None)

    @property
    def objection(self) -> str:
        """Why nothing may be merged here without a person, ``""`` where nothing speaks against it."""
        against = {
            "there is more of a discussion than can be read": not self.whole,
            "changes are requested": bool(self.objections),
            "a person stopped it": any(self._by_people(Did.UNMERGED, Did.DRAFTED)),
            "a person gave a command": any(map(_is_command, self._by_people(Did.COMMENTED))),
            "a person asked for a review": self.is_asked_by_people
            and "approved" not in self.opinions.values(),
            "it has commits that are not ours": any(
                event.did is Did.COMMITTED and not is_ours(event.who, event.name, event.text)
                for event in self.events
            ),
        }
        return next((why for why, holds in against.items() if holds), "")


def _is_command(said: Happened) -> bool:
    return said.text.lstrip().lower().startswith(_COMMAND)


def is_ours(author: str, committer: str, message: str) -> bool:
    """Say whether we wrote a commit: somebody who amends one of ours becomes its committer."""
    unchanged = committer == author or committer.startswith("noreply@")
    return _BOT in author and unchanged and _TRAILER in message


def is_by_a_person(author: str, committer: str) -> bool:
    """Say whether a person had a hand in a commit, by the addresses of its author and committer."""
    return _BOT not in author or not (_BOT in committer or committer.startswith("noreply@"))
