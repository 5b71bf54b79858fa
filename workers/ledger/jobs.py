"""Jobs: opened once for each key, claimed under a lease, tried five times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)

from workers.ledger.insert import insert_once
from workers.ledger.rows import Job, JobState
from workers.ledger.tables import OPEN, job, quota
from workers.ledger.turns import NOW, is_idle, is_rested, is_state, lines, next_turn
from workers.messages import Kind, Priority

TRIES = 5
"""A job that failed so often, or whose workers died so often one after the other, is parked as poisoned."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, before it is a row."""

    kind: Kind
    key: str
    installation_id: int | None = None
    repository_id: int | None = None
    priority: int = Priority.SCHEDULE
    detail: Mapping[str, object] = field(default_factory=dict)


def enqueue(connection: Connection, works: Sequence[Work], now: datetime, delay: timedelta) -> dict[str, int]:
    """Open jobs, or fold work into the open ones of the same keys, in order; return the jobs' ids by key."""
    ids: dict[str, int] = {}
    # What another process opened meanwhile is neither changed nor opened here, and is looked for again.
    while left := [work for work in works if work.key not in ids]:
        wanted = select(*_STANDS).where(job.c.key.in_({work.key for work in left}), text(OPEN))
        found = connection.execute(wanted.order_by(job.c.key).with_for_update()).mappings()
        standing = {row["key"]: dict(row) for row in found}
        folded = _folded(standing, left, now, now + delay)
        if standing:
            changes = [{"which": row["id"], **{n: row[n] for n in _FOLDS}} for row in folded if "id" in row]
            connection.execute(_CHANGE, changes)
        if opened := [row for row in folded if "id" not in row]:
            once = insert_once(connection, job, ["key"], where=text(OPEN)).returning(job.c.key, job.c.id)
            ids |= {row.key: row.id for row in connection.execute(once, opened)}
        ids |= {key: row["id"] for key, row in standing.items()}
    return ids


_FOLDS = ("priority", "due", "again", "detail", "installation_id")
"""What work that comes later changes in an open job."""
_STANDS = (job.c.id, job.c.key, job.c.state, job.c.last_error, *(job.c[name] for name in _FOLDS))
_CHANGE = update(job).where(job.c.id == bindparam("which"))


def _folded(
    standing: Mapping[str, Mapping[str, Any]], works: Iterable[Work], now: datetime, due: datetime
) -> Iterable[Mapping[str, Any]]:
    """Return the jobs as they are with the work: those that stand already, and new ones, without an id."""
    rows = dict(standing)
    for work in works:
        waiting = rows.get(work.key)
        rows[work.key] = (
            _opened(work, now, due) if waiting is None else {**waiting, **_fold(waiting, work, due)}
        )
    return rows.values()


def _opened(work: Work, now: datetime, due: datetime) -> dict[str, Any]:
    return {
        "key": work.key,
        "kind": work.kind.value,
        "installation_id": work.installation_id,
        "repository_id": work.repository_id,
        "detail": dict(work.detail),
        "priority": int(work.priority),
        "state": JobState.QUEUED.value,
        "due": due,
        "again": False,
        "created": now,
    }


def _fold(waiting: Mapping[str, Any], work: Work, due: datetime) -> dict[str, Any]:
    """Join the open job of the key: it waits no longer than either, and one that runs will run again."""
    # A job that waits for a reason (an error, a limit) keeps its patience: a push must not override it.
    patient = waiting.get("last_error") is not None
    return {
        "priority": min(waiting["priority"], int(work.priority)),
        "due": waiting["due"] if patient else min(waiting["due"], due),
        "again": waiting["state"] == JobState.RUNNING,
        "detail": _joined(waiting["detail"], work.detail),
        "installation_id": work.installation_id or waiting["installation_id"],
    }


