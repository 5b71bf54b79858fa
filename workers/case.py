"""One open pull request of ours with all that is known of it: what the steps of its life are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers.checks import Verdict
from workers.config import Config
from workers.conversation import Conversation
from workers.github import Pull, Repo
from workers.ledger import Job, ProposalRow
from workers.parting import Ours
from workers.world import World

_NOTHING = Conversation()


@dataclass(frozen=True, slots=True)
class Case:
    """A pull request as GitHub (``pull``) and the ledger (``row``) have it, and what its checks say.

    ``talk`` is what happened to it so far; ``theirs`` says that somebody works on it, so that what becomes of
    it is theirs to say, ``older`` that it was opened before any was a draft first. Its head or its base
    ``moved`` last at a moment.
    """

    here: World
    job: Job
    repo: Repo
    pull: Pull
    row: ProposalRow
    config: Config
    verdict: Verdict
    talk: Conversation = _NOTHING
    theirs: bool = False
    older: bool = False
    moved: datetime | None = None

    @property
    def ours(self) -> Ours:
        """The pull request by itself, as what people say of it is given."""
        return Ours(self.here, self.job, self.repo, self.pull, self.row)

    def note(self, **columns: object) -> None:
        """Write columns of its row; GitHub is written first, so that a lost note is found again there."""
        self.here.book.change_proposal(self.row.repository_id, self.row.number, self.here.clock(), **columns)
