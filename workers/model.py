"""The values that the steps of the flow hand to one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from codemods.model import Applicability, Category, Edit, Finding, Problem, Upgrade


class Reason(Enum):
    """Why something that was found is not proposed now; the value is the sentence people read."""

    ADVICE = "It needs a person: no edit is provably right."
    DECLINED = "A pull request for it was closed without merging, and that is an answer."
    DISABLED = "It is switched off in kotsu.yml."
    UNSAFE = "It may change behaviour, and kotsu.yml asks for safe improvements only (`unsafe: false`)."
    LEFT_ALONE = "Its branch or pull request holds what is not ours to write."
    FIX_FIRST = "It waits until the security fix of the same dependency is merged: both would move it."
    FIRST_PART = "It waits until the part before it is merged, so that each pull request stays small."
    OPEN_LIMIT = "As many pull requests are open as `limits.open` allows."
    DAY_LIMIT = "As many new pull requests were opened today as `limits.per-day` allows."

    @property
    def id(self) -> str:
        """The reason's name for scripts, in kebab-case."""
        return self.name.lower().replace("_", "-")


class State(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be one pull request: the findings of one improvement about one target.

    ``key`` is the identity of branch, pull request and memory, and never holds a version; ``part`` counts
    from 1 where a large improvement was split; what is ``urgent`` waits for no limit of pace. ``left`` are
    the findings about the same that nothing is done about.
    """

    key: str
    improvement: str
    title: str
    category: Category
    applicability: Applicability
    findings: tuple[Finding, ...]
    minutes: int
    part: int = 1
    urgent: bool = False
    left: tuple[Finding, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """What it is about, each once: more than one in a group."""
        return tuple(dict.fromkeys(f.target for f in self.findings))

    @property
    def answers(self) -> tuple[tuple[str, ...], ...]:
        """The weaknesses that it fixes, each with all its names."""
        return tuple(dict.fromkeys(names for f in self.findings for names in f.answers))

    @property
    def upgrades(self) -> tuple[Upgrade, ...]:
        """What moves, each once."""
        return tuple(dict.fromkeys(f.upgrade for f in self.findings if f.upgrade))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The files as they would be, each once, in the order of their paths."""
        unique = dict.fromkeys(f.edit for f in self.findings if f.edit is not None)
        return tuple(sorted(unique, key=lambda edit: edit.path))


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something found and not proposed, with its one reason."""

    key: str
    improvement: str
    title: str
    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed now, in order, and what is not, with reasons."""

    now: tuple[Candidate, ...]
    later: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier pull request of ours: its key, what became of it, and when it was opened (UTC).

    ``answers`` are the weaknesses that it named, each by one name.
    """

    key: str
    state: State
    opened: datetime
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blame:
    """Who wrote the lines ``first`` to ``last`` of a file, and on which day."""

    first: int
    last: int
    author: str
    day: date


@dataclass(frozen=True, slots=True)
class Note:
    """What a project published about one of its versions; ``text`` is Markdown that somebody else wrote.

    ``tag`` is the version as the repository writes it, ``url`` the page that has all of it, ``day`` when it
    was published (ISO 8601).
    """

    tag: str
    text: str
    url: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of an upgrade beside its numbers.

    ``repository`` is its address (``""``: unknown), ``notes`` what was published there, ``differences`` what
    the new release says of itself and the old one did not.
    """

    repository: str = ""
    notes: tuple[Note, ...] = ()
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that was found in one tree, and everything that could not be read."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pull request as it will be read: nothing is added to it on the way to GitHub.

    ``patch`` is a unified diff that ``git apply`` takes on the scanned tree by itself; ``digest`` is equal
    when the pull request would be the same. ``answers`` are the weaknesses that it fixes, each with all its
    names.
    """

    key: str
    improvement: str
    category: Category
    applicability: Applicability
    title: str
    body: str
    branch: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    edits: tuple[Edit, ...]
    patch: str
    minutes: int
    digest: str
    answers: tuple[tuple[str, ...], ...] = ()

    def as_json(self) -> Mapping[str, object]:
        """Return the proposal in the shape that ``kotsu plan --json`` promises."""
        return {
            "key": self.key,
            "improvement": self.improvement,
            "category": self.category.value,
            "applicability": self.applicability.value,
            "title": self.title,
            "body": self.body,
            "branch": self.branch,
            "labels": list(self.labels),
            "reviewers": list(self.reviewers),
            "files": [edit.path for edit in self.edits],
            "patch": self.patch,
            "minutes": self.minutes,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan came to: what to propose, what was withheld and why, what could not be read."""

    proposals: Sequence[Proposal]
    withheld: Sequence[Withheld]
    problems: Sequence[Problem]


def is_answered(answers: Sequence[Sequence[str]], said: Collection[str]) -> bool:
    """Say whether a no to some weaknesses is one to these too; a no that names none is one to everything.

    A weakness is the same by any of its names: which one is the best known can change.
    """
    return not said or all(any(name in said for name in names) for names in answers)


def key_of(improvement: str, target: str = "", part: int = 1) -> str:
    """Return the identity of a proposal; parts after the first carry their number."""
    return improvement + (f"/{target}" if target else "") + (f".{part}" if part > 1 else "")
