"""Learns once a week what a repository's workflows cost, where somebody wants to know it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from codemods import places
from workers import logs, machine_time, marker
from workers.github import GitHubError, PassingError, Repo
from workers.machine_time import DAYS, SAMPLE, Spent
from workers.model import Proposal
from workers.run_history import History
from workers.snapshot import Mirror
from workers.world import Remembered, World

_MOST = 20
"""Workflows of a repository that are looked at."""

log = logs.get(__name__)


def attend(here: World, repo: Repo, tree: Mirror, proposals: Sequence[Proposal]) -> None:
    """Learn what the workflows cost, if somebody asked and this week nobody did it yet.

    The commit of the ``tree``, the newest of the default branch, says for how long nobody worked here. Which
    parts of it the ``proposals`` save stands in their bodies, and is noted each time.
    """
    repository_id, memory, now = repo.about.repository.id, Remembered(here), here.clock()
    key, week = machine_time.key(repository_id), f"{now:%G-W%V}"
    # To look at a wish does not prolong it: it lasts for a month after somebody asked.
    if not here.book.recall([machine_time.wish(repository_id)]):
        return
    parts = {p.key: told for p in proposals if (told := marker.metadata(p.body).get("saving"))}
    memory.remember({machine_time.parts(repository_id): json.dumps(parts)})
    known = memory.recall([key])
    if known and json.loads(known[key])["week"] == week:
        return
    until = now.replace(microsecond=0)
    since = until - timedelta(days=DAYS)
    created = f"{since:%Y-%m-%dT%H:%M:%SZ}..{until:%Y-%m-%dT%H:%M:%SZ}"
    history = History(repo.checks.history, memory, repository_id)
    found = []
    for path in [p for p in tree.paths() if places.KINDS["workflows"](p)][:_MOST]:
        try:
            found.append(_spent(repo, history, path, created))
        except GitHubError as error:
            if isinstance(error, PassingError) and error.after is not None:
                raise
            log.info("cost of a workflow unknown", path=path, reason=str(error))
    told = sorted(found, key=lambda spent: (-spent.minutes, spent.path))
    rows = [spent.as_json() for spent in told]
    idle = (now - datetime.fromisoformat(repo.commits.read(tree.commit).committer.date)).days
    said = {"week": week, "days": DAYS, "idle-days": max(idle, 0), "workflows": rows}
    memory.remember({key: json.dumps(said)})


def _spent(repo: Repo, history: History, path: str, created: str) -> Spent:
    """Return what a workflow cost; what was cancelled ran for a while too, and is not counted."""
    count, newest = repo.checks.history.recent(path.rpartition("/")[2], created)
    whole = [run for run in newest if run.is_whole]
    timed = [run for run in whole if run.event == "schedule"]
    runs, scheduled = (round(count * len(some) / len(newest)) if newest else 0 for some in (whole, timed))
    return machine_time.of(path, runs, history.sampled(path, whole[:SAMPLE]), scheduled)
