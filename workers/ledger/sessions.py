"""Sessions: who is signed in, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from workers.ledger.tables import session
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Somebody who is signed in; the ``id`` is a hash of what the browser keeps, ``token`` is sealed."""

    id: str
    user_id: int
    login: str
    token: str
    created: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """The page of the ledger about who is signed in; moments are aware."""

    engine: Engine

    def open(self, row: SessionRow) -> None:
        """Write down that somebody signed in; sessions that are over go."""
        with writing(self.engine) as connection:
            connection.execute(delete(session).where(session.c.until <= row.created))
            values = {name: getattr(row, name) for name in SessionRow.__slots__}
            connection.execute(insert(session).values(values))

    def find(self, id_: str, now: datetime) -> SessionRow | None:
        """Return the session, None where there is none or where it is over."""
        wanted = select(session).where(session.c.id == id_, session.c.until > now)
        with reading(self.engine) as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        return SessionRow(**found) if found is not None else None

    def of(self, user_id: int, now: datetime) -> SessionRow | None:
        """Return the session of somebody that lasts longest, None where they are not signed in."""
        wanted = select(session).where(session.c.user_id == user_id, session.c.until > now)
        with reading(self.engine) as connection:
            longest = wanted.order_by(session.c.until.desc()).limit(1)
            found = connection.execute(longest).mappings().one_or_none()
        return SessionRow(**found) if found is not None else None

    def close(self, id_: str) -> None:
        """End one session."""
        with writing(self.engine) as connection:
            connection.execute(delete(session).where(session.c.id == id_))

    def close_all(self, user_id: int) -> None:
        """End every session of somebody, as when GitHub says that they took back their consent."""
        with writing(self.engine) as connection:
            connection.execute(delete(session).where(session.c.user_id == user_id))
