"""Memory of blob results, and the pruning of what grows with time.

What is seen of a repository is thinned where it is written (`thinning`), and what each scan replaces is not
more than what is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, delete, func, select, update

from workers.ledger import history
from workers.ledger.chunks import chunks
from workers.ledger.insert import upsert
from workers.ledger.rows import JobState
from workers.ledger.tables import answer, blob_result, delivery, job, line, pause, scan, trial, word
from workers.ledger.trials import APART

REMEMBERED = 500_000
"""How many blob results are kept; the ones used longest ago go first."""
KEPT = timedelta(days=30)
"""How long deliveries, finished jobs, scans and trials are kept; GitHub redelivers for three days."""
_YEAR = timedelta(days=365)
"""How long it is known who left a group: by then there is a newer version, or a pull request of its own.

As long jobs are kept that were given up, pauses that ended, and each change of what ended.
"""
_AT_ONCE = 2000
"""Rows of a table that go at once: pruned is every few seconds, and others want to write."""


def recall(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the results that are remembered under these keys."""
    known: dict[str, str] = {}
    for chunk in chunks(keys):
        wanted = select(blob_result.c.key, blob_result.c.result).where(blob_result.c.key.in_(chunk))
        known.update((row.key, row.result) for row in connection.execute(wanted))
    return known


def touch(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    """Note that results were used; once a day is enough to know which are old."""
    for chunk in chunks(keys):
        stale = (blob_result.c.key.in_(chunk), blob_result.c.used_at < now - timedelta(days=1))
        connection.execute(update(blob_result).where(*stale).values(used_at=now))


def remember(connection: Connection, items: Mapping[str, str], now: datetime) -> None:
    """Keep results under their keys."""
    for chunk in chunks(sorted(items)):
        rows = [{"key": key, "result": items[key], "used_at": now} for key in chunk]
        connection.execute(upsert(connection, blob_result, rows, ["key"], ["result", "used_at"]))


def forget(connection: Connection, keys: Sequence[str]) -> None:
    """Delete the results that are remembered under these keys."""
    for chunk in chunks(keys):
        connection.execute(delete(blob_result).where(blob_result.c.key.in_(chunk)))


def prune(connection: Connection, now: datetime, remembered: int) -> None:
    """Delete what nobody will ask for again."""
    old, year = now - KEPT, now - _YEAR
    for table, *rows in (
        (delivery, delivery.c.received < old),
        (job, job.c.state == JobState.DONE, job.c.finished < old),
        (job, job.c.finished < year),
        (scan, scan.c.started < old),
        (trial, trial.c.outcome != APART, trial.c.finished < old),
        (trial, trial.c.finished < year),
        (blob_result, blob_result.c.used_at < old),
        (word, word.c.at < old),
        (line, line.c.at < old),
        (answer, answer.c.at < old),
        (pause, pause.c.ended < year, _is_followed()),
    ):
        (key,) = table.primary_key
        some = select(key).where(*rows).limit(_AT_ONCE)
        connection.execute(delete(table).where(key.in_(some)))
    history.fold(connection, year)
    surplus = connection.execute(select(func.count()).select_from(blob_result)).scalar_one() - remembered
    if surplus > 0:
        last = (
            select(blob_result.c.key)
            .order_by(blob_result.c.used_at, blob_result.c.key)
            .limit(min(surplus, _AT_ONCE))
        )
        connection.execute(delete(blob_result).where(blob_result.c.key.in_(last)))


def _is_followed() -> ColumnElement[bool]:
    """Say of a pause that a later one is known of the same: what was opened before the last says nothing."""
    later, about = pause.alias(), ("installation_id", "improvement", "team", "place")
    same = [later.c[name].is_not_distinct_from(pause.c[name]) for name in about]
    return select(later.c.id).where(*same, later.c.id > pause.c.id).exists()


def counted(connection: Connection, column: Column[str]) -> dict[str, int]:
    """Count the rows of a table by the values of a column."""
    rows = connection.execute(select(column, func.count().label("count")).group_by(column))
    return {row[0]: row[1] for row in rows}
