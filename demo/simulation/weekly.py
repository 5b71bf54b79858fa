"""What the simulation writes down: one row for each week, and every promise that was broken."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo.simulation.town import FIRST, GENTLE, OPEN, Town
from workers import capacity
from workers.answered import Word
from workers.hours import Hours
from workers.ledger import ProposalRow, WithheldRow
from workers.model import Stage, State

_URGENT = ("leaky", "ending")
"""What may come out of hours."""
MERGED, DECLINED, FAILED, EXPIRED, OTHERWISE = "merged", "declined", "failed", "expired", "otherwise"
_ENDS = {"": DECLINED, Word.RED.value: FAILED, Word.EXPIRED.value: EXPIRED}
"""How a pull request ended that was closed, by the word that it was closed with."""


@dataclass
class Week:
    """One row of the table; minutes are of each team (``""``: all of them), ``ended`` counts how.

    ``standing`` are the stages of what is open at the end, ``refused`` the reasons of what waits then.
    """

    opened: int = 0
    overdrafts: int = 0
    reminded: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)
    waited: timedelta = timedelta()
    patience: timedelta = timedelta()
    refused: Counter[str] = field(default_factory=Counter)


@dataclass
class Record:
    """All weeks, the order of the openings, and the promises that were broken."""

    town: Town
    hours: Hours
    weeks: dict[datetime, Week] = field(default_factory=dict)
    openings: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    over: set[int] = field(default_factory=set)
    reminded: set[int] = field(default_factory=set)
    late: set[tuple[int, str, datetime]] = field(default_factory=set)

    def week(self, now: datetime) -> Week:
        """Return the row of a moment."""
        return self.weeks.setdefault(self.hours.week(now), Week())

    def opened(self, name: str, row: ProposalRow) -> None:
        """Note an opening; in the order of the openings, as the first that finds no room breaks a promise."""
        week, said = self.week(row.opened_at), f"{row.opened_at.isoformat()} {name} {row.key}"
        self.openings.append(said)
        week.opened += 1
        week.overdrafts += row.overdraft
        for whose, budget in ((row.team, self.town.teams[row.team]), ("", self.town.minutes)):
            week.spent[whose] += row.cost
            if week.spent[whose] > budget and not row.overdraft:
                self.broken.append(f"{said}: beyond the minutes of {whose or 'the organisation'}")
        if row.improvement not in _URGENT and not self.hours.is_open(row.opened_at):
            self.broken.append(f"{said}: out of hours")

    def asked(self, name: str, row: ProposalRow) -> None:
        """Note that somebody was asked for a review: of nothing whose checks have not passed."""
        if row.stage != Stage.READY:
            self.broken.append(f"{row.asked_at} {name} {row.key}: somebody was asked while it is {row.stage}")

    def stands(self, now: datetime, names: Mapping[int, str], rows: Collection[ProposalRow]) -> None:
        """Note how everything stands that was ever opened, and whether more is open than may be.

        What goes beyond a budget by permission leaves no room for others, so that these alone never do.
        """
        week = self.week(now)
        for row in (r for r in rows if r.state != State.OPEN and r.id not in self.over):
            self.over.add(row.id)
            week.ended[MERGED if row.state == State.MERGED else _ENDS.get(row.word, OTHERWISE)] += 1
        for row in (r for r in rows if r.nudges and r.id not in self.reminded):
            self.reminded.add(row.id)
            week.reminded += 1
        week.standing = Counter(row.stage for row in rows if row.state == State.OPEN)
        plain = [row for row in rows if not row.overdraft]
        held = [row for row in plain if row.state == State.OPEN]
        today = sum(row.opened_at >= self.hours.day(now) for row in plain)
        self._bound(now, "the organisation's new ones of a day", today, self.town.per_day)
        for team, count in Counter(row.team for row in held).items():
            self._bound(now, f"what {team} has open", count, self.town.open)
        first = {row.repository_id: row.opened_at for row in sorted(rows, key=lambda r: r.opened_at)[::-1]}
        for id_, count in Counter(row.repository_id for row in held).items():
            is_new = now < first[id_] + timedelta(days=GENTLE)
            self._bound(now, f"what {names[id_]} has open", count, FIRST if is_new else OPEN)

    def _bound(self, now: datetime, what: str, count: int, most: int) -> None:
        if count > most:
            self.broken.append(f"{now.isoformat()}: {what}: {count}, and {most} may be")

    def looked(
        self, now: datetime, names: Mapping[int, str], waiting: Iterable[tuple[int, WithheldRow]]
    ) -> None:
        """Note who waits at the end of a day, and how long."""
        week = self.week(now)
        week.refused.clear()
        for repository_id, row in waiting:
            if row.since is None:
                continue
            week.refused[row.reason] += 1
            waited, patience = now - row.since, capacity.patience(row.value)
            if waited / patience > (week.waited / week.patience if week.patience else 0):
                week.waited, week.patience = waited, patience
            if waited > patience and (repository_id, row.key, row.since) not in self.late:
                self.late.add((repository_id, row.key, row.since))
                said = f"{now.isoformat()} {names[repository_id]} {row.key}"
                self.broken.append(f"{said}: waits for {waited.days} days ({row.reason})")

    @property
    def digest(self) -> str:
        """A short name of the order of the openings."""
        return hashlib.sha256("\n".join(self.openings).encode()).hexdigest()[:16]
