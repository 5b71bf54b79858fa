"""Surveys: what waits, what is withheld and when everything was looked at, over all repositories at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from workers.ledger.tables import proposal, repository, scan, withheld
from workers.ledger.transactions import reading


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits for room in a repository; the columns are those of `WithheldRow`."""

    repository_id: int
    key: str
    improvement: str
    title: str
    reason: str
    sentence: str
    since: datetime
    cost: int
    value: int
    team: str


@dataclass(frozen=True, slots=True)
class Look:
    """The last scan of a repository that ended: when it began, and how it ended."""

    started: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Surveys:
    """The page of the ledger that is read across its repositories; each answer is one statement."""

    engine: Engine

    def waiting(self) -> Sequence[WaitingRow]:
        """Return what waits for room everywhere, the longest first."""
        columns = [withheld.c[name] for name in WaitingRow.__dataclass_fields__]
        wanted = select(*columns).where(withheld.c.since.is_not(None))
        with reading(self.engine) as connection:
            found = connection.execute(wanted.order_by(withheld.c.since, withheld.c.id))
            return [WaitingRow(*row) for row in found]

    def withheld(self) -> Mapping[int, Mapping[str, int]]:
        """Return how much is withheld: by repository, and by the reason's id."""
        wanted = select(withheld.c.repository_id, withheld.c.reason, func.count())
        found = defaultdict[int, dict[str, int]](dict)
        with reading(self.engine) as connection:
            rows = connection.execute(wanted.group_by(withheld.c.repository_id, withheld.c.reason))
            for repository_id, reason, count in rows:
                found[repository_id][reason] = count
        return found

    def kept(self, but: Collection[str]) -> Sequence[tuple[int, str, str]]:
        """Return repository, key and reason of all that is withheld for other reasons than these."""
        wanted = select(withheld.c.repository_id, withheld.c.key, withheld.c.reason)
        with reading(self.engine) as connection:
            rows = connection.execute(wanted.where(withheld.c.reason.not_in(but)))
            return [(repository_id, key, reason) for repository_id, key, reason in rows]

    def merged(self, since: datetime) -> Mapping[int, int]:
        """Return how many pull requests were merged after a moment, by repository."""
        lately = (proposal.c.state == "merged", proposal.c.closed_at > since)
        # To group them there, SQLite would read all there ever were in the order of repositories.
        wanted = select(proposal.c.repository_id).where(*lately)
        with reading(self.engine) as connection:
            return Counter(connection.execute(wanted).scalars())

    def looks(self) -> Mapping[int, Look]:
        """Return the last look at each repository that has had one."""
        ended = scan.alias()
        mine = (ended.c.repository_id == repository.c.id, ended.c.outcome != "")
        # It is looked for in each: to group all looks of a month reads every one of them.
        last = select(ended.c.id).where(*mine).order_by(ended.c.started.desc(), ended.c.id.desc()).limit(1)
        of_each = scan.c.id == last.correlate(repository).scalar_subquery()
        wanted = select(scan.c.repository_id, scan.c.started, scan.c.outcome).join(repository, of_each)
        with reading(self.engine) as connection:
            return {row.repository_id: Look(row.started, row.outcome) for row in connection.execute(wanted)}
