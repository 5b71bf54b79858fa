"""The campaigns of the seeded organisation, led day by day by the rules of `workers.campaigns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from demo.seeded import stories
from demo.seeded.town import DECLINING, INSTALLATION, NOW, OWNER, Place, Town
from demo.seeded.wares import DRIVES, WARES, Ware
from workers import campaigns
from workers.answered import Word
from workers.campaigns import Course, Member, Stand
from workers.ledger import WithheldRow
from workers.ledger.lives import Life
from workers.ledger.surveys import Look
from workers.model import State
from workers.reasons import Reason

_WITH, _DAY = 0.4, timedelta(days=1)
"""The share of repositories that have something to do."""


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign as it stands, its pull requests by repository, and where it has not come to yet."""

    course: Course
    lives: Mapping[int, Life]
    waiting: Sequence[Place]

    def withheld(self, place: Place) -> WithheldRow | None:
        """Return what a repository is told that the campaign has not come to; None: nothing."""
        name = place.repository.full_name
        turn = next(iter(campaigns.turns([self.course], place.id, name)), None)
        if turn is None or place not in self.waiting:
            return None
        ware = _ware(self.course.improvement)
        about = (ware.key(""), ware.improvement, ware.title(""))
        return WithheldRow(*about, Reason.CAMPAIGN.id, turn.sentence)


def led(town: Town) -> list[Drive]:
    """Return the campaigns, each after the looks at it of all days since it began."""
    return [_led(town, number) for number in range(len(DRIVES))]


def _led(town: Town, number: int) -> Drive:
    name, improvement, ago, sizes, brake = DRIVES[number]
    started, chance = max(NOW - ago * _DAY, town.start), town.chance(f"campaign {name}")
    ware = _ware(improvement)
    places = [place for place in town.places if place.repository.owner == OWNER and not place.is_quiet]
    # Who closes whatever comes has said so in kotsu.yml long before a campaign begins.
    asked = [place for place in places if place.team.name != DECLINING]
    wanting = {place.id: place for place in asked if chance.random() < _WITH}
    about = (INSTALLATION, name, improvement, (f"{OWNER}/*",), sizes, brake, "0123456789abcdef")
    course, at, lives = Course(*about, started, started), started, dict[int, Life]()
    while course.state is Stand.RUNNING and at < NOW:
        members = [
            _member(course, place, lives.get(place.id), at, has=place.id in wanting) for place in places
        ]
        course = campaigns.advanced(course, members, at)
        for id_ in (id_ for wave in course.waves for id_ in wave if id_ not in lives):
            lives[id_] = stories.one(town, wanting[id_], ware, number + 1, at + timedelta(minutes=9))
        at += _DAY
    if course.state is Stand.STOPPED:
        lives = {id_: _taken_back(life, course) for id_, life in lives.items()}
    else:
        course = replace(course, due=NOW + timedelta(minutes=40))
    return Drive(course, lives, [place for id_, place in wanting.items() if id_ not in lives])


def _ware(improvement: str) -> Ware:
    return next(ware for ware in WARES if ware.improvement == improvement)


def _member(course: Course, place: Place, life: Life | None, at: datetime, *, has: bool) -> Member:
    row = next((row for moment, row in reversed(life or ()) if moment <= at), None)
    kept = [(_ware(course.improvement).key(""), Reason.CAMPAIGN.id)] if has and life is None else []
    seen = campaigns.seen(course, [row] if row else [], Look(at, "done"), kept, at)
    return Member(place.id, place.repository.full_name, campaigns.standing(seen))


def _taken_back(life: Life, course: Course) -> Life:
    """Return what became of a pull request whose campaign was stopped: what was open is closed."""
    stopped = course.finished or NOW
    told = [(at, row) for at, row in life if at <= stopped]
    if not told or told[-1][1].state != State.OPEN:
        return life
    closed = replace(told[-1][1], state=State.CLOSED.value, closed_at=stopped, word=Word.CAMPAIGN.value)
    return [*told, (stopped, closed)]
