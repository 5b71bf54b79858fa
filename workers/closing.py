"""Closes a pull request of ours with one sentence, and leaves in its body why and up to when."""

from __future__ import annotations

from datetime import datetime

from workers import publish
from workers.case import Case
from workers.github import Pull, Repo
from workers.messages import Priority
from workers.model import State

MARK = "<!-- kotsu-closed -->"


def close(case: Case, word: str, until: datetime | None, sentence: str) -> None:
    """Say why, close, delete the branch, and write it down; whatever is done already is not done again.

    The ``word`` and the moment stand in the body too, as the ledger may be lost.
    """
    here, repo, pull = case.here, case.repo, case.pull
    here.must_hold(case.job)
    if not any(MARK in said for said in case.past.comments):
        repo.life.comment(pull.number, f"{sentence}\n\n{MARK}")
    about = {"word": word} | ({"until": until.isoformat(timespec="seconds")} if until else {})
    here.must_hold(case.job)
    repo.life.close(pull.number, publish.with_metadata(pull.body, **about))
    tidy(repo, pull)
    case.note(word=word, until=until)
    here.book.close_proposal(case.row.repository_id, pull.number, State.CLOSED, here.clock())
    here.scan_soon(case.row.repository_id, case.job.installation_id or 0, Priority.MERGE)


def tidy(repo: Repo, pull: Pull) -> None:
    """Delete the branch of a pull request that we closed, unless something new is on it."""
    if repo.branch(pull.branch) == pull.head_sha:
        repo.life.delete_branch(pull.branch)
