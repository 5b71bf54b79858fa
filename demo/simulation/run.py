"""Lets the weeks pass: people answer and push, days publish weaknesses, and the worker does what is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from codemods import registry
from codemods.registry import Improvement
from demo.github import LocalGitHub, keys
from demo.simulation import ending, leaky
from demo.simulation.town import COMMON, IMPROVEMENTS, OWNER, ZONE, Deed, Town
from demo.simulation.weekly import Record
from workers import hours, ledger, logs, tasks
from workers.github import App
from workers.ledger import ProposalRow, WithheldRow
from workers.messages import Kind, Priority, install_key
from workers.model import State
from workers.reasons import Reason
from workers.settings import Settings
from workers.wants import Capacity
from workers.weekdays import DAYS
from workers.world import World

_TICKS = (time(9), time(13), time(18))
"""When something happens on a day, by the clocks of the zone; the last is out of hours."""
_DAILY = {reason.id for reason in (Reason.DAY_LIMIT, Reason.OUT_OF_HOURS)}
_WEEKEND = 5
_PATIENT = 60.0
_APP = 515151
_keys = cache(keys.pair)
"""The App has one key for all runs of a process: what was signed for it is kept, by the App's number."""


@dataclass(order=True, frozen=True, slots=True)
class Act:
    """What somebody will do about a pull request."""

    at: datetime
    name: str
    number: int
    who: str
    merges: bool


@dataclass
class Simulation:
    """One run: the town, its GitHub, the worker, and what is written down."""

    town: Town
    hub: LocalGitHub
    world: World
    record: Record
    now: datetime
    ids: dict[int, str] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    scans: int = 0

    def settle(self) -> None:
        """Make the repositories with their checks and people, and install the App on all of them."""
        born = self.now - timedelta(weeks=4)
        self.hub.repository(COMMON, self.town.common(), since=born)
        for name in self.town.names():
            found = self.hub.repository(name, self.town.files(name), since=born)
            self.ids[found.id] = name
            self.hub.reviewing.collaborators(name, *self.town.people(name))
            self.hub.ci.script(name, *self.town.jobs(name))
        installation = self.hub.install(OWNER)
        key = install_key(installation.id)
        self.world.book.enqueue(Kind.INSTALL, key, self.now, installation_id=installation.id)

    def days(self, count: int, told: Callable[[datetime], None]) -> None:
        """Let days pass; ``told`` hears of each one that is over."""
        for day in (self.town.start + timedelta(days=n) for n in range(count)):
            for tick in _TICKS:
                self.now = datetime.combine(day, tick, ZoneInfo(ZONE)).astimezone(UTC)
                if tick == _TICKS[1]:
                    self._news(day)
                self._answers()
                self._wake()
                self._work()
                self._notice()
            waiting = ((id_, row) for id_ in self.ids for row in self.world.book.withheld(id_))
            self.record.looked(self.now, self.ids, waiting)
            told(self.now)

    def _news(self, day: date) -> None:
        """Let people push, once a week each, and weaknesses be published."""
        week, weekday = divmod((day - self.town.start).days, 7)
        for number, (id_, name) in enumerate(self.ids.items()):
            pushed = self.town.news(name, week) if number % 5 == weekday else {}
            if pushed:
                self.hub.push(name, pushed)
            if pushed or f"-{day:%Y%m%d}==1.0".encode() in self.town.files(name)["requirements.txt"]:
                self._scan(id_, Priority.MERGE)

    def _answers(self) -> None:
        """Let people do what they have decided to; who cannot merge asks for a rebase, and comes again."""
        while self.acts and self.acts[0].at <= self.now:
            act = heapq.heappop(self.acts)
            place = self.hub.find(act.name)
            row = next(r for r in self.world.book.proposals(place.id) if r.number == act.number)
            if row.state != State.OPEN:
                continue
            known = self.world.book.repository(place.id)
            if not act.merges:
                self.hub.close(act.name, act.number, who=act.who)
            elif self.hub.merge(act.name, act.number, who=act.who) is None:
                self._scan(place.id, Priority.PERSON, rebase=[row.key])
                heapq.heappush(self.acts, replace(act, at=self.now + timedelta(days=1)))
                continue
            if known:
                self.world.attend_soon(known, act.number)

    def _wake(self) -> None:
        """Do as the beat does; to save time the looks that would find nothing are left out.

        Nothing happens here but what the simulation knows of. So a repository where nothing waits is looked
        at when something happens, and one that waits for the minutes of a week or a merge on Mondays too.
        """
        book, monday = self.world.book, self.now.astimezone(ZoneInfo(ZONE)).weekday() == 0
        for place in book.due_repositories(self.now, limit=self.town.size + 1):
            rows = book.withheld(place.id)
            waiting = [row for row in rows if row.since or row.reason == Reason.COOLING.id]
            if not (any(map(_is_daily, waiting)) or (waiting and monday)):
                book.look_again(place.id, self.now + timedelta(days=1))
        while book.due_repositories(self.now, limit=1) or book.due_proposals(self.now, limit=1):
            tasks.wake(self.world)

    def _scan(self, id_: int, priority: Priority, **asked: list[str]) -> None:
        place = self.world.book.repository(id_)
        if place:
            self.world.scan_soon(id_, place.installation_id, priority, **asked)

    def _work(self) -> None:
        """Do what is due until nothing follows from it, checks and looks at pull requests included."""
        while True:
            while due := self.world.book.due(self.now, limit=1):
                job = self.world.book.job(due[0])
                self.scans += job is not None and job.kind is Kind.SCAN
                tasks.perform(self.world, due[0])
            self.hub.settle(_PATIENT)
            if not self.world.book.due_proposals(self.now, limit=1):
                return
            tasks.wake(self.world)

    def _notice(self) -> None:
        """See what was opened and who was asked, and decide what will become of it; see what has ended."""
        rows = {row.id: row for row in self.world.book.proposals()}
        for row in sorted((r for r in rows.values() if r.id not in self.known), key=lambda r: r.id):
            self.known.add(row.id)
            self.record.opened(self.ids[row.repository_id], row)
        for row in sorted(rows.values(), key=lambda r: r.id):
            if row.asked_at and row.reviewers and row.id not in self.asked:
                self.asked.add(row.id)
                self.record.asked(self.ids[row.repository_id], row)
                self._decide(row)
        self.record.stands(self.now, self.ids, rows.values())

    def _decide(self, row: ProposalRow) -> None:
        """Decide what somebody who was asked does about it."""
        name, asked = self.ids[row.repository_id], row.asked_at or self.now
        answer = self.town.answer(name, row.key, asked)
        if answer.deed is Deed.NOTHING:
            return
        day, left = asked.astimezone(ZoneInfo(ZONE)).date(), answer.days
        while left or day.weekday() >= _WEEKEND:
            day += timedelta(days=1)
            left -= left > 0 and day.weekday() < _WEEKEND
        at = datetime.combine(day, _TICKS[row.number % 2], ZoneInfo(ZONE)).astimezone(UTC)
        heapq.heappush(self.acts, Act(at, name, row.number, row.reviewers[0], answer.deed is Deed.MERGE))


