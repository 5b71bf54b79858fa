"""Learns once how each pull request ended: by whom and why, what people had changed, what was taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workers import edits, last_words, ledger, logs, marker, reverts, watching
from workers.evaluation.fates import TAKEN_BACK
from workers.github import GitHubError, GoneError, LimitedError, LockedOutError, Pull, RefusedError, Repo
from workers.github.commits import Commit
from workers.ledger import ProposalRow
from workers.model import State
from workers.redaction import clean
from workers.world import World

GHOST = "ghost"
"""GitHub's name for who is not there any more: nobody knows who ended it."""
_YOUNG = timedelta(days=30)
"""How long after its end a pull request is looked at: what ended earlier was never to be."""
_MOST = 5
"""How many are looked at in one scan."""
_LATE = timedelta(days=7)
"""How long after the last day that counts a revert is still looked for: scans may have rested."""

log = logs.get(__name__)


def attend(here: World, repo: Repo, store: Path) -> None:
    """Look at what has ended since the last scan, and at what new commits take back.

    Nothing is asked of GitHub where nothing has ended. ``store`` is the repository's mirror, just taken.
    """
    repository_id, now = repo.about.repository.id, here.clock()
    ended = [row for row in here.book.proposals(repository_id) if _is_new(row, now)]
    # The newest come first: one of which GitHub says something else keeps no other waiting.
    for row in sorted(ended, key=lambda row: row.closed_at or now, reverse=True)[:_MOST]:
        try:
            _look(here, repo, store, row)
        except (LimitedError, LockedOutError):
            raise
        except GitHubError as error:
            # The next scan asks again.
            log.info("end of a pull request not known", number=row.number, reason=str(error))
        except ledger.Unavailable:
            raise
        except Exception:  # a bug here must not cost the scan
            log.exception("end of a pull request not read", number=row.number)
    _take_back(here, repo, now)


def _is_new(row: ProposalRow, now: datetime) -> bool:
    """Say whether a pull request has ended and nobody has looked at how: who did says who ended it."""
    ended = row.closed_at if row.state != State.OPEN and row.number > 0 and not row.closed_by else None
    return ended is not None and now - ended <= _YOUNG


def _look(here: World, repo: Repo, store: Path, row: ProposalRow) -> None:
    try:
        pull = repo.pull(row.number)
        if pull.state != row.state:
            return
        found = (_merged if pull.state == State.MERGED else _closed)(repo, store, row, pull)
    except (GoneError, RefusedError) as error:
        log.info("end of a pull request stays unknown", number=row.number, reason=str(error))
        found = {"closed_by": GHOST}
    here.book.change_proposal(row.repository_id, row.number, here.clock(), **found)
    log.info("end of a pull request noted", number=row.number, state=row.state, by=found["closed_by"])


def _merged(repo: Repo, store: Path, row: ProposalRow, pull: Pull) -> Mapping[str, object]:
    is_default = pull.base == repo.about.repository.default_branch
    return {
        "closed_by": pull.merged_by or GHOST,
        "merged_sha": pull.merged_sha,
        "edit": edits.made(repo, store, pull, row.written),
        "due": watching.begins(pull.closed) if is_default and pull.closed else None,
    }


def _closed(repo: Repo, store: Path, row: ProposalRow, pull: Pull) -> Mapping[str, object]:
    """Return how it was closed; where it was us, nobody is asked what people had changed before."""
    word = marker.word(marker.metadata(pull.body))
    talk = repo.reviews.talk(pull.number)
    who, why = last_words.read(talk, word)
    is_ours = talk.closed is not None and talk.closed.who == pull.author
    edit = None if is_ours else edits.made(repo, store, pull, row.written)
    return {"closed_by": who or GHOST, "because": clean(why), "edit": edit, "due": None}


def _take_back(here: World, repo: Repo, now: datetime) -> None:
    """Note which merged ones the newest commits of the default branch revert."""
    known, since = repo.about.repository, now - TAKEN_BACK - _LATE
    rows = here.book.proposals(known.id, State.MERGED)
    merged = [one for row in rows if not row.reverted_at for one in _revertible(row) if one.at >= since]
    if not merged:
        return
    landed = [one for commit in repo.newest() for one in _landed(commit)]
    for number, at in reverts.found(landed, merged, known.full_name, now).items():
        here.book.change_proposal(known.id, number, now, reverted_at=at)
        log.info("merged pull request reverted", number=number)


def _revertible(row: ProposalRow) -> Iterator[reverts.Merged]:
    if row.closed_at is not None:
        commits = frozenset(filter(None, (row.merged_sha, row.head_sha, row.written)))
        yield reverts.Merged(row.number, row.title, commits, row.closed_at)


def _landed(commit: Commit) -> Iterator[reverts.Landed]:
    """Yield a commit as its message tells of it; one whose date is none says nothing that counts."""
    try:
        at = datetime.fromisoformat(commit.committer.date)
    except ValueError:
        return
    yield reverts.Landed(commit.message, at if at.tzinfo else at.replace(tzinfo=UTC))
