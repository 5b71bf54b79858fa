"""The values that the steps of the flow hand to one another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from packaging.version import Version

from codemods.debts import Debt
from codemods.model import Applicability, Category, Edit, Facts, Finding, Problem, Upgrade
from workers.boxes import Box
from workers.reasons import Reason

CONFIGURE = "configure"
"""The key of the pull request that adds kotsu.yml; it is no improvement's, and counts in no budget."""


class State(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Stage(StrEnum):
    """Where an open proposal stands on its way to a reviewer."""

    BRANCH = "branch"
    """A branch without a pull request, until its checks are green."""
    DRAFT = "draft"
    """A draft that waits for its checks."""
    READY = "ready"
    """Ready for review."""
    RED = "red"
    """A draft whose checks fail because of us: nobody is asked."""
    HELD = "held"
    """A person made it a draft: it is left alone."""


@dataclass(frozen=True, slots=True)
class Stride:
    """One commit of a proposal: the id of the migration that it is, ``""`` for what the proposal is about."""

    rides: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be one pull request: the findings of one improvement about one target.

    ``key`` is the identity of branch, pull request and memory, and never holds a version; ``part`` counts
    from 1 to ``parts`` where a large improvement was split, and ``owner`` is the login or team that all of
    its files belong to; ``owners`` are all that own one of them. What is ``urgent`` waits for no limit of
    pace. ``left`` are the findings about the same that nothing is done about. ``cost`` are the minutes of
    review that it takes, of ``team``'s budget too (``""``: of none), beyond a budget where it is an
    ``overdraft``; ``value`` is what it is worth.
    """

    key: str
    improvement: str
    title: str
    category: Category
    applicability: Applicability
    findings: tuple[Finding, ...]
    minutes: int
    part: int = 1
    parts: int = 1
    owner: str = ""
    urgent: bool = False
    left: tuple[Finding, ...] = ()
    owners: tuple[str, ...] = ()
    cost: int = 0
    value: int = 0
    team: str = ""
    overdraft: bool = False

    @property
    def number(self) -> str:
        """What its title ends with: which part it is, ``""`` where it is the whole."""
        return f" (part {self.part} of {self.parts})" if self.parts > 1 else ""

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its files, where these say which part it is: what has a target is never split."""
        return () if any(self.targets) else tuple(mark(edit.path) for edit in self.edits)

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
    def ways(self) -> tuple[Upgrade, ...]:
        """What moves, and another Python that the code is to run on, each once."""
        return tuple(dict.fromkeys(f.way for f in self.findings if f.way))

    @property
    def versions(self) -> tuple[str, ...]:
        """What it moves to, ``name==version``."""
        return tuple(f"{upgrade.name}=={upgrade.after}" for upgrade in self.upgrades)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The files as they would be, each once, in the order of their paths."""
        made: dict[str, Edit] = {}
        for stride in self.strides:
            for edit in stride.edits:
                made[edit.path] = replace(edit, before=made[edit.path].before) if edit.path in made else edit
        return tuple(made[path] for path in sorted(made))

    @property
    def strides(self) -> tuple[Stride, ...]:
        """Its commits in their order: what it is about, then each migration that rides with it."""
        ordered = sorted(self.findings, key=lambda f: f.stride)
        made = []
        for (_, rides), group in groupby(ordered, key=lambda f: (f.stride, f.rides)):
            edits = dict.fromkeys(f.edit for f in group if f.edit)
            made.append(Stride(rides, tuple(sorted(edits, key=lambda edit: edit.path))))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class Wait:
    """How something waits for room: ``since`` when, and ``after`` which moment that may change by itself.

    ``cost`` (minutes of review), ``value`` and ``team`` are the candidate's.
    """

    since: datetime
    after: datetime | None
    cost: int
    value: int
    team: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something found and not proposed, with its one reason; ``targets`` are what it is about.

    What waits for room says how.
    """

    key: str
    improvement: str
    title: str
    reason: Reason
    sentence: str
    targets: tuple[str, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What people asked of keys: to propose them ``now``, whatever the pace, or to do so ``never``.

    ``ticked`` are the boxes of the dashboard that were read.
    """

    now: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    ticked: frozenset[Box] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed now, in order, and what is not, with reasons."""

    now: tuple[Candidate, ...]
    later: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier pull request of ours: its key, what became of it, and when it was opened (UTC).

    ``answers`` are the weaknesses that it named, each by one name; ``marks`` those of the files that it
    changed, and ``parts`` how many parts there were when it was written last. ``versions`` are what it moved
    to, ``name==version``. A person's ``word`` closed it (``ignore``, ``never``, ``snooze``, ``split``; ``""``
    without one), ``until`` a moment if it says so. ``cost`` are minutes of review, of ``team``'s budget,
    beyond one where it was an ``overdraft``.
    """

    key: str
    state: State
    opened: datetime
    answers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    parts: int = 1
    versions: tuple[str, ...] = ()
    word: str = ""
    until: datetime | None = None
    cost: int = 0
    team: str = ""
    overdraft: bool = False


@dataclass(frozen=True, slots=True)
class Apart:
    """Members of the group ``key`` that go alone, ``name==version`` each (a name: in any version), and why.

    ``check`` fails with them and the others of the group, ``url`` is its page and ``excerpt`` what it said;
    ``why`` is the end of a sentence where no check is known.
    """

    key: str
    members: tuple[str, ...]
    check: str = ""
    url: str = ""
    excerpt: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A part of a group that is to be tried, in the very versions that its pull request has."""

    group: str
    versions: tuple[str, ...]

    @property
    def newest(self) -> Mapping[str, Version]:
        """The newest version of each member."""
        pairs = [member.partition("==")[::2] for member in self.versions]
        return {name: max(Version(v) for n, v in pairs if n == name) for name, _ in pairs}


@dataclass(frozen=True, slots=True)
class Blame:
    """Who wrote the lines ``first`` to ``last`` of a file, and on which day; ``login`` where it is known."""

    first: int
    last: int
    author: str
    day: date
    login: str = ""


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
    when the pull request would say the same, ``change`` when it would change the same, wherever that stands
    by now; ``former`` is the digest as bodies have it that were written before there was a ``change``.
    ``answers`` are the weaknesses that it fixes, each with all its
    names; ``versions`` what moves, ``name==version``. ``cost`` are the minutes of review that it takes, of
    ``team``'s budget (``""``: the repository's), beyond a budget where it is an ``overdraft``; what is
    ``urgent`` may be one. ``open_as`` and ``automerge`` are what kotsu.yml says of it. Where there are
    several ``commits``, each has its subject and its own edits, on top of those before it. ``remarks`` are
    sentences that its body has and that people should not have to look for.
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
    change: str = ""
    former: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    versions: tuple[str, ...] = ()
    cost: int = 0
    team: str = ""
    overdraft: bool = False
    urgent: bool = False
    open_as: str = "draft"
    automerge: bool = False
    commits: tuple[tuple[str, tuple[Edit, ...]], ...] = ()
    remarks: tuple[str, ...] = ()

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
    """What a scan came to: what to propose, what was withheld and why, what could not be read.

    ``unknown`` are the names whose releases could not be learned, ``debts`` the promises in comments (None:
    nobody looked for them), ``facts`` what it knew (None: it looked at a part of the tree, or at nothing);
    it ``is_advised`` unless the source of advisories did not answer.
    """

    proposals: Sequence[Proposal]
    withheld: Sequence[Withheld]
    problems: Sequence[Problem]
    unknown: frozenset[str] = frozenset()
    debts: Sequence[Debt] | None = None
    facts: Facts | None = None
    is_advised: bool = False


def is_answered(answers: Sequence[Sequence[str]], said: Collection[str]) -> bool:
    """Say whether a no to some weaknesses is one to these too; a no that names none is one to everything.

    A weakness is the same by any of its names: which one is the best known can change.
    """
    return not said or all(any(name in said for name in names) for names in answers)


def mark(text: str) -> str:
    """Return a short name of a path or another text, which is harmless wherever it is written."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def key_of(improvement: str, target: str = "", part: int = 1) -> str:
    """Return the identity of a proposal; parts after the first carry their number."""
    return improvement + (f"/{target}" if target else "") + (f".{part}" if part > 1 else "")


def part_of(key: str, whole: str) -> int:
    """Return the number of the part that a key stands for; 0 when it is none of this whole."""
    if key == whole:
        return 1
    found = _PART.fullmatch(key)
    return int(found[2]) if found and found[1] == whole else 0


_PART = re.compile(r"([^/]+)\.([1-9][0-9]{0,3})")
"""What has a target has no parts, and its name may well end with a number."""
