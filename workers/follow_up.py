"""Learns what became of our pull requests, by asking GitHub rather than believing events or the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from workers import campaigns, publish
from workers.github import GoneError, Pull, Repo
from workers.ledger import Ledger, ProposalRow
from workers.model import Past, State


def learn(book: Ledger, repo: Repo, number: int, now: datetime) -> State | None:
    """Write a pull request's state into the ledger and return it; None when it is none of ours or gone."""
    repository_id = repo.about.repository.id
    try:
        pull = repo.pull(number)
    except GoneError:
        return None
    return State(pull.state) if _write(book, repository_id, pull, now) else None


def adopt(book: Ledger, repo: Repo, now: datetime) -> Sequence[Past]:
    """Return our earlier pull requests, the newest first, after the ledger has learned what GitHub knows."""
    repository_id = repo.about.repository.id
    rows = {row.number: row for row in book.proposals(repository_id)}
    open_keys = {row.key for row in rows.values() if row.state == State.OPEN}
    for pull in reversed(repo.pulls("kotsu/")):
        about, row = publish.metadata(pull.body), rows.get(pull.number)
        key = about.get("key")
        known = row is not None
        if not known and isinstance(key, str) and pull.branch == f"kotsu/{key}" and key not in open_keys:
            # Without a digest it is not known whether it was dressed: an interrupted run may have opened it.
            save(book, repository_id, pull, key, {**about, "digest": ""})
            known = True
        if known and pull.state != (row.state if row else State.OPEN):
            _write(book, repository_id, pull, now)
    return [_past(row) for row in book.proposals(repository_id)]


def _past(row: ProposalRow) -> Past:
    return Past(
        key=row.key,
        state=State(row.state),
        opened=row.opened_at,
        answers=row.answers,
        marks=row.marks,
        parts=row.parts,
        versions=row.versions,
        word=row.word,
        until=row.until,
        cost=row.cost,
        team=row.team,
    )


def save(
    book: Ledger, repository_id: int, pull: Pull, key: str, about: Mapping[str, object], **more: object
) -> None:
    """Write an open pull request of ours; ``about`` is what its body says, ``more`` are other columns."""
    book.save_proposal(
        repository_id,
        key=key,
        improvement=str(about.get("improvement", "")),
        title=pull.title,
        branch=pull.branch,
        number=pull.number,
        url=pull.url,
        head_sha=pull.head_sha,
        digest=str(about.get("digest", "")),
        minutes=int(str(about.get("minutes") or 0)),
        answers=publish.answers(about),
        marks=publish.marks(about),
        parts=publish.parts(about),
        now=pull.created,
        **more,
    )


def _write(book: Ledger, repository_id: int, pull: Pull, now: datetime) -> bool:
    if pull.state == State.OPEN:
        return book.reopen_proposal(repository_id, pull.number)
    if publish.metadata(pull.body).get("word") == campaigns.WORD:
        book.change_proposal(repository_id, pull.number, word=campaigns.WORD)
    return book.close_proposal(repository_id, pull.number, pull.state, pull.closed or now)
