"""Decides where a campaign may propose: which wave is open, whether it goes on, and when it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from workers.model import CONFIGURE, Stage, State, part_of
from workers.reasons import LASTING, Reason

if TYPE_CHECKING:  # as in `workers.capacity`
    from workers.wants import Campaign, Config

_OCCURRENCES = 2
"""How often it has to go wrong before the share counts, where more than one was tried."""


class Standing(StrEnum):
    """How one repository of a campaign fares."""

    UNKNOWN = "has not been looked at yet"
    IDLE = "has nothing to do"
    SILENT = "has not answered yet whether it wants a kotsu.yml"
    PAUSED = "is paused by somebody"
    WAITING = "waits for its pull request"
    OPEN = "has an open pull request"
    FAILED = "has a pull request whose checks fail because of it"
    MERGED = "is done"
    UNPROVEN = "is merged, and its default branch is not proven yet"
    RED = "is merged, and its default branch is red"
    REJECTED = "said no"
    BROKEN = "failed"


_NOT_YET = frozenset({Standing.SILENT, Standing.PAUSED})
"""Those that a campaign does not wait for, and is not done without."""
_PASSED_OVER = _NOT_YET | {Standing.IDLE}
"""Those that take nobody's place."""
_SETTLED = _PASSED_OVER | {Standing.MERGED, Standing.REJECTED, Standing.BROKEN}
_WRONG = frozenset({Standing.FAILED, Standing.REJECTED, Standing.BROKEN})
_UNTRIED = _PASSED_OVER | {Standing.UNKNOWN, Standing.WAITING}


class Stand(StrEnum):
    """Where a campaign stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Member:
    """One repository of a campaign, as it stands."""

    id: int
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Course:
    """How far a campaign has come.

    ``improvement`` is an id or a key, ``repositories`` are patterns, ``sizes`` the repositories of all waves
    but the last, ``waves`` the ids of repositories in those that are open. ``declared`` is equal when the
    file says the same. What was closed after ``started`` counts, and so do scans that began after ``seen``;
    ``due`` is when to look at it again.
    """

    installation_id: int
    name: str
    improvement: str
    repositories: tuple[str, ...]
    sizes: tuple[int, ...]
    brake: int
    declared: str
    started: datetime
    seen: datetime
    state: Stand = Stand.RUNNING
    reason: str = ""
    waves: tuple[tuple[int, ...], ...] = ((),)
    due: datetime | None = None
    finished: datetime | None = None

    @property
    def total(self) -> int:
        """How many waves there are."""
        return len(self.sizes) + 1

    def covers(self, full_name: str) -> bool:
        """Say whether a repository takes part; a pattern without an owner is about the name alone."""
        name = full_name.lower()
        return any(
            fnmatchcase(name if "/" in wanted else name.partition("/")[2], wanted)
            for wanted in (pattern.lower() for pattern in self.repositories)
        )

    def is_about(self, key: str) -> bool:
        """Say whether a proposal belongs to it: that of its key, or all of its improvement."""
        one_target = "/" in self.improvement
        return key == self.improvement if one_target else _improvement(key) == self.improvement


def _improvement(key: str) -> str:
    """Return the improvement of a key, which parts and targets are of."""
    name = key.partition("/")[0]
    whole = name.rpartition(".")[0]
    return whole if whole and part_of(name, whole) else name


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a campaign lets its proposal be made in one repository now; if not, why."""

    course: Course
    is_open: bool
    sentence: str = ""


def begun(installation_id: int, name: str, said: Campaign, started: datetime, now: datetime) -> Course:
    """Return a campaign of which nothing is open yet."""
    return Course(
        installation_id=installation_id,
        name=name,
        improvement=said.improvement,
        repositories=said.repositories,
        sizes=tuple(size for size in said.waves if size > 0),
        brake=said.brake,
        declared=fingerprint(said),
        started=started,
        seen=now,
    )


def fingerprint(said: Campaign) -> str:
    """Return a word that is equal when the file says the same of a campaign."""
    return hashlib.sha256(said.model_dump_json().encode()).hexdigest()[:16]


