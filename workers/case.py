"""One open pull request of ours with all that is known of it: what the steps of its life are given."""

from __future__ import annotations

from dataclasses import dataclass

from workers.checks import Verdict
from workers.config import Config
from workers.github import Pull, Repo
from workers.github.life import NOTHING, Past
from workers.ledger import Job, ProposalRow
from workers.parting import Ours
from workers.world import World


@dataclass(frozen=True, slots=True)
class Case:
    """A pull request as GitHub (``pull``) and the ledger (``row``) have it, and what its checks say.

    ``past`` is what people did to it, ``touched`` says whether a person wrote commits on its branch.
    """

    here: World
    job: Job
    repo: Repo
    pull: Pull
    row: ProposalRow
    config: Config
    verdict: Verdict
    past: Past = NOTHING
    touched: bool = False

    @property
    def ours(self) -> Ours:
        """The pull request by itself, as what people say of it is given."""
        return Ours(self.here, self.job, self.repo, self.pull, self.row)

    def note(self, **columns: object) -> None:
        """Write columns of its row; GitHub is written first, so that a lost note is found again there."""
        self.here.book.change_proposal(self.row.repository_id, self.row.number, **columns)
