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
    CLOSED = "closed"
    REOPENED = "reopened"
    UNMERGED = "unmerged"
    """GitHub was told not to merge it by itself."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened; ``who`` is a login, of a ``person`` where no bot did it.

    ``name`` is who was asked (a login, or ``organisation/team``), or the state of a review in lower case;
    ``text`` the words of a comment or of a commit's message; ``number`` tells reviews apart, and ``commit``
    is the one that was reviewed. Of a commit, which is the ``commit`` itself, ``who`` is the address of its
    author and ``name`` that of its committer.
    """

    did: Did
    who: str
    at: datetime
    person: bool = True
    name: str = ""
    text: str = ""
    number: int = 0
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that happened, the oldest first; ``whole`` is false where there was too much to read.

    ``ground`` is the commit that the first of the pull request's commits was made on, ``""``: not known.
    What is proposed changed last at ``changed_at`` (None: never); the reviews numbered ``outdated`` are about
    something else, and say no more than a no, or that somebody has been here.
    """

    events: tuple[Happened, ...] = ()
    whole: bool = True
    ground: str = ""
    changed_at: datetime | None = None
    outdated: frozenset[int] = frozenset()

    def _by_people(self, *kinds: Did) -> Iterator[Happened]:
        return (event for event in self.events if event.person and event.did in kinds)

    @property
    def _opinions(self) -> dict[str, Happened]:
        """The last review of each person that says yes or no, of whatever it was about."""
        dismissed = {event.number for event in self.events if event.did is Did.DISMISSED}
        found: dict[str, Happened] = {}
        for event in self._by_people(Did.REVIEWED):
            if event.number in dismissed or event.name == "dismissed":
                found.pop(event.who, None)
            elif event.name in {"approved", "changes_requested"}:
                found[event.who] = event
        return found

    @property
    def objections(self) -> list[str]:
        """Who wants something changed: a no stays one, whatever is proposed by now."""
        return [who for who, event in self._opinions.items() if event.name == "changes_requested"]

    def _approvals(self, *, outdated: bool = False) -> list[datetime]:
        """Return when those approved it whose approval is about what it proposes now, or is ``outdated``."""
        yes = (event for event in self._opinions.values() if event.name == "approved")
        return [event.at for event in yes if (event.number in self.outdated) is outdated]

    @property
    def _lapsed(self) -> frozenset[int]:
        """The reviews that nobody took back and that say nothing any more: what they were about has changed.

        GitHub dismisses some by itself when a branch moves.
        """
        undone = {event.number for event in self.events if event.did is Did.DISMISSED and not event.person}
        return self.outdated | undone

    @property
    def reviewed_at(self) -> datetime | None:
        """When a person reviewed it last as it is; whoever wants something changed has reviewed it."""
        lapsed, against = self._lapsed, self.objections
        reviews = self._by_people(Did.REVIEWED)
        return max((e.at for e in reviews if e.number not in lapsed or e.who in against), default=None)

    @property
    def lapsed(self) -> list[str]:
        """Who reviewed what it proposed before, and was not asked about what it proposes now."""
        last = {e.who: e for e in self._by_people(Did.REVIEWED)}
        asked = {e.name.lower(): e.at for e in self.asked}
        return [
            who
            for who, e in last.items()
            if e.number in self._lapsed and asked.get(who.lower(), e.at) <= e.at
        ]

    @property
    def is_asked_by_people(self) -> bool:
        """Whether a person asked somebody for a review."""
        return any(self._by_people(Did.ASKED))

    @property
    def _is_asked_in_vain(self) -> bool:
        """Whether nobody has approved it since a person asked somebody for a review."""
        last = max((event.at for event in self._by_people(Did.ASKED)), default=None)
        return last is not None and not any(moment >= last for moment in self._approvals())

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
    def closed(self) -> Happened | None:
        """How it was closed last, None where it never was."""
        return next((event for event in reversed(self.events) if event.did is Did.CLOSED), None)

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
            "a person asked for a review": self._is_asked_in_vain,
            "what was approved is not what it proposes now": bool(self._approvals(outdated=True))
            and not self._approvals(),
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
