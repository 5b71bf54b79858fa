"""Thins what is written of a repository day by day: what is long ago is told by weeks, then forgotten."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, Table, delete, select

from workers.ledger.chunks import chunks

DAILY = timedelta(days=90)
"""For how long each day is kept; of a week that is longer ago its last one is."""
SEEN = timedelta(days=730)
"""For how long it is kept what a repository was like."""


def thin(connection: Connection, table: Table, repository_id: int, today: date) -> None:
    """Delete the days of a repository that nobody will ask for again: one a day is written, and one goes."""
    place, day = table.c.repository_id, table.c.day
    older = select(day).where(place == repository_id, day < today - DAILY).order_by(day)
    days: list[date] = list(connection.execute(older).scalars())
    last = {one.isocalendar()[:2]: one for one in days}
    kept = {one for one in last.values() if one >= today - SEEN}
    for gone in chunks(one for one in days if one not in kept):
        connection.execute(delete(table).where(place == repository_id, day.in_(gone)))
