"""The rows of the ledger as the rest of the house reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workers.messages import LEFT, Kind, Repository


class JobState(StrEnum):
    """Where a job stands; the first two are open, and open jobs are unique by key."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    POISONED = "poisoned"


class Standing(StrEnum):
    """Whether an installation or a repository is worked on; the row's reason says why not."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a delivery: ``new`` unless it was recorded before, and the job that serves it."""

    new: bool
    job_id: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work as it was claimed; ``fence`` proves that the claim is still the newest.

    ``tries`` counts those that failed, ``deaths`` the workers that died over it one after the other.
    ``turn`` counts the claims of all jobs: it says which of two was served later, whatever clocks say.
    """

    id: int
    key: str
    kind: Kind
    installation_id: int | None
    repository_id: int | None
    detail: Mapping[str, object]
    priority: int
    state: JobState
    due: datetime
    lease_until: datetime | None
    lease_owner: str | None
    fence: int
    again: bool
    tries: int
    last_error: str | None
    created: datetime
    finished: datetime | None
    turn: int | None = None
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class InstallationRow:
    """One installation of the App on an account."""

    id: int
    account: str
    state: str
    reason: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """One repository that an installation may see.

    ``due`` is when to look at it again by itself, ``dashboard`` the number of the issue that shows it.
    """

    id: int
    installation_id: int
    owner: str
    name: str
    default_branch: str
    state: str
    reason: str
    updated: datetime
    due: datetime | None = None
    dashboard: int | None = None

    @property
    def full_name(self) -> str:
        """Owner and name as GitHub writes them."""
        return f"{self.owner}/{self.name}"

    @property
    def is_left(self) -> bool:
        """Whether it is skipped for what GitHub says of it, which may change at any time."""
        return self.reason in LEFT.values()

    @property
    def repository(self) -> Repository:
        """The repository as messages carry it."""
        return Repository(self.id, self.owner, self.name, self.default_branch, self.installation_id)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One pull request of ours; ``state`` is ``open``, ``merged`` or ``closed``.

    ``answers`` are the weaknesses that it names; ``marks`` stand for its files, where these say which of
    ``parts`` it is. ``stage`` is a `Stage`; ``cost`` the minutes of review that it takes, of ``team``'s
    budget, beyond it where it is an ``overdraft``. ``reviewers`` were asked at ``asked_at`` and reminded
    ``nudges`` times, and a person answered at ``reviewed_at``; ``due`` is when to look at it again by itself.
    ``failure`` is what its checks said, or which one is missing (``stuck``). ``versions`` are what it moves
    to, ``name==version``; ``automerge`` and ``wanted`` (whom to ask) are what kotsu.yml says of it. To be
    merged, it was to be written anew on the commit ``based``, as was asked at ``based_at``. A person's
    ``word`` closed it (``ignore``, ``never``, ``snooze``), or ours, perhaps ``until`` a moment. ``head_sha``
    is the branch as it was seen last, and ``written`` the commit of ours that it was given last. Who
    ``closed_by`` merged or closed it, ``because`` of what they said; ``merged_sha`` is the commit on the
    default branch, ``edit`` what people changed before (a unified diff, ``""`` for nothing, None where nobody
    knows), ``reverted_at`` when it was taken back, and ``broke`` the check of the default branch that
    failed with it and not before, ``""`` again where it passed within a day.
    """

    id: int
    repository_id: int
    key: str
    improvement: str
    title: str
    branch: str
    number: int
    url: str
    state: str
    head_sha: str
    digest: str
    minutes: int
    opened_at: datetime
    closed_at: datetime | None
    answers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    parts: int = 1
    stage: str = "ready"
    cost: int = 0
    team: str = ""
    overdraft: bool = False
    reviewers: tuple[str, ...] = ()
    asked_at: datetime | None = None
    reviewed_at: datetime | None = None
    nudges: int = 0
    due: datetime | None = None
    failure: Mapping[str, str] | None = None
    versions: tuple[str, ...] = ()
    automerge: bool = False
    based: str = ""
    based_at: datetime | None = None
    wanted: tuple[str, ...] = ()
    word: str = ""
    until: datetime | None = None
    written: str = ""
    closed_by: str = ""
    because: str = ""
    merged_sha: str = ""
    broke: str = ""
    edit: str | None = None
    reverted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """Something found in the last scan and not proposed; ``reason`` is the reason's id.

    ``targets`` are what it is about, such as the members of a group. What waits for room has done so
    ``since`` a moment, and was ``seen`` last at another; ``cost``, ``value`` and ``team`` are those of the
    candidate.
    """

    key: str
    improvement: str
    title: str
    reason: str
    sentence: str
    targets: tuple[str, ...] = ()
    since: datetime | None = None
    seen: datetime | None = None
    cost: int = 0
    value: int = 0
    team: str = ""


@dataclass(frozen=True, slots=True)
class ScanRow:
    """One look at a repository by a job; ``outcome`` is empty while it runs."""

    id: int
    repository_id: int
    head_sha: str
    started: datetime
    finished: datetime | None
    outcome: str
    counts: Mapping[str, int]
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How much there is of everything.

    ``waits`` is how long the first waiting job of each priority is overdue; ``resting`` counts installations.
    """

    jobs: Mapping[str, int]
    proposals: Mapping[str, int]
    waits: Mapping[int, timedelta]
    resting: int

    @property
    def oldest(self) -> timedelta:
        """How long the first waiting job of all is overdue."""
        return max(self.waits.values(), default=timedelta())
