"""Spending: what pull requests cost the teams of an installation, what waits, and what is about to open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, or_, select

from workers.capacity import Claim, Outside, Spent, Verdict
from workers.evaluation import learning
from workers.ledger import memory, pauses
from workers.ledger.insert import upsert
from workers.ledger.rows import Standing
from workers.ledger.tables import proposal, repository, reservation, withheld
from workers.ledger.transactions import reading, writing
from workers.model import CONFIGURE
from workers.purses import Price
from workers.reasons import Reason

_WEEK = timedelta(days=8)
"""What was opened longer ago counts for no week, whatever the time zone."""
_FRESH = timedelta(days=8)
"""After how long a repository that was not looked at again has no claim to what others could spend."""
_HELD = timedelta(days=1)
"""How long a place is kept for a worker that does not say what became of it."""
_SHARED = tuple(reason.id for reason in (Reason.TEAM_BUDGET, Reason.ORGANISATION_BUDGET))

Judge = Callable[[Sequence[Spent]], Verdict]
"""Says whether there is room, by what is spent."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The pages of the ledger about budgets that repositories share; moments are aware."""

    engine: Engine

    def outside(self, installation_id: int, repository_id: int, now: datetime) -> Outside:
        """Return what a repository has to know of the others of its installation, and of its own waiting."""
        elsewhere, liked = repository.c.id != repository_id, learning.key(installation_id)
        with reading(self.engine) as connection:
            return Outside(
                spent=(
                    *_spent(connection, installation_id, now, elsewhere),
                    *_kept(connection, installation_id, now, elsewhere),
                ),
                claims=tuple(_claims(connection, installation_id, now, elsewhere)),
                pauses=tuple(pauses.holding(connection, installation_id, repository_id)),
                liked=learning.read(memory.recall(connection, [liked]).get(liked, "")),
                since=_since(connection, repository_id),
                place=_place(repository_id),
            )

    def reserve(  # noqa: PLR0913 -- whose, what, how much and when
        self,
        installation_id: int,
        repository_id: int,
        key: str,
        price: Price,
        *,
        now: datetime,
        judge: Judge,
    ) -> Verdict:
        """Keep a place for a pull request that is about to open, if ``judge`` finds one, and return its word.

        One worker of an installation after the other does so: the last minute is spent once.
        """
        row = {
            "repository_id": repository_id,
            "key": key,
            "team": price.team,
            "cost": price.cost,
            "at": now,
        }
        another = or_(repository.c.id != repository_id, reservation.c.key != key)
        with writing(self.engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(installation_id)))
            spent = [
                *_spent(connection, installation_id, now),
                *_kept(connection, installation_id, now, another),
            ]
            verdict = judge(spent)
            if verdict.reason is None:
                changed = [name for name in row if name not in ("repository_id", "key")]
                connection.execute(upsert(connection, reservation, [row], ["repository_id", "key"], changed))
            return verdict

    def release(self, repository_id: int, key: str) -> None:
        """Give a place back: the pull request is in the ledger, or was not opened."""
        mine = (reservation.c.repository_id == repository_id, reservation.c.key == key)
        with writing(self.engine) as connection:
            connection.execute(delete(reservation).where(*mine))


def _spent(
    connection: Connection, installation_id: int, now: datetime, *where: ColumnElement[bool]
) -> list[Spent]:
    wanted = (
        select(proposal.c.team, proposal.c.cost, proposal.c.opened_at, proposal.c.state)
        .join(repository, repository.c.id == proposal.c.repository_id)
        .where(
            repository.c.installation_id == installation_id,
            proposal.c.key != CONFIGURE,
            or_(proposal.c.state == "open", proposal.c.opened_at >= now - _WEEK),
            *where,
        )
    )
    rows = connection.execute(wanted)
    return [Spent(Price(row.team, row.cost), row.opened_at, row.state == "open") for row in rows]


def _kept(
    connection: Connection, installation_id: int, now: datetime, *where: ColumnElement[bool]
) -> list[Spent]:
    """Return the places that are kept; one whose pull request is in the ledger already is no second one."""
    opened = select(proposal.c.id).where(
        proposal.c.repository_id == reservation.c.repository_id,
        proposal.c.key == reservation.c.key,
        proposal.c.state == "open",
    )
    wanted = (
        select(reservation.c.team, reservation.c.cost, reservation.c.at)
        .join(repository, repository.c.id == reservation.c.repository_id)
        .where(
            repository.c.installation_id == installation_id,
            reservation.c.at > now - _HELD,
            ~opened.exists(),
            *where,
        )
    )
    return [Spent(Price(row.team, row.cost), row.at) for row in connection.execute(wanted)]


def _claims(
    connection: Connection, installation_id: int, now: datetime, *where: ColumnElement[bool]
) -> list[Claim]:
    wanted = (
        select(withheld)
        .join(repository, repository.c.id == withheld.c.repository_id)
        .where(
            repository.c.installation_id == installation_id,
            repository.c.state == Standing.ACTIVE,
            withheld.c.reason.in_(_SHARED),
            withheld.c.since.is_not(None),
            withheld.c.seen > now - _FRESH,
            *where,
        )
    )
    rows = connection.execute(wanted)
    return [Claim(Price(r.team, r.cost), r.value, r.since, _place(r.repository_id) + r.key) for r in rows]


def _since(connection: Connection, repository_id: int) -> dict[str, datetime]:
    mine = (withheld.c.repository_id == repository_id, withheld.c.since.is_not(None))
    rows = connection.execute(select(withheld.c.key, withheld.c.since).where(*mine))
    return {row.key: row.since for row in rows}


def _place(repository_id: int) -> str:
    return f"{repository_id}:"
