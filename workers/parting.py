"""Closes pull requests of ours with a word that counts later, and opens them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers import boxes, history, logs, marker
from workers.answered import Word
from workers.github import Pull, RefusedError, Repo
from workers.ledger import Job, ProposalRow
from workers.messages import Priority
from workers.model import Stage, State
from workers.world import World

_UNASKED = (Word.RED, Word.STUCK, Word.SUPERSEDED, Word.DONE, Word.CAMPAIGN)
"""The words that no person has said."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Ours:
    """A pull request of ours as GitHub (``pull``) and the ledger (``row``) have it, who attends to it."""

    here: World
    job: Job
    repo: Repo
    pull: Pull
    row: ProposalRow


def close(
    ours: Ours, word: Word, *, until: datetime | None = None, sentence: str = "", **more: object
) -> None:
    """Close a pull request with a word, on GitHub first: its body says it, should the ledger be lost.

    ``until`` is the moment up to which the word counts; a ``sentence`` becomes a comment; the body says
    ``more`` of itself. Twice is once.
    """
    here, pull, row = ours.here, ours.pull, ours.row
    if sentence:
        say_once(here, ours.job, ours.repo, pull.number, sentence, source=f"closed:{word}")
    said = {"key": row.key, "word": word.value, "until": until.isoformat() if until else None, **more}
    body = marker.with_metadata(pull.body, **said)
    if pull.state == State.OPEN or body != pull.body:
        here.must_hold(ours.job)
        ours.repo.talk.close_pull(pull.number, body)
    tidy(here, ours.job, ours.repo, pull)
    _closed(here, row, word, until, here.clock())
    here.scan_soon(row.repository_id, ours.job.installation_id or 0, Priority.MERGE)


def end(ours: Ours) -> None:
    """Do what is left of a closing of ours, which may have been interrupted when GitHub knew of it already.

    A pull request that is open, or was closed without a word of ours, stays as it is.
    """
    about = marker.metadata(ours.pull.body)
    if ours.pull.state == State.CLOSED and (word := marker.word(about)):
        tidy(ours.here, ours.job, ours.repo, ours.pull)
        closed = ours.pull.closed or ours.here.clock()
        _closed(ours.here, ours.row, word, marker.until(about), closed)


def is_reopened(repo: Repo, pull: Pull) -> bool:
    """Say whether a person opened a pull request again, which is a wish to keep it."""
    # The word with which it was closed is taken back as soon as somebody attends to it; the timeline stays.
    word = marker.word(marker.metadata(pull.body))
    return bool(word) or repo.reviews.talk(pull.number).is_reopened


def _closed(here: World, row: ProposalRow, word: str, until: datetime | None, when: datetime) -> None:
    """Write that something was closed; minutes of review that nobody was asked for are given back."""
    unseen = row.stage in (Stage.DRAFT, Stage.RED) and not (row.reviewers or row.reviewed_at)
    free = {"cost": 0} if unseen and word in _UNASKED else {}
    said = {"word": str(word), "until": until, "due": None, **free}
    here.book.close_proposal(row.repository_id, row.number, State.CLOSED, when, now=here.clock(), **said)


def drop(  # noqa: PLR0913 -- who drops what, and the word that counts later
    here: World, job: Job, repo: Repo, row: ProposalRow, word: Word, *, until: datetime | None = None
) -> None:
    """Delete a branch that has no pull request yet; where somebody else wrote to it, it stays."""
    head = repo.branch(row.branch)
    here.must_hold(job)
    if head is not None and not (
        history.is_ours(repo.commits.read(head)) and repo.branches.delete(row.branch, head)
    ):
        return
    # Nobody was asked for a minute of review.
    here.book.close_proposal(
        row.repository_id, row.number, State.CLOSED, here.clock(), word=word.value, until=until, cost=0
    )
    here.scan_soon(row.repository_id, job.installation_id or 0, Priority.MERGE)


def tidy(here: World, job: Job, repo: Repo, pull: Pull) -> None:
    """Delete the branch of a pull request that we closed, unless somebody wrote to it."""
    head = repo.branches.stands(pull.branch)
    if head == pull.head_sha and history.is_ours(repo.commits.read(head)):
        here.must_hold(job)
        repo.branches.delete(pull.branch, head)


def release(ours: Ours, word: Word = Word.SUPERSEDED) -> None:
    """Take back the no of a closed pull request: its key may be proposed again, or (`Word.WANTED`) shall."""
    here, pull, row = ours.here, ours.pull, ours.row
    body = marker.with_metadata(pull.body, key=row.key, word=word.value, until=None)
    if body != pull.body:
        here.must_hold(ours.job)
        ours.repo.talk.write_pull(pull.number, body)
    here.book.change_proposal(row.repository_id, row.number, here.clock(), word=word.value, until=None)


def reopen(ours: Ours) -> bool:
    """Open a closed pull request again; false where GitHub does not do it, because its branch is another."""
    here, pull, row = ours.here, ours.pull, ours.row
    here.must_hold(ours.job)
    try:
        ours.repo.talk.reopen_pull(pull.number, forgotten(pull.body))
    except RefusedError:
        return False
    here.book.change_proposal(row.repository_id, row.number, here.clock(), word="", until=None)
    return here.book.reopen_proposal(row.repository_id, row.number, here.clock())


def forgotten(body: str) -> str:
    """Return a body that says no word any more, with its boxes empty."""
    about = marker.metadata(body)
    plain = marker.with_metadata(body, word=None, until=None) if {"word", "until"} & about.keys() else body
    return untouched(plain)


def say_once(  # noqa: PLR0913 -- who says what where, and its name
    here: World, job: Job, repo: Repo, number: int, text: str, *, source: str
) -> bool:
    """Write a comment unless it stands there already; ``source`` is its name, which nobody sees.

    Where GitHub takes none, as in a conversation that was locked, it stays unsaid.
    """
    if is_said(repo, number, source):
        return False
    here.must_hold(job)
    try:
        repo.talk.say(number, f"{text}\n\n{_said(source)}\n")
    except RefusedError as error:
        log.info("nothing said", number=number, reason=str(error))
        return False
    return True


def is_said(repo: Repo, number: int, source: str) -> bool:
    """Say whether a comment of ours with this name stands on a pull request."""
    mark = _said(source)
    return any(mark in said.body and not said.by_person for said in repo.talk.comments(number))


def _said(source: str) -> str:
    return f"<!-- kotsu-said: {source} -->"


def untouched(body: str) -> str:
    """Return a body with its boxes empty."""
    tail = boxes.footer(body)
    return body.removesuffix(tail) + boxes.emptied(tail) if tail else body
