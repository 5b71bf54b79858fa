"""Deliveries: each is recorded once, together with the job that serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from workers.ledger import jobs, places
from workers.ledger.insert import insert_once
from workers.ledger.rows import JobState, Recorded
from workers.ledger.tables import delivery, job, session, token
from workers.messages import Event


def record_all(connection: Connection, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
    """Record deliveries, and return for each what came of it: one that fails is undone, and the others stay.

    What the world does to the database is everybody's trouble, and is raised.
    """
    # Processes that write at the same time take the same rows in the same order.
    order = sorted(range(len(events)), key=lambda number: _place(events[number]))
    found = _attempted(connection, [events[number] for number in order], now)
    by_number = dict(zip(order, found, strict=True))
    return [by_number[number] for number in range(len(events))]


def _attempted(
    connection: Connection, events: Sequence[Event], now: datetime
) -> Sequence[Recorded | Exception]:
    """Record deliveries together, or each by itself where that fails."""
    try:
        with connection.begin_nested():
            return record(connection, events, now)
    except (OperationalError, PoolTimeout):
        raise
    except Exception as error:
        if connection.invalidated or not connection.in_transaction():
            raise
        if len(events) == 1:
            return [error]
    return [one for event in events for one in _attempted(connection, [event], now)]


def record(connection: Connection, events: Sequence[Event], now: datetime) -> list[Recorded]:
    """Record deliveries and open their jobs, or find that both were done before; in few statements for many.

    A repeated delivery whose job was parked, or never opened, is served anew: that is what a person who
    presses "Redeliver" expects.
    """
    firsts: dict[str, int] = {}
    for number, event in enumerate(events):
        firsts.setdefault(event.guid, number)
    found = _recorded(connection, [events[number] for number in firsts.values()], now)
    # One that comes twice at once comes again when the first of it is recorded.
    later = [event for number, event in enumerate(events) if firsts[event.guid] != number]
    again = iter(record(connection, later, now) if later else ())
    return [
        found[event.guid] if firsts[event.guid] == number else next(again)
        for number, event in enumerate(events)
    ]


def _recorded(connection: Connection, events: Sequence[Event], now: datetime) -> Mapping[str, Recorded]:
    """Record deliveries of which none comes twice; return what came of them by GUID."""
    served = _served(connection, _known(connection, events, now))
    work = [event for event in events if event.guid not in served]
    _notice(connection, work, now)
    if parted := {event.parted for event in work if event.parted is not None}:
        connection.execute(delete(session).where(session.c.user_id.in_(parted)))
        connection.execute(delete(token).where(token.c.user_id.in_(parted)))
    asking = [event for event in work if event.kind]
    ids = jobs.enqueue(connection, [_work(event) for event in asking], now, timedelta())
    if asking:
        of_them = [{"which": event.guid, "job_id": ids[event.key]} for event in asking]
        connection.execute(_SERVE, of_them)
    anew = {event.guid: Recorded(new=True, job_id=ids[event.key] if event.kind else None) for event in work}
    return {**served, **anew}


_SERVE = update(delivery).where(delivery.c.guid == bindparam("which"))


def _known(connection: Connection, events: Sequence[Event], now: datetime) -> Sequence[Event]:
    """Write the deliveries, and return those that were recorded before."""
    rows = [
        {
            "guid": event.guid,
            "event": event.name,
            "action": event.action,
            "installation_id": event.installation_id,
            "repository_id": event.repository.id if event.repository else None,
            "received": now,
        }
        for event in events
    ]
    once = insert_once(connection, delivery, ["guid"]).returning(delivery.c.guid)
    new = set(connection.execute(once, rows).scalars()) if rows else set()
    return [event for event in events if event.guid not in new]


def _served(connection: Connection, known: Sequence[Event]) -> Mapping[str, Recorded]:
    """Return the answers of the first time, by GUID, without the deliveries that must be served again."""
    if not known:
        return {}
    wanted = (
        select(delivery.c.guid, delivery.c.job_id, job.c.state)
        .select_from(delivery.outerjoin(job, job.c.id == delivery.c.job_id))
        .where(delivery.c.guid.in_([event.guid for event in known]))
    )
    asking = {event.guid for event in known if event.kind is not None}
    return {
        guid: Recorded(new=False, job_id=job_id)
        for guid, job_id, state in connection.execute(wanted)
        if guid not in asking or state not in (None, JobState.POISONED)
    }


def _place(event: Event) -> tuple[int, str]:
    return event.repository.id if event.repository else 0, event.key


def _notice(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    """Note the installations and the repositories that events name."""
    named: list[Event] = []
    for number, event in enumerate(events, 1):
        if event.installation_id is not None:
            named.append(event)
        # What is removed is what was noted up to then.
        if event.removed or number == len(events):
            _note(connection, named, now)
            named = []
        if event.removed and event.installation_id is not None:
            places.mark_removed(connection, event.removed, event.installation_id, now)


def _note(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    """Note what events name: many of them name the same."""
    known = {(e.installation_id, e.account, e.state): None for e in events if e.installation_id is not None}
    places.notice_installations(connection, known, now)
    places.notice_repositories(connection, {e.repository: None for e in events if e.repository}, now)


def _work(event: Event) -> jobs.Work:
    if event.kind is None:
        raise ValueError(f"Delivery {event.guid} asks for nothing.")
    repository_id = event.repository.id if event.repository else None
    detail = {**event.detail, "delivery": event.guid}
    return jobs.Work(event.kind, event.key, event.installation_id, repository_id, event.priority, detail)