def advanced(course: Course, members: Sequence[Member], now: datetime) -> Course:
    """Return how far a campaign comes with its repositories as they stand; at most one wave opens.

    ``members`` are those that it covers and that are still there. A repository with nothing to do leaves its
    place in a wave to another, so that a wave proves what it was meant to prove; so does one that does not
    answer whether it wants a kotsu.yml, but the campaign is not done before it has.
    """
    if course.state is not Stand.RUNNING:
        return course
    known = {member.id: member for member in members}
    opened = [[id_ for id_ in wave if id_ in known] for wave in course.waves]
    if (words := _braked(course, [known[id_] for wave in opened for id_ in wave])) is not None:
        return replace(course, state=Stand.STOPPED, reason=words, finished=now)
    free = [m for m in ordered(course.name, members) if not any(m.id in wave for wave in opened)]
    free = [m for m in free if m.standing not in _PASSED_OVER]
    _fill(course, opened, free, known)
    held = [known[id_] for id_ in opened[-1] if known[id_].standing not in _SETTLED]
    if not held and free:
        opened.append([])
        _fill(course, opened, free, known)
        held = [known[id_] for id_ in opened[-1]]
    waves = tuple(map(tuple, opened))
    held = held or [m for m in ordered(course.name, members) if m.standing in _NOT_YET]
    if not held:
        return replace(course, waves=waves, state=Stand.DONE, reason="", finished=now)
    return replace(course, waves=waves, reason=_waits(held))


def _fill(course: Course, opened: list[list[int]], free: list[Member], known: Mapping[int, Member]) -> None:
    """Give the places of the last wave that are not taken to the first who are free."""
    taken = sum(known[id_].standing not in _PASSED_OVER for id_ in opened[-1])
    number = len(opened) - 1
    places = course.sizes[number] - taken if number < len(course.sizes) else len(free)
    while free and places > 0:
        opened[-1].append(free.pop(0).id)
        places -= 1


def ordered(name: str, members: Iterable[Member]) -> list[Member]:
    """Return repositories in the order of a campaign: mixed by its name, and always the same."""
    return sorted(members, key=lambda m: hashlib.sha256(f"{name}\n{m.id}".encode()).digest())


def _braked(course: Course, members: Sequence[Member]) -> str | None:
    """Return why a campaign has to stop, None when it need not."""
    tried = [m for m in members if m.standing not in _UNTRIED]
    wrong = [m for m in tried if m.standing in _WRONG]
    last = [m for m in members if m.id in course.waves[-1] and m.standing not in _PASSED_OVER]
    enough = len(wrong) >= _OCCURRENCES or (len(last) == 1 and last[0] in wrong)
    if not enough or 100 * len(wrong) < course.brake * len(tried):
        return None
    was = "pull request" + "s" * (len(tried) != 1)
    return f"{len(wrong)} of {len(tried)} {was} failed or met with a no, and its brake is at {course.brake} %"


def _waits(held: Sequence[Member]) -> str:
    """Return for whom a campaign waits; this names repositories, and is for the operator alone."""
    first = "; ".join(f"{m.name} {m.standing.value}" for m in held[:3])
    return first + (f"; and {len(held) - 3} more" if len(held) > 3 else "")  # noqa: PLR2004 -- those named


def turns(courses: Iterable[Course], repository_id: int, full_name: str) -> tuple[Turn, ...]:
    """Return what campaigns say about one repository; those that are done say nothing."""
    return tuple(
        _turn(course, repository_id)
        for course in courses
        if course.state is not Stand.DONE and course.covers(full_name)
    )


def _turn(course: Course, repository_id: int) -> Turn:
    # Other repositories are not named: who reads here may not be allowed to know of them.
    if course.state is Stand.STOPPED:
        words = f"The campaign `{course.name}` was stopped: {course.reason}."
        return Turn(course, is_open=False, sentence=words)
    if any(repository_id in wave for wave in course.waves):
        return Turn(course, is_open=True)
    number = len(course.waves)
    words = (
        f"It belongs to the campaign `{course.name}`: wave {number + 1} of {max(course.total, number + 1)} "
        f"opens when wave {number} is merged and its default branches stayed green."
    )
    return Turn(course, is_open=False, sentence=words)


def turn_of(said: Iterable[Turn], key: str) -> Turn | None:
    """Return what campaigns say about a key; where several do, all of them have to be open."""
    mine = [turn for turn in said if turn.course.is_about(key)]
    return min(mine, key=lambda turn: turn.is_open, default=None)


