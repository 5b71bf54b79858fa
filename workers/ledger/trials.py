"""Trials: which members of a group were tried together, what came of it, and who stays apart since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select

from workers.ledger.tables import trial
from workers.ledger.transactions import reading, writing

APART = "apart"
"""The outcome of what is no run of checks: a decision that some members go alone."""


@dataclass(frozen=True, slots=True)
class Trials:
    """The pages of the ledger about groups; moments are aware."""

    engine: Engine

    def put_apart(self, repository_id: int, key: str, members: Sequence[str], now: datetime) -> None:
        """Let some members (targets) of a group's ``key`` go alone from now on."""
        row = {
            "repository_id": repository_id,
            "key": key,
            "members": tuple(members),
            "branch": "",
            "head_sha": "",
            "outcome": APART,
            "started": now,
            "finished": now,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(trial).values(**row))

    def apart(self, repository_id: int) -> frozenset[str]:
        """Return the targets that go alone in a repository."""
        wanted = select(trial.c.members).where(
            trial.c.repository_id == repository_id, trial.c.outcome == APART
        )
        with reading(self.engine) as connection:
            return frozenset(name for members in connection.execute(wanted).scalars() for name in members)
