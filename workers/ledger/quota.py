"""Quotas: until when installations rest, as GitHub asks of all workers, and when each creates next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, case, select, update

from workers.ledger.insert import insert_once
from workers.ledger.tables import quota
from workers.ledger.transactions import reading, writing

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_MOST = 10
"""Refusals that are counted: what they come to is the longest rest long before."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """The page of the ledger about what GitHub allows each installation; moments are aware."""

    engine: Engine

    def rest(self, installation_id: int, until: datetime, reason: str) -> None:
        """Let no job of an installation begin before a moment, nor before a later one that is known."""
        self._put(installation_id, "rests", until, reason)

    def spare(self, installation_id: int, until: datetime, reason: str) -> None:
        """Let only what people wait for begin before a moment."""
        self._put(installation_id, "spares", until, reason)

    def refused(self, installation_id: int, now: datetime, asked: timedelta | None, reason: str) -> datetime:
        """Let an installation rest as GitHub asked, and return until when.

        Where GitHub does not say how long, each refusal after the last rest doubles the next one, up to an
        hour; what is refused while it rests was under way before.
        """
        mine = quota.c.installation_id == installation_id
        with writing(self.engine) as connection:
            once = insert_once(connection, quota, ["installation_id"])
            connection.execute(once, [{"installation_id": installation_id}])
            wanted = select(quota.c.rests, quota.c.refusals).where(mine).with_for_update()
            rests, refusals = connection.execute(wanted).one()
            resting = rests is not None and rests > now
            if asked is None and resting:
                return rests  # type: ignore[no-any-return]  # the column's type says so
            refusals += asked is None
            until = now + (asked if asked is not None else min(_FIRST * 2 ** (refusals - 1), _LONGEST))
            until = max(until, rests) if resting else until
            said = {"rests": until, "reason": reason, "refusals": min(refusals, _MOST)}
            connection.execute(update(quota).where(mine).values(said))
        return until

    def _put(self, installation_id: int, column: str, until: datetime, reason: str) -> None:
        known, row = quota.c[column], {"installation_id": installation_id}
        later = case((known > until, known), else_=until)
        with writing(self.engine) as connection:
            connection.execute(insert_once(connection, quota, ["installation_id"]), [row])
            mine = quota.c.installation_id == installation_id
            connection.execute(update(quota).where(mine).values({column: later, "reason": reason}))

    def resting(self, now: datetime) -> frozenset[int]:
        """Return the installations that rest, be it but for what people wait for."""
        tired = select(quota.c.installation_id).where((quota.c.rests > now) | (quota.c.spares > now))
        with reading(self.engine) as connection:
            return frozenset(connection.execute(tired).scalars())

    def create(self, installation_id: int, now: datetime, distance: timedelta) -> timedelta:
        """Take the next place for a creation, a distance behind the last, and return how long it is off."""
        mine = quota.c.installation_id == installation_id
        with writing(self.engine) as connection:
            once = insert_once(connection, quota, ["installation_id"])
            connection.execute(once, [{"installation_id": installation_id}])
            last = connection.execute(select(quota.c.creates).where(mine).with_for_update()).scalar_one()
            place = now if last is None else max(now, last + distance)
            connection.execute(update(quota).where(mine).values(creates=place))
        return place - now
