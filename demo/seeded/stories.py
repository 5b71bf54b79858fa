"""The pull requests of the seeded organisation: when each was opened, and all that became of it since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random

from demo.seeded.town import DECLINING, NOW, Place, Town
from demo.seeded.wares import ALONE, PAUSED, Ware
from workers.answered import Word
from workers.ledger import ProposalRow
from workers.ledger.lives import Life
from workers.model import Stage, State

_OPEN, _WEEKLY, _SPREAD = 3, 1.5, 1.4
"""How many may be open in a repository, and how many are thought of in a week there."""
_PATIENCE, _RED, _NUDGE = timedelta(days=28), timedelta(days=14), timedelta(days=3)
_FRIDAY = 4
_FAILS, _MENDED = 0.11, 0.5
"""The share whose checks fail, and that of those which pass once they are written anew."""
_REBASED, _SUPERSEDED, _EDITED, _BREAKS, _REVERTED = 0.55, 0.03, 0.09, 0.012, 0.014
_BECAUSE = (
    "We do this by hand when we touch the code.",
    "Not now: the release is frozen.",
    "This hides the intent.",
    "Our linter wants it the other way.",
    "",
)
_DECLINED = "We do not take automated changes here."
_EDIT = "--- a/views.py\n+++ b/views.py\n@@ -12 +12 @@\n-    timeout=10,\n+    timeout=settings.TIMEOUT,\n"
_UNASKED = (Word.EXPIRED, Word.SUPERSEDED, Word.RED)
PAUSES = NOW - timedelta(days=16)
"""Since when `PAUSED` pauses."""


@dataclass
class _Telling:
    """One pull request while it is told."""

    row: ProposalRow
    changes: list[tuple[datetime, Mapping[str, object]]] = field(default_factory=list)

    def then(self, at: datetime, **values: object) -> None:
        self.changes.append((at, values))

    def end(self, state: State, at: datetime, **more: object) -> None:
        self.then(at, state=state.value, closed_at=at, **more)

    def life(self) -> Life:
        """Return what has happened by now: what comes later is not known yet."""
        row, life = self.row, [(self.row.opened_at, self.row)]
        for at, values in sorted(self.changes, key=itemgetter(0)):
            if at <= NOW:
                row = replace(row, **values)  # type: ignore[arg-type]  # columns by their names
                life.append((at, row))
        return life


def told(town: Town, place: Place) -> Iterator[Life]:
    """Yield what became of each pull request of a repository, in the order of their openings."""
    if place.is_quiet:
        return
    chance, number = town.chance(f"stories {place.id}"), 10
    ends: list[datetime] = []
    rests: dict[str, datetime] = {}
    for at in _moments(town, chance):
        ware = chance.choices(ALONE, [ware.share for ware in ALONE])[0]
        target = chance.choice(ware.targets) if ware.targets else ""
        key, late = ware.key(target), ware.improvement == PAUSED and at > PAUSES
        if late or rests.get(key, at) > at or sum(end > at for end in ends) >= _OPEN:
            continue
        number += chance.randint(1, 5)
        telling = _Telling(_opened(place, ware, target, number, at))
        _live(telling, place, ware, chance)
        life = telling.life()
        last = life[-1][1]
        ends.append(last.closed_at or NOW)
        rests[key] = _comes_again(last)
        yield life


def one(town: Town, place: Place, ware: Ware, number: int, at: datetime) -> Life:
    """Return what became of one pull request that was opened at a moment."""
    telling = _Telling(_opened(place, ware, "", number, at))
    _live(telling, place, ware, town.chance(f"story {place.id} {ware.improvement}"))
    return telling.life()


def _comes_again(row: ProposalRow) -> datetime:
    """Return from when on the same may be proposed again: never after a no."""
    is_no = row.state == State.CLOSED and row.word not in _UNASKED
    return NOW if row.closed_at is None or is_no else row.closed_at + _PATIENCE


def _moments(town: Town, chance: Random) -> Iterator[datetime]:
    """Yield when something could be opened: on working days, in working hours."""
    found = set()
    for week in range(town.weeks + 1):
        for _ in range(int(_WEEKLY + chance.random() * 1.2)):
            day = town.start + timedelta(weeks=week, days=chance.randrange(5))
            found.add(day.replace(hour=7) + timedelta(seconds=chance.randrange(8 * 3600)))
    return iter(sorted(at for at in found if at < NOW))


def _opened(place: Place, ware: Ware, target: str, number: int, at: datetime) -> ProposalRow:
    key, known = ware.key(target), place.repository
    return ProposalRow(
        id=0,
        repository_id=place.id,
        key=key,
        improvement=ware.improvement,
        title=ware.title(target),
        branch=f"kotsu/{key}",
        number=number,
        url=f"https://github.com/{known.full_name}/pull/{number}",
        state=State.OPEN.value,
        head_sha=_sha(known.full_name, number),
        digest=_sha(key, number)[:16],
        minutes=ware.minutes,
        opened_at=at,
        closed_at=None,
        stage=Stage.DRAFT.value,
        cost=ware.cost,
        team=place.team.name,
        versions=ware.versions(target),
        written=_sha(known.full_name, number),
    )


def _live(telling: _Telling, place: Place, ware: Ware, chance: Random) -> None:
    checked = telling.row.opened_at + timedelta(minutes=chance.uniform(3, 40))
    ready = _checked(telling, checked, chance)
    if ready is None:
        return
    who, asked = chance.choice(place.team.people), ready + timedelta(seconds=4)
    telling.then(ready, stage=Stage.READY.value, failure=None)
    telling.then(asked, reviewers=(who,), asked_at=asked)
    waits = timedelta(days=chance.expovariate(1 / place.team.days), minutes=chance.randint(5, 90))
    answered = _weekday(ready + waits)
    for nudge in (1, 2):
        if ready + nudge * _NUDGE < answered:
            telling.then(ready + nudge * _NUDGE, nudges=nudge)
    expires = ready + _PATIENCE
    if chance.random() < _REBASED:
        _rebased(telling, ready + (min(answered, expires) - ready) * chance.random())
    if answered > expires:
        telling.end(State.CLOSED, expires, word=Word.EXPIRED.value)
    elif chance.random() < _SUPERSEDED:
        telling.end(State.CLOSED, answered, word=Word.SUPERSEDED.value)
    else:
        telling.then(answered, reviewed_at=answered)
        _answered(telling, place, ware, chance, answered + timedelta(minutes=chance.uniform(1, 240)))


def _checked(telling: _Telling, at: datetime, chance: Random) -> datetime | None:
    """Tell what the checks said, and return when it was ready for people; None: it never was."""
    if chance.random() > _FAILS:
        return at
    telling.then(at, stage=Stage.RED.value, failure=_failure(telling.row))
    if chance.random() < _MENDED:
        mended = at + timedelta(days=chance.uniform(0.5, 4))
        _rebased(telling, mended)
        return mended + timedelta(minutes=12)
    telling.end(State.CLOSED, at + _RED, word=Word.RED.value, cost=0)
    return None


def _answered(telling: _Telling, place: Place, ware: Ware, chance: Random, ended: datetime) -> None:
    looked, who = ended + timedelta(seconds=9), chance.choice(place.team.people)
    if chance.random() > ware.taken * place.team.taken:
        said = _DECLINED if place.team.name == DECLINING else chance.choice(_BECAUSE)
        telling.end(State.CLOSED, ended, closed_by=who, because=said)
        telling.then(looked, edit="")
        return
    sha = _sha("merged", telling.row.head_sha)
    telling.end(State.MERGED, ended, closed_by=who, merged_sha=sha)
    telling.then(looked, edit=_EDIT if chance.random() < _EDITED else "")
    if chance.random() < _BREAKS:
        telling.then(ended + timedelta(minutes=25), broke="tests")
    if chance.random() < _REVERTED:
        taken_back = ended + timedelta(days=chance.uniform(0.1, 12))
        telling.then(taken_back, reverted_at=taken_back)


def _failure(row: ProposalRow) -> Mapping[str, str]:
    excerpt = "2 tests fail, none before."
    return {"head": row.head_sha, "name": "tests", "url": f"{row.url}/checks", "excerpt": excerpt}


def _rebased(telling: _Telling, at: datetime) -> None:
    sha = _sha(telling.row.head_sha, at)
    telling.then(at, head_sha=sha, written=sha)


def _weekday(at: datetime) -> datetime:
    """Return the moment, or the same hour of the next working day."""
    return at + timedelta(days=max(0, 7 - at.weekday())) if at.weekday() > _FRIDAY else at


def _sha(*about: object) -> str:
    return hashlib.sha256(repr(about).encode()).hexdigest()[:40]