def _is_daily(row: WithheldRow) -> bool:
    """Say whether what waits may find room on any day: a week's minutes come on its Monday."""
    shared = (Reason.TEAM_BUDGET.id, Reason.ORGANISATION_BUDGET.id)
    return row.reason in _DAILY or (row.reason in shared and "this week" not in row.sentence)


@contextmanager
def simulation(town: Town, folder: Path) -> Iterator[Simulation]:
    """Open a simulation below a folder, ready to begin."""
    begin = datetime.combine(town.start, _TICKS[0], ZoneInfo(ZONE)).astimezone(UTC)
    made: list[Simulation] = []

    def clock() -> datetime:
        return made[0].now if made else begin

    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger.migrate(url)
    with LocalGitHub(folder / "github", app_id=_APP, key_pair=_keys(), now=clock) as hub:
        # What is signed is signed by the clock of this machine.
        hub.world.machine = lambda: datetime.now(UTC)
        # Half a day's work is done in one moment, which no hour of GitHub's would allow.
        hub.world.limit = 1_000_000
        given = Settings(data_dir=folder / "data", database_url=url, github_api_url=hub.api_url)
        app = App(hub.api_url, hub.world.app.id, hub.private_key, redact=logs.redact_passing, pace=0.0)
        world = World(given, ledger.open(url), app, catalogue(), clock=clock)
        when = hours.of(Capacity(time_zone=ZONE, hours="09:00-17:00", days=DAYS[:_WEEKEND]))
        made.append(Simulation(town, hub, world, Record(town, when), begin))
        made[0].settle()
        try:
            yield made[0]
        finally:
            app.close()
            world.book.close()


def catalogue() -> Mapping[str, Improvement]:
    """Return the improvements that take part: some real ones, and two whose names say what will happen."""
    known = registry.catalogue()
    dated = (
        Improvement(module.__name__.rsplit(".", 1)[1], "dependencies", module) for module in (leaky, ending)
    )
    return {id_: known[id_] for id_ in IMPROVEMENTS} | {one.id: one for one in dated}
