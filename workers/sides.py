"""The branches beside a group's pull request, on which parts of it are tried: their names, and their end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers import logs
from workers.github import Repo
from workers.ledger import Job, Ledger, ProposalRow
from workers.ledger.trials import APART, ENDED, RUNNING, TrialRow
from workers.model import Apart, Stage, State
from workers.world import World

TRAILER = "Kotsu-Trial"
"""The commit of a trial says in this trailer which group it is of."""
_PREFIX = "kotsu/"
_SEARCHED = (Stage.BRANCH, Stage.DRAFT, Stage.RED)
_NAME = re.compile(r"(kotsu/.+)\.try-[1-9][0-9]{0,5}")

log = logs.get(__name__)


def name(branch: str, number: int) -> str:
    """Return the name of a branch beside a pull request's; no key that has a target ends like it."""
    return f"{branch}.try-{number}"


def parent(branch: str) -> str:
    """Return the branch of the pull request beside which a branch stands; any other branch itself."""
    found = _NAME.fullmatch(branch)
    return found[1] if found else branch


def apart(book: Ledger, repository_id: int) -> Sequence[Apart]:
    """Return who left a group of a repository, and why."""
    rows = book.trials.of(repository_id)
    return [_apart(row) for row in rows if row.outcome == APART]


def _apart(row: TrialRow) -> Apart:
    said = row.failure or {}
    check, url, excerpt, why = (said.get(word, "") for word in ("check", "url", "excerpt", "why"))
    return Apart(row.key, row.members, check, url, excerpt, why)


def sweep(here: World, job: Job, repo: Repo) -> None:
    """End the searches that are over, and delete the branches that no search needs any more.

    A search is about one head of an open pull request that is red: a merge, a no, another commit, or checks
    that pass after all end it.
    """
    repository_id = repo.about.repository.id
    rows = here.book.proposals(repository_id, State.OPEN)
    heads = {row.key: row.head_sha for row in rows if row.stage in _SEARCHED}
    running = [row for row in here.book.trials.of(repository_id) if row.outcome == RUNNING]
    for row in running:
        if heads.get(row.key) != row.red:
            here.book.trials.finish(row.id, ENDED, here.clock())
    needed = {row.branch for row in running if heads.get(row.key) == row.red}
    for branch, head in repo.sides.branches(_PREFIX).items():
        if branch not in needed and parent(branch) != branch:
            here.must_hold(job)
            discard(repo, branch, head)


def end(here: World, job: Job, repo: Repo, row: ProposalRow, *, but: str = "") -> None:
    """End the searches in a group that are not about the head ``but``, and delete their branches."""
    for trial in here.book.trials.of(row.repository_id, row.key):
        if trial.outcome == RUNNING and trial.red != but:
            here.must_hold(job)
            here.book.trials.finish(trial.id, ENDED, here.clock())
            if (head := repo.branch(trial.branch)) is not None:
                discard(repo, trial.branch, head)


def discard(repo: Repo, branch: str, head: str) -> None:
    """Delete a branch whose head is a trial of ours; what somebody else wrote there stays."""
    commit = repo.commits.read(head)
    if "[bot]@" in commit.author.email and f"\n{TRAILER}: " in commit.message:
        repo.branches.delete(branch, head)
    else:
        log.warning("a branch of ours holds what is not ours, and stays", branch=branch)
