"""Attends to a branch of ours that becomes a pull request only when its checks are green."""

from __future__ import annotations

from datetime import datetime, timedelta

from workers import bisecting, configured, examine, logs, parting
from workers.answered import Word
from workers.case import Case
from workers.checks import Colour, Verdict
from workers.config import Broken, Config
from workers.github import Pull, Repo
from workers.ledger import Job, ProposalRow
from workers.messages import Priority
from workers.model import Stage, State
from workers.world import World

_DAY = timedelta(days=1)

log = logs.get(__name__)


def attend(here: World, job: Job, repo: Repo, number: int) -> None:
    """Let a branch have its pull request when it is green, and go when it stays red.

    Where no check begins, perhaps as all of them wait for a pull request, it gets one too: as a draft, as
    always. The pull request itself is opened by the next scan, which knows what it says. A branch that is
    older than a pause of its repository stays one while that lasts.
    """
    repository_id, now = repo.about.repository.id, here.clock()
    row = here.book.proposal(repository_id, number)
    given = configured.of(here, repo)
    if row is None or row.state != State.OPEN or isinstance(given, Broken) or repo.about.skipped:
        here.book.change_proposal(repository_id, number, now, due=now + _DAY)
        return
    if (head := repo.branch(row.branch)) is not None:
        _look(here, job, repo, row, given, head)
        return
    # As with a pull request: who deletes the branch has answered, whatever was said of it before.
    here.book.close_proposal(repository_id, number, State.CLOSED, now, word="", until=None)
    _scan(here, job, row)


def _look(  # noqa: PLR0913, PLR0917 -- all that is known of it
    here: World, job: Job, repo: Repo, row: ProposalRow, given: Config, head: str
) -> None:
    """Do what the checks of the branch's head come to."""
    now = here.clock()
    seen = examine.head(repo, given, head, repo.about.repository.default_branch, now)
    verdict = examine.explained(repo, seen, examine.known(row, head))
    late = seen.since + examine.waiting(given)
    log.info("branch without a pull request", branch=row.branch, checks=verdict.sentence)
    red = verdict.colour is Colour.RED
    pause = here.book.pauses.wholes().get(row.repository_id)
    held = pause is not None and row.opened_at < pause.since
    if not held and (verdict.colour is Colour.GREEN or (not red and now >= late)):
        here.book.change_proposal(row.repository_id, row.number, now, stage=Stage.DRAFT, failure=None)
        _scan(here, job, row)
    else:
        due, failure = now + _DAY if red or held else late, examine.failure(verdict, head)
        here.book.change_proposal(row.repository_id, row.number, now, due=due, failure=failure)
        if red:
            case = Case(here, job, repo, _stand_in(repo, row, head), row, given, verdict, theirs=seen.touched)
            if not bisecting.attend(case) and not seen.touched and _is_given_up(verdict, given, now):
                parting.drop(here, job, repo, row, Word.RED, until=now + examine.APART)


def _stand_in(repo: Repo, row: ProposalRow, head: str) -> Pull:
    """Return what stands for the pull request that a branch has not got yet."""
    return Pull(
        number=row.number,
        url=row.url,
        state=State.OPEN,
        title=row.title,
        body="",
        head_sha=head,
        branch=row.branch,
        created=row.opened_at,
        closed=None,
        draft=True,
        base=repo.about.repository.default_branch,
    )


def _is_given_up(verdict: Verdict, given: Config, now: datetime) -> bool:
    begun = max((f.since for f in verdict.failing if f.since), default=now)
    patience = timedelta(days=given.checks.close_after)
    return bool(patience) and now >= begun + patience


def _scan(here: World, job: Job, row: ProposalRow) -> None:
    here.scan_soon(row.repository_id, job.installation_id or 0, Priority.MERGE)
