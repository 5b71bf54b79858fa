"""Looks at the checks of one head beside those of its base, and asks a failing one what it said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workers import checks, history
from workers.checks import Demands, Failing, Run, Verdict
from workers.config import Config
from workers.github import Repo
from workers.ledger import ProposalRow

APART = timedelta(days=30)
"""How long what failed because of us is not tried again: by then its target or the base may have moved on."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks of a head come to, and their ``runs``; checks could begin ``since`` a moment.

    ``touched``: a person wrote some of its commits. The head or its base ``moved`` last at a moment, and a
    check said something last at ``progress``.
    """

    verdict: Verdict
    runs: tuple[Run, ...]
    since: datetime
    touched: bool
    moved: datetime
    progress: datetime


def head(  # noqa: PLR0913 -- all that is compared
    repo: Repo, config: Config, commit: str, base: str, now: datetime, *, opened: datetime | None = None
) -> Examined:
    """Judge the checks of a commit that is to come into the branch ``base``, as of now.

    ``opened`` is when its pull request was, if it has one: some checks cannot begin before.
    """
    ahead = repo.checks.ahead(base, commit)
    # A commit can say any date: none counts that has not come.
    since = min(max(ahead.since, opened or ahead.since), now)
    here, there = repo.checks.runs(commit), repo.checks.of_base(base, ahead.base)
    demands = Demands(repo.checks.required(base) | frozenset(config.checks.required), config.checks.ignore)
    verdict = checks.judge(
        here,
        there,
        demands,
        late=now >= since + waiting(config),
        watched=bool(here or there) or repo.checks.watched(),
    )
    touched = not all(map(history.is_ours, ahead.commits))
    heard = (moment for run in here for moment in (run.began, run.ended) if moment)
    moved = min(max(since, ahead.based), now)
    return Examined(verdict, here, since, touched, moved, min(max([since, *heard]), now))


def waiting(config: Config) -> timedelta:
    """Return how long a check may take to begin."""
    return timedelta(minutes=config.checks.wait)


def explained(repo: Repo, seen: Examined, before: Failing | None = None) -> Verdict:
    """Return the verdict with what the first failing check said; that it said ``before`` is not asked."""
    verdict = seen.verdict
    if not verdict.failing:
        return verdict
    first, *others = verdict.failing
    if before is not None and (before.name, before.url) == (first.name, first.url):
        said = before.excerpt
    else:
        runs = (r for r in seen.runs if (r.name, r.url, r.ended) == (first.name, first.url, first.since))
        said = next((repo.checks.excerpt(run) for run in runs), "")
    return replace(verdict, failing=(replace(first, excerpt=said), *others))


def failure(verdict: Verdict, head: str) -> Mapping[str, str] | None:
    """Return what the ledger keeps of a failure: whose, where it can be read, and what it said.

    Of a required check that is missing it keeps which one that is (``stuck``), as no failure.
    """
    first = next(iter(verdict.failing), None)
    if first is None:
        return {"head": head, "stuck": verdict.stuck} if verdict.stuck else None
    return {"head": head, "name": first.name, "url": first.url, "excerpt": first.excerpt}


def known(row: ProposalRow, head: str) -> Failing | None:
    """Return what the ledger keeps of the check that fails on this head."""
    kept = row.failure or {}
    return (
        Failing(kept["name"], kept["url"], kept["excerpt"])
        if kept.get("head") == head and "name" in kept
        else None
    )
