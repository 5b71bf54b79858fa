"""Credentials: the App's own secrets as `kotsu setup` received them, sealed before they come here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from workers.ledger.insert import upsert
from workers.ledger.tables import credential
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class Credentials:
    """The page of the ledger about the App's secrets; it sees none of them."""

    engine: Engine

    def read(self) -> Mapping[str, str]:
        """Return the sealed values by name."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(credential.c.name, credential.c.value)).all()
        return {row.name: row.value for row in rows}

    def set(self, sealed: Mapping[str, str], now: datetime) -> None:
        """Write sealed values, all or none; those of other names stay."""
        rows = [{"name": name, "value": value, "changed": now} for name, value in sorted(sealed.items())]
        with writing(self.engine) as connection:
            connection.execute(upsert(connection, credential, rows, ["name"], ["value", "changed"]))
