"""Tokens: what scripts send to the API, whose they are, and until when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, insert, or_, select, update

from workers.ledger.tables import token
from workers.ledger.transactions import reading, writing

_NOTED = timedelta(hours=1)
"""How exactly is known when a token was used last: a write for each request would cost more than that."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token that ``who`` made; it holds ``until`` a moment, for ever where that is None.

    ``user_id`` is the account of the person who made it, None where whoever runs the server did.
    """

    id: int
    name: str
    who: str
    user_id: int | None
    created: datetime
    until: datetime | None
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The page of the ledger about tokens, of which it knows a hash and nothing more; moments are aware."""

    engine: Engine

    def add(  # noqa: PLR0913 -- a row has as many columns, and each is named at the call
        self, digest: str, now: datetime, *, name: str, who: str, user_id: int | None, until: datetime | None
    ) -> None:
        """Write a token down; those that are over go."""
        row = {"name": name, "digest": digest, "who": who, "user_id": user_id, "created": now, "until": until}
        with writing(self.engine) as connection:
            connection.execute(delete(token).where(token.c.until <= now))
            connection.execute(insert(token).values(row))

    def find(self, digest: str, now: datetime) -> TokenRow | None:
        """Return the token of a hash, None where there is none or where it is over; it counts as used."""
        holds = or_(token.c.until.is_(None), token.c.until > now)
        with reading(self.engine) as connection:
            found = connection.execute(_ROWS.where(token.c.digest == digest, holds)).mappings().one_or_none()
        if found is None:
            return None
        row = TokenRow(**found)
        if row.used is None or now - row.used >= _NOTED:
            with writing(self.engine) as connection:
                connection.execute(update(token).where(token.c.id == row.id).values(used=now))
        return row

    def read(self, user_id: int | None, now: datetime) -> Sequence[TokenRow]:
        """Return the tokens of a person that hold, the newest first; None: of whoever runs the server."""
        holds = or_(token.c.until.is_(None), token.c.until > now)
        wanted = _ROWS.where(_of(user_id), holds).order_by(token.c.id.desc())
        with reading(self.engine) as connection:
            return [TokenRow(**row) for row in connection.execute(wanted).mappings()]

    def revoke(self, id_: int, user_id: int | None) -> bool:
        """Delete a token of a person, or of whoever runs the server; false where they have none such."""
        with writing(self.engine) as connection:
            return bool(connection.execute(delete(token).where(token.c.id == id_, _of(user_id))).rowcount)


_ROWS = select(*(token.c[name] for name in TokenRow.__dataclass_fields__))


def _of(user_id: int | None) -> ColumnElement[bool]:
    return token.c.user_id.is_(None) if user_id is None else token.c.user_id == user_id
