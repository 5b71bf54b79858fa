"""Closes pull requests of ours that are no longer needed, but none that a person has written to."""

from __future__ import annotations

from collections.abc import Sequence

from workers import history, logs, onboarding, parting, publish
from workers.answered import Word
from workers.github import Pull, RefusedError, Repo
from workers.github.branches import NOWHERE
from workers.history import History
from workers.ledger import Job, ProposalRow
from workers.model import State
from workers.obsolete import Ending
from workers.parting import Ours
from workers.world import World

log = logs.get(__name__)


def close(here: World, job: Job, repo: Repo, base: publish.Base, ending: Ending) -> None:
    """Close a pull request with its sentence, and delete its branch.

    Where people have committed to the branch, opened it again, or pointed it elsewhere, it stays open. The
    question for a kotsu.yml is closed even so where the file is there, but once.
    """
    if ending.row.number < 0:
        parting.drop(here, job, repo, ending.row, Word(ending.word))
        return
    pull = repo.pull(ending.row.number)
    if pull.state != State.OPEN or pull.base != base.branch or _is_kept(repo, pull, ending):
        return
    here.must_hold(job)
    try:
        _close(here, job, repo, base, pull, ending)
    except RefusedError as error:
        log.warning("pull request not closed", number=pull.number, reason=str(error))


def finish(here: World, job: Job, repo: Repo, rows: Sequence[ProposalRow]) -> None:
    """Do what is left of closings that were interrupted: ``rows`` were open until GitHub was asked now."""
    for row in rows:
        now = here.book.proposal(row.repository_id, row.number)
        if now is not None and now.state == State.CLOSED and now.word:
            parting.end(Ours(here, job, repo, repo.pull(row.number), now))


def _is_kept(repo: Repo, pull: Pull, ending: Ending) -> bool:
    """Say whether a person opened it again, and so wants to keep it."""
    if not parting.is_reopened(repo, pull):
        return False
    is_answered = ending.sentence == onboarding.HAS_ONE
    return not is_answered or parting.is_said(repo, pull.number, f"closed:{ending.word}")


def _close(  # noqa: PLR0913, PLR0917 -- all that is known of it
    here: World, job: Job, repo: Repo, base: publish.Base, pull: Pull, ending: Ending
) -> None:
    head = repo.branches.stands(pull.branch)
    if head != NOWHERE and not _is_ours(repo, base, head):
        said = f"{ending.sentence} It stays open, as others have written to its branch."
        repo.remarks.say(pull.number, "unneeded", said)
        return
    parting.close(Ours(here, job, repo, pull, ending.row), Word(ending.word), sentence=ending.sentence)
    log.info("pull request closed", number=pull.number, key=ending.row.key, reason=ending.sentence)


def _is_ours(repo: Repo, base: publish.Base, head: str) -> bool:
    """Say whether a branch holds nothing but what we wrote."""
    found = history.of(repo.commits, base.commit, head)
    return isinstance(found, History) and (found.is_ours or not found.steps)
