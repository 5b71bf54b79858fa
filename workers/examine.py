"""Looks at the checks of one head beside those of its base, and asks a failing one what it said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workers import checks, publish
from workers.checks import Demands, Failing, Run, Verdict
from workers.config import Config
from workers.github import Repo


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks of a head come to, and their ``runs``; checks could begin ``since`` a moment.

    ``touched``: a person wrote some of its commits.
    """

    verdict: Verdict
    runs: tuple[Run, ...]
    since: datetime
    touched: bool


def head(repo: Repo, config: Config, commit: str, base: str, now: datetime) -> Examined:
    """Judge the checks of a commit that is to come into the branch ``base``, as of now."""
    ahead = repo.checks.ahead(base, commit)
    # A commit can say any date: none counts that has not come.
    since = min(ahead.since, now)
    here, there = repo.checks.runs(commit), repo.checks.of_base(base, ahead.base)
    demands = Demands(repo.checks.required(base) | frozenset(config.checks.required), config.checks.ignore)
    verdict = checks.judge(
        here,
        there,
        demands,
        late=now >= since + waiting(config),
        watched=bool(here or there) or repo.checks.watched(),
    )
    touched = not all(map(publish.wrote, ahead.commits))
    return Examined(verdict, here, since, touched)


def waiting(config: Config) -> timedelta:
    """Return how long a check may take to begin."""
    return timedelta(minutes=config.checks.wait)


def explained(repo: Repo, seen: Examined, known: Failing | None = None) -> Verdict:
    """Return the verdict with what the first failing check said; what is ``known`` is not asked again."""
    verdict = seen.verdict
    if not verdict.failing:
        return verdict
    first, *others = verdict.failing
    if known is not None and (known.name, known.url) == (first.name, first.url):
        said = known.excerpt
    else:
        runs = (r for r in seen.runs if (r.name, r.url, r.ended) == (first.name, first.url, first.since))
        said = next((repo.checks.excerpt(run) for run in runs), "")
    return replace(verdict, failing=(replace(first, excerpt=said), *others))
