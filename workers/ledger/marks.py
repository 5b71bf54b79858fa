"""Marks: up to where something that only grows has been read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from workers.ledger.chunks import chunks
from workers.ledger.insert import upsert
from workers.ledger.tables import delivery, mark
from workers.ledger.transactions import reading, writing

LIFE = "life"
"""When pull requests began to be drafts first, with reviewers and an end: what is older is left as it was."""

RECONCILED = "reconcile"
"""Up to which delivery GitHub's list was read, and when it was compared with the ledger last."""

EVALUATED = "evaluate"
"""When it was looked at last what became of everything."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The page of the ledger about what was read; moments are aware."""

    engine: Engine

    def read(self, name: str) -> tuple[str, datetime | None]:
        """Return a mark and when it was set, ``""`` and None where there is none."""
        with reading(self.engine) as connection:
            found = connection.execute(
                select(mark.c.value, mark.c.at).where(mark.c.name == name)
            ).one_or_none()
        return (found[0], found[1]) if found is not None else ("", None)

    def set(self, name: str, value: str, now: datetime) -> None:
        """Set a mark."""
        row = {"name": name, "value": value, "at": now}
        with writing(self.engine) as connection:
            connection.execute(upsert(connection, mark, [row], ["name"], ["value", "at"]))

    def replace(self, name: str, value: str, by: str, now: datetime) -> bool:
        """Set a mark where it has this value; false where somebody else was faster."""
        here = (mark.c.name == name, mark.c.value == value)
        with writing(self.engine) as connection:
            return connection.execute(update(mark).where(*here).values(value=by, at=now)).rowcount == 1

    def is_told(self) -> bool:
        """Tell whether any delivery came in, as far back as they are kept."""
        with reading(self.engine) as connection:
            return connection.execute(select(delivery.c.guid).limit(1)).first() is not None

    def recorded(self, guids: Collection[str]) -> frozenset[str]:
        """Return those of some deliveries that came in and were recorded."""
        found = frozenset[str]()
        with reading(self.engine) as connection:
            for chunk in chunks(sorted(guids)):
                some = delivery.c.guid.in_(chunk)
                found |= frozenset(connection.execute(select(delivery.c.guid).where(some)).scalars())
        return found
