"""Notices that an open pull request conflicts with its base, which GitHub finds out only when it is asked."""

from __future__ import annotations

from datetime import timedelta

from workers.github import Pull, Repo
from workers.ledger import Job
from workers.messages import Priority
from workers.model import State
from workers.world import World

SOON = timedelta(minutes=5)
"""When to ask again whether a pull request conflicts."""


def attend(here: World, job: Job, repo: Repo, pull: Pull) -> None:
    """Ask for a scan, which builds it anew, where a pull request conflicts; look again where nobody knows."""
    repository_id = repo.about.repository.id
    if pull.state != State.OPEN or pull.base != repo.about.repository.default_branch:
        return
    if pull.mergeable is False:
        here.scan_soon(repository_id, job.installation_id or 0, Priority.MERGE)
    elif pull.mergeable is None:
        here.book.change_proposal(repository_id, pull.number, due=here.clock() + SOON)
