"""Says on a branch that changes kotsu.yml what would follow: how many pull requests, and which not."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workers import (
    background,
    config,
    configured,
    follow_up,
    logs,
    onboarding,
    scan,
    snapshot,
    verdict,
    visit,
)
from workers.config import Config
from workers.configured import Configured
from workers.forecast import Forecast
from workers.github import Repo, Statement
from workers.ledger import Job
from workers.model import Past, Report
from workers.world import World

log = logs.get(__name__)


def look(here: World, job: Job, repo: Repo) -> None:
    """Compare what the job's branch would bring with what the default branch's kotsu.yml brings.

    Nothing else is done with the branch's file. The branch is read as it is now, not as the event says.
    """
    branch = str(job.detail.get("branch", ""))
    if repo.about.skipped or not branch or repo.branch(branch) is None:
        return
    here.settings.data_dir.mkdir(parents=True, exist_ok=True)
    # The repository's mirror may be in use by a scan.
    with tempfile.TemporaryDirectory(prefix="branch-", dir=here.settings.data_dir) as folder:
        mirror, ref = Path(folder) / "mirror.git", f"refs/heads/{branch}"
        try:
            with snapshot.take(mirror, repo.clone_url, ref, repo.token()) as tree:
                _say(here, job, repo, tree)
        except snapshot.TooLargeError as error:
            log.info("branch not compared", reason=str(error))


def _say(here: World, job: Job, repo: Repo, tree: snapshot.Mirror) -> None:
    if all(configured.file(tree, path) == repo.file(path) for path in config.PATHS):
        # A branch also brings what was changed elsewhere before it.
        return
    found = configured.read(here, repo, tree)
    if found.config is None or any(broken.source == found.own for broken in found.broken):
        here.must_hold(job)
        verdict.tell(repo, tree.commit, found)
        return
    current = configured.read(here, repo)
    said = _forecast(here, repo, tree, found.config, current.config)
    here.must_hold(job)
    verdict.say(repo, tree.commit, _statement(said, found, current))


def _statement(said: Forecast, found: Configured, current: Configured) -> Statement:
    title = f"{'With' if found.own else 'Without'} this file: {said.sentence}"
    if current.config is None:
        title += ", because that of the default branch has mistakes"
    summary = said.summary(told=current.config is not None)
    if found.beyond:
        # It is no failure: the file is right, and the rest of it holds.
        return Statement(verdict.NAME, "neutral", title, f"{found.beyond}\n\n{summary}")
    return Statement(verdict.NAME, "success", title, summary)


def _forecast(here: World, repo: Repo, tree: snapshot.Mirror, new: Config, old: Config | None) -> Forecast:
    past = [p for p in follow_up.known_already(here.book, repo) if p.key != onboarding.KEY]
    after = _scanned(here, repo, tree, new, past)
    return Forecast(_scanned(here, repo, tree, old, past) if old else Report((), (), ()), after)


def _scanned(here: World, repo: Repo, tree: snapshot.Mirror, given: Config, past: Sequence[Past]) -> Report:
    asked = visit.request(here, repo, tree, given)
    quiet = replace(asked, past=past, everything=True, proofs=0, background=background.nothing)
    return scan.run(quiet)
