"""Whose turn it is: of the most urgent jobs those of whoever has fewest workers, served longest ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from workers.ledger.columns import Moment
from workers.ledger.tables import job, quota
from workers.messages import Priority

NOW = bindparam("now", type_=Moment)
_PRIORITY = bindparam("priority", type_=Integer)
_INSTALLATION = bindparam("installation", type_=BigInteger)
_AT_A_TIME = 20
"""Installations that are looked at in their order; where none is left of them, others claim just now."""


@dataclass(frozen=True, slots=True)
class Line:
    """The jobs of one priority that one installation waits for; the App's own are of none."""

    priority: int
    installation_id: int | None

    def first(self, count: int) -> Select[Any]:
        """Return the query for those that can be claimed, the one that is due longest first."""
        query = _OF_THE_APP if self.installation_id is None else _OF_ONE
        return query.limit(count)

    def values(self, now: datetime) -> dict[str, object]:
        """Return what the query is executed with."""
        known = {} if self.installation_id is None else {"installation": self.installation_id}
        return {"now": now, "priority": self.priority, **known}


def lines(connection: Connection, now: datetime) -> Iterator[Line]:
    """Yield the lines in which somebody may be served, in the order of their turns."""
    for priority in sorted(Priority):
        yield Line(priority, None)
        for installation_id in connection.execute(_WAITING, {"now": now, "priority": priority}).scalars():
            yield Line(priority, installation_id)


def is_state(rows: FromClause, state: str) -> ColumnElement[bool]:
    """Say of jobs that they are in a state, as their partial indexes say it: written out."""
    return rows.c.state == literal_column(f"'{state}'")


def is_idle(rows: FromClause) -> ColumnElement[bool]:
    """Say of jobs that no other one of their repository runs."""
    other = job.alias("other")
    same = (other.c.repository_id == rows.c.repository_id, other.c.id != rows.c.id)
    return ~select(other.c.id).where(*same, is_state(other, "running")).exists()


def is_rested(
    installation_id: ColumnElement[int | None], priority: ColumnElement[int]
) -> ColumnElement[bool]:
    """Say that GitHub has not had enough of an installation for now, or of all but its people."""
    tired = or_(quota.c.rests > NOW, and_(quota.c.spares > NOW, priority > Priority.PERSON))
    return ~select(quota.c.installation_id).where(quota.c.installation_id == installation_id, tired).exists()


def next_turn() -> ScalarSelect[int]:
    """Return the number of the turn that begins now: no clock can put one before another."""
    last = job.alias("last")
    highest = select(func.coalesce(func.max(last.c.turn), 0) + 1)
    return highest.where(last.c.turn.is_not(None)).scalar_subquery()


def _claimable(rows: FromClause, of: ColumnElement[bool]) -> Select[Any]:
    due = (is_state(rows, "queued"), rows.c.priority == _PRIORITY, of, rows.c.due <= NOW, is_idle(rows))
    return select(rows).where(*due).order_by(rows.c.due, rows.c.id)


def _lowest(rows: FromClause, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    queued = (is_state(rows, "queued"), rows.c.priority == _PRIORITY)
    return select(func.min(rows.c.installation_id)).where(*queued, *where).scalar_subquery()


def _waiting() -> Select[Any]:
    """Return the query for the installations with a job that can be claimed, in the order of their turns.

    The index is looked into once for each of them, however many jobs they have.
    """
    first, further = job.alias("first"), job.alias("further")
    walk = select(_lowest(first).label("id")).cte("walk", recursive=True)
    onward = _lowest(further, further.c.installation_id > walk.c.id)
    walk = walk.union_all(select(onward).where(walk.c.id.is_not(None)))
    one, held, past = job.alias("one"), job.alias("held"), job.alias("past")
    # With a limit it is looked for one after the other; `EXISTS` would be made a join over all jobs.
    claimable = _claimable(one, one.c.installation_id == walk.c.id).with_only_columns(one.c.id).limit(1)
    workers = select(func.count()).where(is_state(held, "running"), held.c.installation_id == walk.c.id)
    served = select(func.coalesce(func.max(past.c.turn), 0))
    served = served.where(past.c.installation_id == walk.c.id, past.c.turn.is_not(None))
    could = claimable.scalar_subquery().is_not(None)
    wanted = select(walk.c.id).where(walk.c.id.is_not(None), is_rested(walk.c.id, _PRIORITY), could)
    turn = (workers.scalar_subquery(), served.scalar_subquery(), walk.c.id)
    return wanted.order_by(*turn).limit(_AT_A_TIME)


_OF_ONE = _claimable(job, job.c.installation_id == _INSTALLATION)
_OF_THE_APP = _claimable(job, job.c.installation_id.is_(None))
_WAITING = _waiting()
