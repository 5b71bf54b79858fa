"""Follows what merged pull requests claimed about speed, and writes once into their text what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from workers import claims, logs, marker
from workers.github import GitHubError, PassingError, Repo
from workers.ledger import Job, ProposalRow
from workers.model import State
from workers.run_history import History
from workers.runs import Ran
from workers.timings import Place
from workers.world import Remembered, World

_LATEST = timedelta(days=90)
"""How long after a merge nobody looks any more: what is not judged by then was not to be."""
_DONE = "done"

log = logs.get(__name__)


def attend(here: World, job: Job, repo: Repo) -> None:
    """Judge what is due of what was claimed; each claim is looked at once a day, and judged once."""
    now, memory = here.clock(), Remembered(here)
    today = now.date().isoformat()
    waiting = {f"claim:{row.repository_id}:{row.number}": row for row in _merged(here, repo, now)}
    known = memory.recall(list(waiting))
    for key, row in waiting.items():
        if known.get(key) in {_DONE, today}:
            continue
        try:
            done = _judge(here, job, repo, row, now)
        except GitHubError as error:
            if isinstance(error, PassingError) and error.after is not None:
                raise
            log.info("claim not judged", number=row.number, reason=str(error))
            done = False
        memory.remember({key: _DONE if done else today})


def _merged(here: World, repo: Repo, now: datetime) -> list[ProposalRow]:
    """Return the pull requests whose claims may still be open."""
    found = []
    for row in here.book.proposals(repo.about.repository.id, State.MERGED):
        improvement = here.catalogue.get(row.improvement)
        is_young = row.closed_at is not None and now - row.closed_at < _LATEST
        if is_young and improvement is not None and claims.is_about_speed(improvement):
            found.append(row)
    return found


def _judge(here: World, job: Job, repo: Repo, row: ProposalRow, now: datetime) -> bool:
    """Write what came of a pull request's claims; false where it is too early to say."""
    pull = repo.pull(row.number)
    places = claims.read(marker.metadata(pull.body))
    if not places or pull.closed is None:
        return True
    outcome = _outcome(here, repo, pull.closed, places, now)
    if outcome is None:
        return False
    # Reading the runs takes a while, in which people can have edited the text.
    pull = repo.pull(row.number)
    if claims.read(marker.metadata(pull.body)):
        here.must_hold(job)
        repo.talk.write_pull(pull.number, claims.written(pull.body, outcome))
        log.info("claim judged", number=pull.number, outcome=outcome.word)
    return True


def _outcome(
    here: World, repo: Repo, merged: datetime, places: Sequence[Place], now: datetime
) -> claims.Outcome | None:
    history = History(repo.checks.history, Remembered(here), repo.about.repository.id)
    tells = claims.telling(repo.about.repository.default_branch)

    def told(runs: Sequence[Ran]) -> list[Ran]:
        return [ran for ran in runs if tells(ran.run)]

    paths = dict.fromkeys(place.path for place in places)
    after = {path: told(history.after(path, merged, now)) for path in paths}
    before = {path: told(history.before(path, merged)) for path in paths}
    return claims.judged(places, before, after, now - merged)