def joined(config: Config, said: Iterable[Turn]) -> Config:
    """Return a configuration in which the improvements of campaigns run, where it does not say no to them."""
    ids = {turn.course.improvement.partition("/")[0] for turn in said} - config.improvements.keys()
    from workers.wants import Switch  # noqa: PLC0415 -- as above

    more = {id_: Switch(enabled=True) for id_ in sorted(ids)}
    return config.model_copy(update={"improvements": {**config.improvements, **more}}) if more else config


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one repository: what was found about the campaign, and what became of it.

    ``is_new``: the newest scan saw what the campaign is about. ``waiting`` are the reasons of what was found
    and not proposed. ``is_silent``: nobody has answered for long whether a kotsu.yml is wanted.
    ``is_paused``: somebody lets the repository pause, and it would be its turn otherwise. The others say what
    became of pull requests since the campaign began.
    """

    is_new: bool
    waiting: tuple[str, ...] = ()
    is_open: bool = False
    is_red: bool = False
    merged: bool = False
    failed: bool = False
    rejected: bool = False
    is_silent: bool = False
    is_paused: bool = False


class Pull(Protocol):
    """A pull request of ours, as far as a campaign wants to know it."""

    @property
    def key(self) -> str:
        """Its identity."""

    @property
    def state(self) -> str:
        """A `State`."""

    @property
    def stage(self) -> str:
        """A `Stage`."""

    @property
    def opened_at(self) -> datetime:
        """When it was opened."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was merged or closed."""

    @property
    def word(self) -> str:
        """Why it was closed: a `Word`, or none."""

    @property
    def failure(self) -> Mapping[str, str] | None:
        """What its checks said."""


class Look(Protocol):
    """The newest scan of a repository that ended."""

    @property
    def started(self) -> datetime:
        """When it began."""

    @property
    def outcome(self) -> str:
        """How it ended."""


def seen(
    course: Course,
    pulls: Sequence[Pull],
    look: Look | None,
    kept: Iterable[tuple[str, str]],
    now: datetime,
) -> Seen:
    """Return what is known of one repository from all pull requests of ours there.

    ``kept`` are key and reason of what is withheld there.
    """
    mine = [pull for pull in pulls if course.is_about(pull.key)]
    opened = [pull for pull in mine if pull.state == State.OPEN]
    ended = [pull for pull in mine if pull.closed_at and pull.closed_at >= course.started]
    closed = [pull for pull in ended if pull.state == State.CLOSED]
    # A broken kotsu.yml stops everything: what the scan before it withheld is not what holds now.
    holds = look is not None and look.outcome == "done"
    reasons = [(key, reason) for key, reason in kept if holds]
    paused = [key for key, reason in reasons if reason == Reason.REPOSITORY_PAUSED.id]
    return Seen(
        is_new=look is not None and look.started >= course.seen,
        waiting=tuple(reason for key, reason in reasons if course.is_about(key)),
        is_open=bool(opened),
        is_red=any(pull.stage == Stage.RED for pull in opened),
        merged=any(pull.state == State.MERGED for pull in ended),
        failed=any(map(_has_failed, closed)),
        rejected=any(not _has_failed(pull) and pull.word in _NO for pull in closed),
        is_silent=any(
            pull.key == CONFIGURE and pull.state == State.OPEN and now - pull.opened_at >= _ANSWER
            for pull in pulls
        ),
        is_paused=any(key == CONFIGURE or course.is_about(key) for key in paused),
    )


_NO = frozenset({"", "ignore", "never"})
"""The words with which people say no; what we closed ourselves has another."""
_ANSWER = timedelta(days=14)
"""After how long nobody waits for the answer of a repository that was asked for its kotsu.yml."""


def _has_failed(pull: Pull) -> bool:
    """Say whether a check failed; that one never began says nothing of the change."""
    return "name" in (pull.failure or {})


def standing(seen: Seen) -> Standing:
    """Return how a repository fares: done is decided by what a scan finds, not by what was merged."""
    if seen.is_open:
        return Standing.FAILED if seen.is_red else Standing.OPEN
    if seen.failed:
        return Standing.BROKEN
    if seen.rejected:
        return Standing.REJECTED
    if not seen.is_new:
        return Standing.UNKNOWN
    if (waiting := set(seen.waiting) - LASTING) or seen.is_paused:
        asked = seen.is_silent and waiting == {Reason.ONBOARDING.id}
        return Standing.PAUSED if seen.is_paused else Standing.SILENT if asked else Standing.WAITING
    return Standing.MERGED if seen.merged else Standing.IDLE
