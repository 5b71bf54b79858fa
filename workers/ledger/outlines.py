"""Outlines: all pull requests of ours in few columns, read at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Engine, select

from workers.evaluation.outline import Outline
from workers.ledger.chunks import rows
from workers.ledger.tables import proposal, repository
from workers.ledger.transactions import reading

__all__ = ["Outline", "Outlines"]


@dataclass(frozen=True, slots=True)
class Outlines:
    """The page of the ledger about what became of everything; moments are aware."""

    engine: Engine

    def read(
        self,
        repositories: Collection[int] | None = None,
        since: datetime | None = None,
        *,
        installation_id: int | None = None,
        improvement: str = "",
    ) -> Sequence[Outline]:
        """Return the pull requests of some repositories or all, the oldest first.

        ``since`` leaves out what was opened before, ``installation_id`` what is another's, ``improvement``
        all that is about others.
        """
        edited = (proposal.c.edit != "").label("edited")
        others = {"installation_id": repository.c.installation_id, "edited": edited}
        columns = [others[n] if n in others else proposal.c[n] for n in Outline.__dataclass_fields__]
        wanted = select(*columns).join(repository, repository.c.id == proposal.c.repository_id)
        if since is not None:
            wanted = wanted.where(proposal.c.opened_at >= since)
        if installation_id is not None:
            wanted = wanted.where(repository.c.installation_id == installation_id)
        if improvement:
            wanted = wanted.where(proposal.c.improvement == improvement)
        with reading(self.engine) as connection:
            found = rows(connection, wanted.order_by(proposal.c.id), proposal.c.repository_id, repositories)
            return sorted((Outline(*row) for row in found), key=attrgetter("id"))
