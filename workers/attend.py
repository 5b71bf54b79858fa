"""Attends to one pull request of ours: learns what became of it, and does the next step of its life."""

from __future__ import annotations

from workers import follow_up, sides
from workers.github import Repo
from workers.ledger import Job
from workers.messages import Priority
from workers.model import State
from workers.world import World


def attend(here: World, job: Job, repo: Repo) -> None:
    """Learn what became of the job's pull request; where one is done, there is room for the next.

    The job names its number, or the branch on which something happened: its own, or one beside it.
    """
    repository_id = repo.about.repository.id
    number = _number(here, job, repository_id)
    state = follow_up.learn(here.book, repo, number, here.clock()) if number else None
    if state in (State.MERGED, State.CLOSED):
        here.scan_soon(repository_id, job.installation_id or 0, Priority.MERGE)


def _number(here: World, job: Job, repository_id: int) -> int | None:
    """Return the number of the pull request that the job is about; None when it has none."""
    if "number" in job.detail:
        return int(str(job.detail["number"]))
    numbers = {row.branch: row.number for row in here.book.proposals(repository_id, State.OPEN)}
    branch = str(job.detail.get("branch", ""))
    return numbers.get(branch, numbers.get(sides.parent(branch)))
