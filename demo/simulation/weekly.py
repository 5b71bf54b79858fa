"""What the simulation writes down: one row for each week, and every promise that was broken."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo.simulation.town import Town
from workers import capacity
from workers.hours import Hours
from workers.ledger import ProposalRow, WithheldRow

_URGENT = ("leaky", "ending")
"""What may come out of hours."""


@dataclass
class Week:
    """One row of the table; minutes are of each team."""

    opened: int = 0
    merged: int = 0
    closed: int = 0
    open: int = 0
    overdrafts: int = 0
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
                self.broken.append(f"{said}: beyond the budget of {whose or 'the organisation'}")
        if row.improvement not in _URGENT and not self.hours.is_open(row.opened_at):
            self.broken.append(f"{said}: out of hours")

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
            if waited > patience:
                said = f"{now.isoformat()} {names[repository_id]} {row.key}"
                self.broken.append(f"{said}: waits for {waited.days} days ({row.reason})")

    @property
    def digest(self) -> str:
        """A short name of the order of the openings."""
        return hashlib.sha256("\n".join(self.openings).encode()).hexdigest()[:16]
