"""Deliveries: each is recorded once, together with the job that serves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from workers.ledger import jobs, places
from workers.ledger.insert import insert_once
from workers.ledger.rows import JobState, Recorded
from workers.ledger.tables import delivery, job
from workers.messages import Event


def record(connection: Connection, event: Event, now: datetime) -> Recorded:
    """Record a delivery and open its job, or find that both were done before.

    A repeated delivery whose job was parked, or never opened, is served anew: that is what a person who
    presses "Redeliver" expects.
    """
    row = {
        "guid": event.guid,
        "event": event.name,
        "action": event.action,
        "installation_id": event.installation_id,
        "repository_id": event.repository.id if event.repository else None,
        "received": now,
    }
    statement = insert_once(connection, delivery, row, ["guid"]).returning(delivery.c.guid)
    first = connection.execute(statement).one_or_none() is not None
    if not first:
        served = _served(connection, event)
        if served is not None:
            return served
    _notice(connection, event, now)
    job_id = jobs.enqueue(connection, _work(event), now, timedelta()) if event.kind else None
    if job_id is not None:
        connection.execute(update(delivery).where(delivery.c.guid == event.guid).values(job_id=job_id))
    return Recorded(new=True, job_id=job_id)


def record_all(connection: Connection, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
    """Record deliveries, and return for each what came of it: one that fails is undone, and the others stay.

    What the world does to the database is everybody's trouble, and is raised.
    """
    found: dict[int, Recorded | Exception] = {}
    # Processes that write at the same time take the same rows in the same order.
    for number, event in sorted(enumerate(events), key=lambda item: _place(item[1])):
        try:
            with connection.begin_nested():
                found[number] = record(connection, event, now)
        except (OperationalError, PoolTimeout):
            raise
        except Exception as error:
            if connection.invalidated or not connection.in_transaction():
                raise
            found[number] = error
    return [found[number] for number in range(len(events))]


def _place(event: Event) -> tuple[int, str]:
    return event.repository.id if event.repository else 0, event.key


def _served(connection: Connection, event: Event) -> Recorded | None:
    """Return the answer of the first time, or ``None`` where the delivery must be served again."""
    wanted = (
        select(delivery.c.job_id, job.c.state)
        .select_from(delivery.outerjoin(job, job.c.id == delivery.c.job_id))
        .where(delivery.c.guid == event.guid)
    )
    job_id, state = connection.execute(wanted).one()
    if event.kind is not None and state in (None, JobState.POISONED):
        return None
    return Recorded(new=False, job_id=job_id)


def _notice(connection: Connection, event: Event, now: datetime) -> None:
    """Note the installation and the repositories that the event names."""
    if event.installation_id is None:
        return
    places.notice_installation(connection, event.installation_id, event.account, event.state, now)
    if event.repository is not None:
        places.notice_repository(connection, event.repository, now)
    if event.removed:
        places.mark_removed(connection, event.removed, event.installation_id, now)


def _work(event: Event) -> jobs.Work:
    if event.kind is None:
        raise ValueError(f"Delivery {event.guid} asks for nothing.")
    repository_id = event.repository.id if event.repository else None
    detail = {**event.detail, "delivery": event.guid}
    return jobs.Work(event.kind, event.key, event.installation_id, repository_id, event.priority, detail)
