"""Whom we asked to look at our pull requests: how many wait for each, and were asked of them lately."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from workers.ledger.proposals import OPEN, READY
from workers.ledger.tables import proposal, repository
from workers.ledger.transactions import reading


@dataclass(frozen=True, slots=True)
class Attention:
    """The pages of the ledger about reviewers, over all repositories of an installation."""

    engine: Engine

    def waiting(self, installation_id: int) -> Counter[str]:
        """Count for each name, in lower case, the pull requests that wait for a review and have none.

        What became a draft again, as it fails or as somebody works on it, waits for nobody.
        """
        waits = (proposal.c.state == OPEN, proposal.c.stage == READY, proposal.c.reviewed_at.is_(None))
        return self._count(installation_id, *waits)

    def asked_since(self, installation_id: int, moment: datetime) -> Counter[str]:
        """Count for each name, in lower case, the pull requests that were shown to it since the moment."""
        return self._count(installation_id, proposal.c.asked_at >= moment)

    def _count(self, installation_id: int, *conditions: object) -> Counter[str]:
        wanted = (
            select(proposal.c.reviewers)
            .join(repository, repository.c.id == proposal.c.repository_id)
            .where(repository.c.installation_id == installation_id, *conditions)  # type: ignore[arg-type]  # clauses
        )
        with reading(self.engine) as connection:
            return Counter(name.lower() for names in connection.execute(wanted).scalars() for name in names)
