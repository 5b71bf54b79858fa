"""Audit: what people did on the pages, in their order, and nothing is ever changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select

from workers.ledger.tables import audit
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did: ``who`` is a login, ``target`` what it was done to, in words."""

    id: int
    at: datetime
    who: str
    action: str
    installation_id: int | None
    repository_id: int | None
    target: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Audit:
    """The page of the ledger about what people did; moments are aware."""

    engine: Engine

    def note(  # noqa: PLR0913 -- a row has as many columns, and each is named at the call
        self,
        who: str,
        action: str,
        now: datetime,
        *,
        installation_id: int | None = None,
        repository_id: int | None = None,
        target: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write down what somebody did; no secret may stand in it."""
        about = {"installation_id": installation_id, "repository_id": repository_id, "target": target}
        row = {"at": now, "who": who, "action": action, "detail": dict(detail or {}), **about}
        with writing(self.engine) as connection:
            connection.execute(insert(audit).values(row))

    def read(
        self, installations: Collection[int] | None, *, before: int | None = None, limit: int = 100
    ) -> Sequence[AuditRow]:
        """Return what was done in these installations, None: in all, the newest first.

        ``before`` is the id of the last row that was seen.
        """
        wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if installations is not None:
            wanted = wanted.where(audit.c.installation_id.in_(sorted(installations)))
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        with reading(self.engine) as connection:
            return [AuditRow(**row) for row in connection.execute(wanted).mappings()]