def _joined(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Let the newer event win, but lists grow: what the earlier one named is still to be done."""
    joined = {**old, **new}
    for name, earlier in old.items():
        later = new.get(name)
        if isinstance(earlier, list) and isinstance(later, list):
            joined[name] = [*earlier, *(item for item in later if item not in earlier)]
    return joined


_LOST = (
    select(job)
    .where(is_state(job, "running"), job.c.lease_until < NOW, is_idle(job))
    .where(is_rested(job.c.installation_id, job.c.priority))
    .order_by(job.c.lease_until, job.c.id)
)
"""The jobs whose worker is lost, the one that is lost longest first."""


def _found(connection: Connection, now: datetime) -> Row[Any] | None:
    """Lock the job whose turn it is; what others are about to claim is passed over."""
    one = _LOST.limit(1).with_for_update(skip_locked=True)
    found = connection.execute(one, {"now": now}).one_or_none()
    for line in lines(connection, now):
        if found is not None:
            break
        one = line.first(1).with_for_update(skip_locked=True)
        found = connection.execute(one, line.values(now)).one_or_none()
    return found


def claim(connection: Connection, owner: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the job whose turn it is for the length of the lease."""
    found = _found(connection, now)
    if found is None:
        return None
    deaths = found.deaths + (found.state == JobState.RUNNING)
    if deaths >= TRIES:
        error = f"The worker {found.lease_owner} ended without a word, try {TRIES}."
        _park(connection, found.id, error, now, deaths=deaths)
        return None
    taken = connection.execute(
        update(job)
        .where(job.c.id == found.id)
        .values(
            state=JobState.RUNNING,
            lease_until=now + lease,
            lease_owner=owner,
            fence=job.c.fence + 1,
            deaths=deaths,
            turn=next_turn(),
        )
        .returning(*job.c)
    ).one()
    return as_job(taken)


def _held(claimed: Job) -> ColumnElement[bool]:
    """Nobody has claimed, finished or released the job since."""
    return and_(job.c.id == claimed.id, job.c.fence == claimed.fence, job.c.state == JobState.RUNNING)


def holds(connection: Connection, claimed: Job) -> bool:
    """Tell whether the claim is still the newest."""
    return connection.execute(select(job.c.id).where(_held(claimed))).one_or_none() is not None


def renew(connection: Connection, claimed: Job, now: datetime, lease: timedelta) -> bool:
    """Lengthen the lease, or say that the job was lost."""
    return bool(
        connection.execute(update(job).where(_held(claimed)).values(lease_until=now + lease)).rowcount
    )


def finish(connection: Connection, claimed: Job, now: datetime) -> bool:
    """Close the job, or queue it anew where an event came in meanwhile; false when it was lost."""
    again = job.c.again
    ended = (
        update(job)
        .where(_held(claimed))
        .values(
            state=case((again, JobState.QUEUED.value), else_=JobState.DONE.value),
            finished=case((again, None), else_=now),
            due=case((again, now), else_=job.c.due),
            again=False,
            tries=case((again, 0), else_=job.c.tries),
            deaths=0,
            lease_until=None,
            lease_owner=None,
            last_error=None,
        )
    )
    held = bool(connection.execute(ended).rowcount)
    if held and claimed.installation_id is not None:
        # GitHub lets the installation work again: what it refused before is over.
        mine = quota.c.installation_id == claimed.installation_id
        over = and_(mine, quota.c.refusals > 0, or_(quota.c.rests.is_(None), quota.c.rests <= now))
        connection.execute(update(quota).where(over).values(refusals=0))
    return held


def retry(
    connection: Connection, claimed: Job, error: str, now: datetime, delay: timedelta
) -> JobState | None:
    """Queue the job for a later try, or park it after the last; ``None`` when it was lost."""
    if not _requeue(connection, claimed, error, now + delay, claimed.tries + 1):
        return None
    if claimed.tries + 1 < TRIES:
        return JobState.QUEUED
    _park(connection, claimed.id, error, now)
    return JobState.POISONED


def postpone(connection: Connection, claimed: Job, reason: str, until: datetime) -> bool:
    """Queue the job for later without counting the try: the world asked us to wait."""
    return _requeue(connection, claimed, reason, until, claimed.tries)


def _requeue(connection: Connection, claimed: Job, error: str, due: datetime, tries: int) -> bool:
    back = {"state": JobState.QUEUED, "due": due, "last_error": error, "tries": tries, "again": False}
    back |= {"deaths": 0}
    nobody = {"lease_until": None, "lease_owner": None}
    return bool(connection.execute(update(job).where(_held(claimed)).values(**back, **nobody)).rowcount)


def fail(connection: Connection, claimed: Job, error: str, now: datetime) -> JobState | None:
    """Park the job as poisoned with its error; ``None`` when it was lost."""
    if not holds(connection, claimed):
        return None
    _park(connection, claimed.id, error, now)
    return JobState.POISONED


def strike(connection: Connection, claimed: Job, name: str, item: str) -> None:
    """Take an item off a list of the job's detail."""
    wanted = select(job.c.detail).where(_held(claimed)).with_for_update()
    detail = connection.execute(wanted).scalar_one_or_none() or {}
    if item in (listed := detail.get(name) or ()):
        left = {**detail, name: [other for other in listed if other != item]}
        connection.execute(update(job).where(_held(claimed)).values(detail=left))


def _park(connection: Connection, job_id: int, error: str, now: datetime, **more: int) -> None:
    connection.execute(
        update(job)
        .where(job.c.id == job_id)
        .values(
            state=JobState.POISONED,
            last_error=error,
            finished=now,
            again=False,
            lease_until=None,
            lease_owner=None,
            **more,
        )
    )


def release(connection: Connection, owner: str, now: datetime) -> int:
    """Queue again what workers whose name starts with ``owner`` were running; return how many."""
    mine = job.c.lease_owner.startswith(owner, autoescape=True)
    running = job.c.state == JobState.RUNNING
    spent = and_(running, mine, job.c.deaths >= TRIES - 1)
    error = f"The worker ended without a word, try {TRIES}."
    connection.execute(
        update(job)
        .where(spent)
        .values(state=JobState.POISONED, last_error=error, finished=now, again=False, deaths=TRIES)
    )
    queued = (
        update(job)
        .where(running, mine)
        .values(state=JobState.QUEUED, due=now, deaths=job.c.deaths + 1, lease_until=None, lease_owner=None)
    )
    return connection.execute(queued).rowcount


def due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Return the ids of jobs that could be claimed now, in the order of their turns."""
    ids = list(connection.execute(_LOST.with_only_columns(job.c.id).limit(limit), {"now": now}).scalars())
    for line in lines(connection, now):
        if len(ids) >= limit:
            break
        wanted = line.first(limit - len(ids)).with_only_columns(job.c.id)
        ids += connection.execute(wanted, line.values(now)).scalars()
    return ids


def get(connection: Connection, job_id: int) -> Job | None:
    """Return the job as it stands."""
    found = connection.execute(select(job).where(job.c.id == job_id)).one_or_none()
    return as_job(found) if found is not None else None


def listed(connection: Connection, state: JobState, limit: int) -> list[Job]:
    """Return the newest jobs in a state."""
    wanted = select(job).where(job.c.state == state).order_by(job.c.id.desc()).limit(limit)
    return [as_job(found) for found in connection.execute(wanted)]


def waits(connection: Connection, now: datetime) -> dict[int, timedelta]:
    """Return for how long the first waiting job of each priority is overdue."""
    first = (
        select(job.c.priority, func.min(job.c.due)).where(is_state(job, "queued")).group_by(job.c.priority)
    )
    return {row[0]: max(now - row[1], timedelta()) for row in connection.execute(first)}


def as_job(row: Row[Any]) -> Job:
    """Read a row."""
    values = dict(row._mapping)  # noqa: SLF001 -- the documented name of a row's mapping
    return Job(**{**values, "kind": Kind(values["kind"]), "state": JobState(values["state"])})
