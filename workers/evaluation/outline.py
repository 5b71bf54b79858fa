"""A pull request of ours in outline: what the evaluation needs to know of it, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outline:
    """One pull request of ours, or a branch without one, whose ``number`` is below 0.

    The columns are those of the ledger's `ProposalRow`, ``minutes`` of work and ``cost`` in minutes of
    review; ``edited`` says whether people changed it, None as long as nobody looked. Moments are aware.
    """

    id: int
    repository_id: int
    installation_id: int
    number: int
    key: str
    improvement: str
    title: str
    url: str
    state: str
    stage: str
    team: str
    minutes: int
    cost: int
    opened_at: datetime
    closed_at: datetime | None
    reviewed_at: datetime | None
    asked_at: datetime | None
    reverted_at: datetime | None
    word: str
    closed_by: str
    because: str
    broke: str
    edited: bool | None
    overdraft: bool
