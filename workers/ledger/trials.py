"""Trials: which members of a group were tried together, what came of it, and who stays apart since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from workers.ledger.tables import trial
from workers.ledger.transactions import reading, writing

APART = "apart"
"""The outcome of what is no run of checks: a decision that some members go alone."""
RUNNING = "running"
ENDED = "ended"
"""The search was over before the checks were."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """Some members of the group ``key``, ``name==version`` each, that were tried or that go alone.

    ``red`` is the head of the group's pull request that failed with all of them: a search is about one head.
    ``branch`` and ``head_sha`` are where they were tried, ``failure`` what the checks said there, or why they
    go alone.
    """

    id: int
    repository_id: int
    key: str
    red: str
    members: tuple[str, ...]
    branch: str
    head_sha: str
    outcome: str
    started: datetime
    finished: datetime | None
    failure: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Trials:
    """The pages of the ledger about groups; moments are aware."""

    engine: Engine

    def of(self, repository_id: int, key: str | None = None) -> list[TrialRow]:
        """Return the trials of a repository, or of one group of it, in their order."""
        wanted = select(trial).where(trial.c.repository_id == repository_id).order_by(trial.c.id)
        if key is not None:
            wanted = wanted.where(trial.c.key == key)
        with reading(self.engine) as connection:
            return [TrialRow(**row) for row in connection.execute(wanted).mappings()]

    def begin(  # noqa: PLR0913 -- a row has as many columns, and each is named at the call
        self,
        repository_id: int,
        key: str,
        now: datetime,
        *,
        red: str,
        members: Sequence[str],
        branch: str = "",
        head_sha: str = "",
        outcome: str = RUNNING,
        failure: Mapping[str, str] | None = None,
    ) -> TrialRow:
        """Write a trial; one whose ``outcome`` is known already is finished with it."""
        row = {
            "repository_id": repository_id,
            "key": key,
            "red": red,
            "members": tuple(members),
            "branch": branch,
            "head_sha": head_sha,
            "outcome": outcome,
            "failure": failure,
            "started": now,
            "finished": None if outcome == RUNNING else now,
        }
        with writing(self.engine) as connection:
            written = connection.execute(insert(trial).values(**row).returning(*trial.c))
            return TrialRow(**written.mappings().one())

    def finish(
        self, trial_id: int, outcome: str, now: datetime, failure: Mapping[str, str] | None = None
    ) -> None:
        """Write what came of a trial."""
        values = {"outcome": outcome, "finished": now, "failure": failure}
        with writing(self.engine) as connection:
            connection.execute(update(trial).where(trial.c.id == trial_id).values(**values))

    def put_apart(  # noqa: PLR0913 -- a row has as many columns, and each is named at the call
        self,
        repository_id: int,
        key: str,
        members: Sequence[str],
        now: datetime,
        *,
        red: str = "",
        failure: Mapping[str, str] | None = None,
    ) -> None:
        """Let some members of a group's ``key`` go alone from now on, ``name==version`` or a name each.

        A name alone stands for all of its versions. ``failure`` is why (see `workers.model.Apart`).
        """
        self.begin(repository_id, key, now, red=red, members=members, outcome=APART, failure=failure)

    def apart(self, repository_id: int) -> frozenset[str]:
        """Return who goes alone in a repository."""
        rows = self.of(repository_id)
        return frozenset(member for row in rows if row.outcome == APART for member in row.members)
