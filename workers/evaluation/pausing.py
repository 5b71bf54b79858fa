"""Decides which improvements pause, and for whom: where people do not want what is proposed, it stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from workers import calm
from workers.evaluation.fates import ACCEPTED, decided_at, fate
from workers.evaluation.outline import Outline
from workers.model import CONFIGURE

ENOUGH = 20
"""How many have to be decided before an improvement pauses."""
LEAST = 0.4
"""The share of them that has to be merged."""
WHOLE = ""
"""The improvement of a pause that is about all of them: a person paused the repository."""
LATELY = timedelta(days=90)
"""What was decided before is forgotten, unless fewer than `ENOUGH` were since."""


class Paused(Protocol):
    """A pause as the ledger has it: of one team or in one place (a repository's id), or of all."""

    @property
    def installation_id(self) -> int:
        """Where it pauses."""

    @property
    def improvement(self) -> str:
        """What pauses, `WHOLE`: the repository, with all of them."""

    @property
    def team(self) -> str:
        """For whom alone, ``""``: for all."""

    @property
    def place(self) -> int | None:
        """In which repository alone, None: everywhere."""

    @property
    def since(self) -> datetime:
        """Since when it pauses."""

    @property
    def begun_by(self) -> str:
        """Whose word it is, ``""`` where nobody said so."""

    @property
    def merged(self) -> int:
        """How many were merged."""

    @property
    def decided(self) -> int:
        """Of how many."""

    @property
    def ended(self) -> datetime | None:
        """Since when it goes on, None as long as it pauses."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Those who decide together: a team, or a repository (its id) where no team's budget is charged."""

    team: str = ""
    place: int | None = None


ALL = Whose()
"""Everybody."""


@dataclass(frozen=True, slots=True)
class Wanting:
    """An improvement that is to pause for some of an installation, who merged few of what they decided."""

    installation_id: int
    improvement: str
    whose: Whose
    merged: int
    decided: int


def barring(pauses: Iterable[Paused], improvement: str, team: str) -> Paused | None:
    """Return the pause that holds an improvement back from a team, of those that hold in its repository."""
    mine = (pause for pause in pauses if pause.improvement == improvement)
    return next((p for p in mine if covers(p, team, p.place or 0)), None)


def whole(pauses: Iterable[Paused]) -> Paused | None:
    """Return the pause that holds everything back, of those that hold in a repository."""
    return next((pause for pause in pauses if pause.improvement == WHOLE), None)


def words(pause: Paused) -> str:
    """Return who paused a repository, and since when; the reader knows which one it is."""
    return f"paused by {pause.begun_by} since {pause.since:%Y-%m-%d}"


def sentence(pause: Paused) -> str:
    """Return what people read of a pause.

    How many were merged is said only of one repository: who reads it may not see the others.
    """
    if pause.improvement == WHOLE:
        return (
            f"This repository is paused by {calm.code(pause.begun_by)} since {pause.since:%Y-%m-%d}: whoever "
            "may write to it resumes it on its page."
        )
    whose = " for " + calm.code(pause.team) if pause.team else " in this repository" if pause.place else ""
    switch = calm.code(f"{pause.improvement}: true")
    counts = f"of {pause.decided} that were decided, {pause.merged} were merged"
    why = "few of them were merged" if pause.place is None else counts
    return (
        f"It pauses{whose}: {why}. It goes on "
        f"when somebody says so on the page of improvements, or where kotsu.yml has {switch} under "
        "`improvements`."
    )


def covers(pause: Paused, team: str, place: int) -> bool:
    """Say whether a pause holds for a team's pull request in a repository."""
    return _whose(pause) in (ALL, Whose(team.lower()) if team else Whose(place=place))


def wanting(outlines: Iterable[Outline], pauses: Sequence[Paused], now: datetime) -> Sequence[Wanting]:
    """Return what is to pause now and does not: below `LEAST` of at least `ENOUGH` that were decided.

    Each team counts by itself first. It pauses for all in an installation only where it is unwanted by the
    others too, whichever team is left out: one that closes everything decides for itself alone, also by half
    of `ENOUGH` where it alone makes the difference. What was opened before a pause ended says nothing any
    more.
    """
    known = defaultdict[tuple[int, str], list[Paused]](list)
    for pause in pauses:
        known[pause.installation_id, pause.improvement].append(pause)
    grouped = defaultdict[tuple[int, str], list[Outline]](list)
    for outline in outlines:
        grouped[outline.installation_id, outline.improvement].append(outline)
    found: list[Wanting] = []
    for (installation_id, improvement), some in sorted(grouped.items()):
        if improvement and improvement != CONFIGURE:
            votes = _votes(some, known[installation_id, improvement], now)
            found += (Wanting(installation_id, improvement, *unwanted) for unwanted in _unwanted(votes))
    return found


_Votes = Mapping[Whose, Sequence[bool]]
"""What those who decide said, a yes or a no each time."""


def _votes(outlines: Iterable[Outline], pauses: Sequence[Paused], now: datetime) -> _Votes:
    """Return what was decided lately of one improvement, where it does not pause, by who decided it."""
    decided: list[tuple[datetime, int, Whose, bool]] = []
    for outline in outlines:
        moment = decided_at(outline, now)
        mine = [pause for pause in pauses if covers(pause, outline.team, outline.repository_id)]
        is_over = all(pause.ended is not None and pause.ended <= outline.opened_at for pause in mine)
        if moment is not None and is_over:
            team = outline.team.lower()
            whose = Whose(team) if team else Whose(place=outline.repository_id)
            decided.append((moment, outline.id, whose, fate(outline, now) in ACCEPTED))
    votes = defaultdict[Whose, list[bool]](list)
    for count, (moment, _, whose, is_yes) in enumerate(sorted(decided, key=_newest_first)):
        if count < ENOUGH or moment >= now - LATELY:
            votes[whose].append(is_yes)
    return votes


def _newest_first(decided: tuple[datetime, int, Whose, bool]) -> tuple[timedelta, int]:
    moment, number, *_ = decided
    return datetime.max.replace(tzinfo=moment.tzinfo) - moment, -number


def _unwanted(votes: _Votes) -> Iterator[tuple[Whose, int, int]]:
    """Yield for whom an improvement is to pause, with how many of how many were merged."""
    alone = [whose for whose, said in votes.items() if _is_bad(said)]
    rest = {whose: said for whose, said in votes.items() if whose not in alone}
    if _is_bad(_said(rest)):
        # However few the others are: who want it no more than it does are no reason to leave one out.
        cures = [whose for whose in rest if not _is_bad(_without(rest, whose), 1)]
        if not cures:
            every = _said(votes)
            yield ALL, sum(every), len(every)
            return
        # It takes one team alone to make the difference, and enough of its own to tell that it is different.
        alone += cures if len(cures) == 1 and _is_bad(rest[cures[0]], ENOUGH // 2) else []
    for whose in sorted(alone, key=_in_order):
        yield whose, sum(votes[whose]), len(votes[whose])


def _said(votes: _Votes) -> list[bool]:
    return [vote for said in votes.values() for vote in said]


def _in_order(whose: Whose) -> tuple[str, int]:
    return whose.team, whose.place or 0


def _without(votes: _Votes, left_out: Whose) -> list[bool]:
    return _said({whose: said for whose, said in votes.items() if whose != left_out})


def _is_bad(votes: Sequence[bool], enough: int = ENOUGH) -> bool:
    return len(votes) >= enough and sum(votes) < LEAST * len(votes)


def _whose(pause: Paused) -> Whose:
    return Whose(pause.team.lower(), pause.place)
