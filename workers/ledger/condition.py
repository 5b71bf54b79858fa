"""What the database says of itself, for whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from workers.ledger import schema
from workers.ledger.engine import SQLITE, is_missing
from workers.ledger.transactions import reading


@dataclass(frozen=True, slots=True)
class Condition:
    """``name`` is sqlite or postgresql; ``now`` its own clock, None where that is this machine's."""

    name: str
    version: tuple[int, ...]
    revision: str
    now: datetime | None


def of(engine: Engine) -> Condition:
    """Ask the database, and make no file of one that is not there; `Unavailable` when it does not answer."""
    if is_missing(engine):
        return Condition(engine.name, SQLITE, "", None)
    with reading(engine) as connection:
        now = None if engine.name == "sqlite" else connection.execute(select(func.now())).scalar_one()
        version = tuple(map(int, connection.dialect.server_version_info or ()))
        return Condition(engine.name, version, schema.revision(connection), now)
