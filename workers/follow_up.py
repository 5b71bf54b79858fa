"""Learns what became of our pull requests, by asking GitHub rather than believing events or the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from workers import marker
from workers.github import GoneError, Pull, RefusedError, Repo
from workers.ledger import Ledger, ProposalRow
from workers.model import Past, Stage, State


def learn(book: Ledger, repo: Repo, number: int, now: datetime) -> Pull | None:
    """Write a pull request's state into the ledger, and return it; None when it is none of ours or gone."""
    repository_id = repo.about.repository.id
    try:
        pull = repo.pull(number)
    except GoneError:
        return None
    return pull if _write(book, repository_id, pull, now) else None


def adopt(book: Ledger, repo: Repo, login: str, now: datetime) -> None:
    """Let the ledger learn what GitHub knows of our pull requests.

    ``login`` is ours. The oldest is learned first: killed in the middle, the next look goes as far again.
    """
    repository_id = repo.about.repository.id
    rows = {row.number: row for row in book.proposals(repository_id)}
    open_keys = {row.key for row in rows.values() if row.state == State.OPEN}

    def is_new(pull: Pull) -> bool:
        key = marker.metadata(pull.body).get("key")
        is_ours = isinstance(key, str) and pull.branch in ("", f"kotsu/{key}")
        return is_ours and pull.number not in rows and key not in open_keys

    for listed in reversed(_listed(repo, login, is_new)):
        row = rows.get(listed.number)
        if row is None and not is_new(listed):
            continue
        if row is not None and (listed.state == row.state or (not listed.state and row.state != State.OPEN)):
            continue
        pull = _whole(repo, listed, is_known=row is not None)
        if pull is None or (row is None and not is_new(pull)):
            continue
        if row is None:
            _save_found(book, repository_id, pull, now)
        if pull.state != (row.state if row else State.OPEN):
            _write(book, repository_id, pull, now)


def _listed(repo: Repo, login: str, is_new: Callable[[Pull], bool]) -> list[Pull]:
    """Return our pull requests, the newest first, as far back as there is a page with new ones.

    Where GitHub does not list issues for us, those of ours among the newest of all have to do.
    """
    found: list[Pull] = []
    with suppress(GoneError, RefusedError):
        for page in repo.pulls_by(login):
            found += page
            if not any(map(is_new, page)):
                break
    return found or repo.pulls("kotsu/")


def _whole(repo: Repo, pull: Pull, *, is_known: bool) -> Pull | None:
    """Return a pull request with all that is to be known of it, None where it is gone."""
    if pull.branch:
        return pull
    if pull.state and (is_known or pull.state != State.OPEN):
        return replace(pull, branch=f"kotsu/{marker.metadata(pull.body).get('key')}")
    try:
        return repo.pull(pull.number)
    except GoneError:
        return None


def _save_found(book: Ledger, repository_id: int, pull: Pull, now: datetime) -> None:
    """Write a pull request of ours that the ledger did not know."""
    about = marker.metadata(pull.body)
    key = str(about["key"])
    # Without a digest it is not known whether it was dressed: an interrupted run may have opened it.
    stage = Stage.DRAFT if pull.draft else Stage.READY
    more = {"stage": stage, "due": now, "versions": marker.versions(about), **marker.price(about)}
    said = {"word": marker.word(about), "until": marker.until(about)}
    save(book, repository_id, pull, key, {**about, "digest": ""}, now, **more, **said)
    if gone := marker.apart(about):
        book.trials.put_apart(repository_id, key, gone, now)


def known_already(book: Ledger, repo: Repo) -> Sequence[Past]:
    """Return our earlier pull requests as the ledger has them, the newest first."""
    return [_past(row) for row in book.proposals(repo.about.repository.id)]


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
        overdraft=row.overdraft,
    )


def save(  # noqa: PLR0913, PLR0917 -- what is written, and when
    book: Ledger,
    repository_id: int,
    pull: Pull,
    key: str,
    about: Mapping[str, object],
    now: datetime,
    **more: object,
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
        answers=marker.answers(about),
        marks=marker.marks(about),
        parts=marker.parts(about),
        now=now,
        opened=pull.created,
        **more,
    )


def _write(book: Ledger, repository_id: int, pull: Pull, now: datetime) -> bool:
    if pull.state == State.OPEN:
        # Whatever was said when it was closed is taken back.
        book.change_proposal(repository_id, pull.number, now, word="", until=None)
        return book.reopen_proposal(repository_id, pull.number, now)
    about = marker.metadata(pull.body)
    said = {"word": word, "until": marker.until(about)} if (word := marker.word(about)) else {}
    return book.close_proposal(repository_id, pull.number, pull.state, pull.closed or now, now=now, **said)
