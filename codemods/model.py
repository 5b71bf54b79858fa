"""The values that improvements read and return."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from packaging.version import Version

from codemods.boundaries import Brought, Impact
from codemods.durations import Lasted
from codemods.mentions import Ticket
from codemods.tls import INTERMEDIATE, Policy
from codemods.weaknesses import Advisory


class Category(StrEnum):
    """The reason for an improvement."""

    UPGRADE = "upgrade"
    SECURITY = "security"
    RELIABILITY = "reliability"
    SPEED = "speed"
    LIFECYCLE = "lifecycle"
    OPERABILITY = "operability"
    HYGIENE = "hygiene"


class Applicability(StrEnum):
    """How far an edit can be trusted: the same behaviour, a behaviour to review, or only words."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class About:
    """What an improvement says of itself.

    ``title`` is an imperative of at most 60 characters without a period; ``risk`` one sentence;
    ``references`` are addresses; a file without any of ``needles`` cannot be a hit (none: every file can),
    nor one in which the regular expression ``pattern`` matches nowhere (``b""``: it does everywhere); a
    needle of letters, digits and underscores is a whole word. ``asks`` names the fields of `Facts` that the
    improvement reads; ``requires_python`` is the lowest Python for which it is right, so that it waits for
    projects whose floor is that. ``codes`` are the names that linters have for the same complaint: where a
    comment silences one of them (``noqa``, ``nosec``, ``pylint: disable``), somebody has decided already.
    ``asked_for`` is a regular expression of what a TODO says that wants just what the improvement does: one
    on a statement that it changes goes with the work. ``minutes`` is what a person would have needed for one
    occurrence; ``options`` are the settings of kotsu.yml with their defaults; ``tests`` says whether files of
    tests are improved too; ``urgent`` that its proposals wait for no limit of pace, and that other proposals
    about the same target wait for them. ``default`` is False where teams differ so much that kotsu.yml has
    to ask for it. ``clashes`` are improvements whose change of a file would be wrong beside its own, though
    each is right alone: no two of them are proposed for one file at a time.

    A migration ``crosses`` a version of its distribution (``>=2``), with which the old way stops working; the
    new way works ``since`` a version (``""``: that one). ``alone`` is False where the old way means something
    else there: then it is right for code that comes over the version, and wrong for code that is there.
    """

    title: str
    category: Category
    applicability: Applicability
    risk: str
    references: tuple[str, ...]
    needles: tuple[bytes, ...]
    minutes: int
    pattern: bytes = b""
    requires_python: tuple[int, int] | None = None
    codes: tuple[str, ...] = ()
    asked_for: str = ""
    asks: tuple[str, ...] = ()
    options: Mapping[str, int | str | bool] = field(default_factory=dict)
    tests: bool = True
    urgent: bool = False
    default: bool = True
    clashes: tuple[str, ...] = ()
    crosses: str = ""
    since: str = ""
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Edit:
    """A whole file before and after; ``None`` stands for a file that is not there."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Refresh:
    """What only the tool behind a lock file can do: write it again with one distribution at a version.

    Without a ``name`` nothing moves: it is written again for what its sources say by now.
    """

    path: str
    name: str
    version: Version


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The way of a distribution (or an action, or a hook) from the version in use to another.

    ``development``: nothing ships it. ``released`` is the day of the new release (ISO 8601), ``age`` how many
    days ago that was; ``pythons`` are what the old and the new release say of the Pythons that they run on;
    ``page`` is the address of the release, ``""`` where nobody knows it. ``repository`` is the address of
    the repository whose tags the versions are; one of fewer parts stands for all that begin with it.
    ``impact`` is what changes for the code of this repository, where that was looked at. ``brought`` are the
    release's own migrations that were applied, ``remarks`` say in sentences what became of the others.
    """

    name: str
    before: Version | None
    after: Version
    development: bool = False
    released: str = ""
    age: int = 0
    pythons: tuple[str, str] = ("", "")
    page: str = ""
    repository: str = ""
    impact: Impact | None = None
    brought: tuple[Brought, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """How far it goes by its number: ``major``, ``minor`` or ``patch``."""
        return step(self.before, self.after)

    @property
    def is_major(self) -> bool:
        """Whether it may break things by its number: another first part, or another second one after 0."""
        return self.step == "major"


STEPS = ("major", "minor", "patch")


def step(before: Version | None, after: Version) -> str:
    """Return which of the `STEPS` it is from one version to another; from one that is not known a major."""
    if before is None:
        return "major"
    old, new = ((v.epoch, v.major, v.minor if v.major == 0 else 0) for v in (before, after))
    if old != new:
        return "major"
    return "patch" if before.minor == after.minor else "minor"


@dataclass(frozen=True, slots=True)
class Wait:
    """How many ``days`` old a release must be, if its name is like one of ``names`` (lower case, ``*``).

    And if it is one of the ``steps`` away from what is in use; none means any.
    """

    days: int
    names: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    def covers(self, name: str, taken: str) -> bool:
        """Say whether it is about a step of a distribution."""
        named = not self.names or any(fnmatchcase(plain(name), pattern) for pattern in self.names)
        return named and (not self.steps or taken in self.steps)


def plain(name: str) -> str:
    """Return a name as package indexes compare it, where ``Zope.Interface`` is ``zope-interface``."""
    return _RUNS.sub("-", name).lower()


_RUNS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that an improvement would change, or (without an edit) speak about.

    ``line`` counts from 1. ``message`` is one line of Markdown. ``target`` names what the improvement is
    about where that is not the whole repository (a distribution), ``title`` the candidate's title then.
    ``refresh`` stands where an edit will be as soon as a tool has made it. ``upgrade`` says what moves;
    upgrades of one ``group`` are proposed together. ``answers`` are the weaknesses that it fixes, each with
    all its names: somebody who says no to the proposal has answered these, and no others. ``ends`` is the day
    (ISO 8601) on which what it leaves behind gets its last fix, where that is known: from then on an
    improvement of the category `lifecycle` is urgent. ``rides`` is the id of the migration that makes the
    edit, on top of all edits with a lower ``stride``: it is a commit of its own. ``onto`` is the way to
    another Python on which the code is to run as well: nothing is upgraded, but the code has to follow.
    """

    improvement: str
    path: str
    line: int
    message: str
    edit: Edit | None = None
    target: str = ""
    title: str = ""
    refresh: Refresh | None = None
    upgrade: Upgrade | None = None
    group: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    ends: str = ""
    rides: str = ""
    stride: int = 0
    onto: Upgrade | None = None

    @property
    def way(self) -> Upgrade | None:
        """The way from one version to another that code has to follow."""
        return self.upgrade or self.onto

    @property
    def about(self) -> str:
        """What its proposal is about: a group, a target, or everything."""
        return self.group or self.target

    @property
    def changes(self) -> bool:
        """Whether something is or will be edited."""
        return self.edit is not None or self.refresh is not None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, and why; the rest goes on.

    What is only ``beside`` the matter was nice to know: what is found, or not, is so without it too.
    """

    path: str
    line: int
    message: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes ``start`` to ``end`` of a file become ``text``; everything outside stays as it is."""

    start: int
    end: int
    text: bytes
    message: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """Words about the line at byte ``start``, where no edit is provably right."""

    start: int
    message: str


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a distribution as the index lists it (PEP 691).

    ``uploaded`` is the newest of its files' upload times as an ISO 8601 string in UTC, ``""`` if unknown;
    ``requires_python`` the specifier of its files, ``yanked`` true when all of them are; ``hashes`` are the
    files' ``sha256`` digests in hexadecimal. Of a git repository or a container image, where ``tag`` is the
    version as it is written there, ``hashes`` holds the one commit or digest that the tag stands for.
    """

    version: Version
    uploaded: str = ""
    requires_python: str = ""
    yanked: bool = False
    wheel: bool = True
    hashes: tuple[str, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Releases:
    """The answer for one name; ``error`` says in words why there is none.

    The name is a distribution's, normalised, and ``index`` the address that answered, without credentials
    (``""`` is PyPI), ``passed`` those that were asked before it and do not know the name; or it is
    ``git+https://…`` for the tags of a repository, ``image+HOST/PATH`` for those of a container image.
    """

    name: str
    releases: tuple[Release, ...] = ()
    error: str = ""
    index: str = ""
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the world says; an improvement names in ``asks`` the fields that it reads.

    ``floor`` is the lowest Python (major, minor) the project declares, ``None`` when it declares none;
    ``pythons`` are all minors it supports; ``dependencies`` the lowest version of each distribution that
    the project can be installed with (normalised name to version), ``development`` that of what nothing but
    development wants; ``own_version`` the project's own; ``releases`` the index's answers by normalised name;
    ``release_age`` the days a release must be old, but for those that one of the ``waits`` covers (the last
    one counts); ``advisories`` what is published against each distribution; ``refused`` the versions of one
    that cannot be installed here, each with the sentence that says why; ``tools`` the tools (`Lock.tool`)
    that can write their lock files here; ``unwritten`` the lock files that they cannot, each with the reason;
    ``merged`` are the keys of our pull requests that were merged; ``issues`` what became of issues, by the
    words that stand for each (`mentions.Mention`); ``listed`` are the distributions that manifests name, None
    where nobody has read them; ``absent`` are names that a promise wants to go, and that are nowhere else;
    ``paths`` are those of all files of the tree, sorted; ``idle`` are by path and line the codes of linters
    that a comment silences where nothing complains; ``branch`` is the default branch, ``""`` if unknown;
    ``tls`` is what is asked of TLS; ``durations`` say how long the successes of the jobs of the workflow at
    hand took, by the names that GitHub shows.
    """

    today: date
    floor: tuple[int, int] | None = None
    pythons: tuple[tuple[int, int], ...] = ()
    dependencies: Mapping[str, Version] = field(default_factory=dict)
    development: Mapping[str, Version] = field(default_factory=dict)
    own_version: Version | None = None
    releases: Mapping[str, Releases] = field(default_factory=dict)
    release_age: int = 3
    advisories: Mapping[str, tuple[Advisory, ...]] = field(default_factory=dict)
    refused: Mapping[str, Mapping[Version, str]] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    unwritten: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, int | str | bool] = field(default_factory=dict)
    waits: tuple[Wait, ...] = ()
    merged: frozenset[str] = frozenset()
    issues: Mapping[str, Ticket] = field(default_factory=dict)
    listed: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    idle: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    branch: str = ""
    tls: Policy = INTERMEDIATE
    durations: Mapping[str, Lasted] = field(default_factory=dict)

    def ages(self, name: str) -> Mapping[str, int]:
        """Return how many days old a release of a distribution must be, by the step to it."""
        return {
            taken: next((w.days for w in reversed(self.waits) if w.covers(name, taken)), self.release_age)
            for taken in STEPS
        }

    def only(self, about: About, options: Mapping[str, int | str | bool], distribution: str = "") -> Facts:
        """Return the facts that an improvement asked for, with its options; the others are as if unknown.

        A migration knows how its own ``distribution`` is installed.
        """
        kept = {"today", "options", *about.asks, *(("floor",) if about.requires_python else ())}
        unknown = {f.name: getattr(_NOTHING, f.name) for f in fields(self) if f.name not in kept}
        today = self.today if "today" in about.asks else _NOTHING.today
        known = replace(self, **unknown, today=today, options={**about.options, **options})
        if not distribution:
            return known
        lowest = self.dependencies.get(distribution) or self.development.get(distribution)
        own = {distribution: lowest} if lowest else {}
        return replace(known, dependencies={**known.dependencies, **own})


_NOTHING = Facts(today=date.min)


class Tree(Protocol):
    """The files of one repository at one moment; symbolic links and submodules are not among them."""

    def paths(self) -> Sequence[str]:
        """Return every file's path, with forward slashes, sorted."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; KeyError when it is not there."""

    def identity(self, path: str) -> str:
        """Return the git blob id of a file: equal bytes, equal id."""
