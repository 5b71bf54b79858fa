"""The seeded organisation: its teams and their people, which repositories are theirs, and what is odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random

from workers.messages import Repository

NOW = datetime(2026, 8, 17, 9, 0, tzinfo=UTC)
"""The moment at which the organisation stands still: a Monday, so that its pages stay as they are."""
OWNER, OTHER = "acme", "acme-labs"
INSTALLATION, RESTING = 7_001, 7_002
"""The installation of the organisation, and that of a small one which rests."""
OVERLOADED = "acme/payments"
"""The team that has more to review than it finds time for."""
DECLINING = "acme/heritage"
"""The team that closes whatever comes."""
STOPPED = "acme/invoice-printer"
"""The repository that has no pull request, and why."""
STOPPED_BECAUSE = (
    "Nothing is proposed until `.github/kotsu.yml` is mended, at line 4: `limit` is unknown: `limits`."
)
RESTING_REPOSITORY = "acme/deploy-api"
"""The repository that somebody paused, and who and when that was."""
PAUSED_BY, PAUSED_AT = "gil", NOW - timedelta(hours=3)
_KINDS = (
    *("api", "worker", "admin", "gateway", "reports", "sync", "models", "events", "cli", "client", "web"),
    *("jobs", "export", "import", "search", "mailer", "cache", "schema", "feeds", "proxy", "tools", "docs"),
)
_ODD = {"archived": "It is archived.", "fork": "It is a fork: improvements belong to where it came from."}


@dataclass(frozen=True, slots=True)
class Team:
    """A team, its people, and what its repositories are called by.

    A review takes so many ``days``; ``taken`` is the share of what others would merge that it merges.
    """

    name: str
    people: tuple[str, ...]
    topics: tuple[str, ...]
    days: float
    taken: float = 1.0


TEAMS = (
    Team(OVERLOADED, ("mira", "oskar"), ("payment", "refund", "invoice"), 19.0),
    Team(DECLINING, ("viktor",), ("legacy", "mainframe"), 1.5, 0.02),
    Team("acme/search", ("ada", "ben", "cleo"), ("search", "index", "ranking"), 1.2),
    Team("acme/checkout", ("dina", "emil", "fay"), ("checkout", "basket", "voucher"), 1.8),
    Team("acme/platform", ("gil", "hana", "ivo", "jana"), ("deploy", "metrics", "secrets"), 0.8),
    Team("acme/data", ("kim", "lars", "nils"), ("warehouse", "events", "forecast"), 3.5, 0.92),
    Team("acme/identity", ("pia", "quinn"), ("login", "account", "consent"), 2.2),
    Team("acme/logistics", ("rosa", "sam", "theo"), ("parcel", "route", "depot"), 2.8, 0.9),
)
_SHARES = (0, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 0, 1, 4, 2, 3, 6, 7)
"""Whose the next repository is, over and over."""


@dataclass(frozen=True, slots=True)
class Place:
    """A repository and whose it is; ``left`` says why it is not worked on."""

    repository: Repository
    team: Team
    left: str = ""

    @property
    def id(self) -> int:
        """Its id."""
        return self.repository.id

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is proposed there."""
        return bool(self.left) or self.repository.full_name == STOPPED


@dataclass(frozen=True)
class Town:
    """So many repositories over so many weeks up to `NOW`, the same for the same seed."""

    size: int = 300
    weeks: int = 12
    seed: int = 1

    @property
    def start(self) -> datetime:
        """When the App was installed."""
        return NOW - timedelta(weeks=self.weeks)

    def chance(self, about: str) -> Random:
        """Return what decides about something, and about nothing else."""
        return Random(f"{self.seed} {about}")  # noqa: S311 -- the same seed has to give the same

    @cached_property
    def places(self) -> Sequence[Place]:
        """The repositories: first the odd one, the last twentieth in the small organisation."""
        found = [self._place(0, TEAMS[0], STOPPED.partition("/")[2])]
        turns = [0] * len(TEAMS)
        for number in range(1, self.size):
            which = _SHARES[number % len(_SHARES)]
            found.append(self._place(number, TEAMS[which], _name(TEAMS[which], turns[which])))
            turns[which] += 1
        return found

    def _place(self, number: int, team: Team, name: str) -> Place:
        small = number >= self.size - self.size // 20
        left = list(_ODD.values())[number % 2] if number % 41 == 40 else ""  # noqa: PLR2004 -- one in 41
        owner, installation = (OTHER, RESTING) if small else (OWNER, INSTALLATION)
        return Place(Repository(1000 + number, owner, name, "main", installation), team, left)


def _name(team: Team, turn: int) -> str:
    topics, kinds = len(team.topics), len(_KINDS)
    again = turn // (topics * kinds)
    name = f"{team.topics[turn % topics]}-{_KINDS[turn // topics % kinds]}"
    return f"{name}-{again + 1}" if again else name
