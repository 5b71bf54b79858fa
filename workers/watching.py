"""Watches the default branch after one of ours was merged: a check that fails with it and passed before."""

from __future__ import annotations

from datetime import datetime, timedelta

from workers import breakage, configured, logs
from workers.checks import Demands
from workers.config import Broken
from workers.github import GitHubError, LimitedError, LockedOutError, PassingError, Repo
from workers.ledger import ProposalRow
from workers.world import World

_FIRST = timedelta(minutes=10)
"""How long after the merge the first look is; each time as much more goes by as has gone by."""
_LAST = timedelta(days=1)
"""When what has not ended by then is left as it is."""

log = logs.get(__name__)


def begins(merged: datetime) -> datetime:
    """Return when to look first at what was merged at a moment."""
    return merged + _FIRST


def attend(here: World, repo: Repo, row: ProposalRow) -> None:
    """Look whether a merged pull request broke the default branch, and note its check and when to look again.

    Nothing is written to GitHub. Where its answer is no, nobody knows, and it broke nothing. What broke is
    looked at for a day too: where somebody runs the check again and it passes, it was not the merge.
    """
    now = here.clock()
    if not row.merged_sha or row.closed_at is None or now - row.closed_at > 2 * _LAST:
        return
    late = now - row.closed_at >= _LAST
    try:
        found = _broken(here, repo, row, row.closed_at, late=late)
    except (LimitedError, LockedOutError):
        raise
    except GitHubError as error:
        log.info("checks after a merge not known", number=row.number, reason=str(error))
        found = None if isinstance(error, PassingError) else row.broke
    if found is not None and found != row.broke:
        here.book.change_proposal(row.repository_id, row.number, now, broke=found)
        if found:
            log.warning("default branch broke with a pull request", number=row.number, check=found)
    if found != "" and not late:
        again = min(now + max(_FIRST, now - row.closed_at), row.closed_at + _LAST)
        here.book.change_proposal(row.repository_id, row.number, now, due=again)


def _broken(here: World, repo: Repo, row: ProposalRow, merged: datetime, *, late: bool) -> str | None:
    """Return the check that broke, ``""`` for none, None where it is too early to say."""
    after, now = repo.checks.runs(row.merged_sha), here.clock()
    failing = breakage.failing(after, merged, now, late=late)
    if not failing:
        return None if failing is None else ""
    given = configured.of(here, repo)
    demands = Demands() if isinstance(given, Broken) else Demands(ignore=given.checks.ignore)
    names = [name for name in failing if not demands.ignores(name)]
    parent = next(iter(repo.commits.read(row.merged_sha).parents), "") if names else ""
    return breakage.broken(names, repo.checks.runs(parent), late=late) if parent else ""
