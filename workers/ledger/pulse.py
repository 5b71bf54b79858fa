"""Pulse: what waits, who works on what, what was heard from GitHub, and who rests as it asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from workers.ledger.jobs import as_job
from workers.ledger.rows import Job, JobState
from workers.ledger.tables import delivery, job, quota
from workers.ledger.transactions import reading
from workers.messages import Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs of one priority and repository are queued, and when the first of them is due."""

    priority: int
    repository_id: int | None
    count: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Working:
    """A job that a worker (``owner``: its machine and process) holds until its lease ends."""

    job_id: int
    kind: Kind
    repository_id: int | None
    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """How many deliveries of an event about a repository were received, and when the last was."""

    event: str
    repository_id: int | None
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Resting:
    """Until when an installation rests, and until when it does but for people; None where it does not."""

    installation_id: int
    rests: datetime | None
    spares: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """The page of the ledger about how everything runs; moments are aware."""

    engine: Engine

    def waiting(self) -> Sequence[Waiting]:
        """Return what is queued, the most urgent first."""
        columns = (job.c.priority, job.c.repository_id)
        counted = select(*columns, func.count(), func.min(job.c.due)).where(job.c.state == JobState.QUEUED)
        with reading(self.engine) as connection:
            return [
                Waiting(*row) for row in connection.execute(counted.group_by(*columns).order_by(*columns))
            ]

    def working(self) -> Sequence[Working]:
        """Return what is under way, in the order of its beginning as far as leases tell."""
        columns = (job.c.id, job.c.kind, job.c.repository_id, job.c.lease_owner, job.c.lease_until)
        wanted = select(*columns).where(job.c.state == JobState.RUNNING).order_by(job.c.lease_until, job.c.id)
        with reading(self.engine) as connection:
            return [Working(row[0], Kind(row[1]), *row[2:]) for row in connection.execute(wanted)]

    def given_up(self, repositories: Collection[int] | None = None) -> Sequence[Job]:
        """Return the jobs that were given up in some repositories or all, the newest first."""
        wanted = select(job).where(job.c.state == JobState.POISONED).order_by(job.c.id.desc())
        with reading(self.engine) as connection:
            # As many ids as an organisation has repositories are too many for one statement on SQLite.
            return [
                as_job(row)
                for row in connection.execute(wanted)
                if repositories is None or row.repository_id in repositories
            ]

    def heard(self, since: datetime) -> Sequence[Heard]:
        """Return what GitHub told since a moment."""
        columns = (delivery.c.event, delivery.c.repository_id)
        counted = select(*columns, func.count(), func.max(delivery.c.received))
        wanted = counted.where(delivery.c.received >= since).group_by(*columns).order_by(*columns)
        with reading(self.engine) as connection:
            return [Heard(*row) for row in connection.execute(wanted)]

    def resting(self, now: datetime) -> Sequence[Resting]:
        """Return the installations that rest, be it but for what people wait for."""
        columns = (quota.c.installation_id, quota.c.rests, quota.c.spares, quota.c.reason)
        tired = select(*columns).where((quota.c.rests > now) | (quota.c.spares > now))
        with reading(self.engine) as connection:
            return [Resting(*row) for row in connection.execute(tired.order_by(quota.c.installation_id))]
