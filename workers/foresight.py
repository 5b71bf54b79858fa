"""Says on a branch that changes kotsu.yml what would follow: how many pull requests, and which not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workers import background, configured, follow_up, onboarding, scan, snapshot, verdict, visit
from workers.config import Config
from workers.configured import Configured
from workers.github import Repo, Statement
from workers.ledger import Job
from workers.model import Past, Proposal, Report
from workers.world import World

_ROWS = 100
_NOTE = """\
These are the pull requests that are wanted in all; how many are open at a time, and how many are opened a \
day, is another matter (`limits`, `capacity`). Whether upgrades install together is tried when they are \
proposed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be proposed before and after a change of kotsu.yml, whatever the pace."""

    before: Report
    after: Report

    @property
    def sentence(self) -> str:
        """How many pull requests there would be, beside how many there are to be without it."""
        new, old = len(self.after.proposals), len(self.before.proposals)
        count = "1 pull request" if new == 1 else f"{new} pull requests"
        return f"{count}, as without it" if new == old else f"{count} instead of {old}"


def look(here: World, job: Job, repo: Repo) -> None:
    """Compare what the job's branch would bring with what the default branch's kotsu.yml brings.

    Nothing else is done with the branch's file. The branch is read as it is now, not as the event says.
    """
    branch = str(job.detail.get("branch", ""))
    if repo.about.skipped or not branch or repo.branch(branch) is None:
        return
    with (
        # The repository's mirror may be in use by a scan.
        tempfile.TemporaryDirectory(prefix="branch-", dir=_room(here)) as folder,
        snapshot.take(
            Path(folder) / "mirror.git", repo.clone_url, f"refs/heads/{branch}", repo.token
        ) as tree,
    ):
        found, current = configured.read(here, repo, tree), configured.read(here, repo)
        said = None
        if found.config is not None:
            said = _forecast(here, repo, tree, found.config, current.config)
        here.must_hold(job)
        if said is None or any(broken.source == found.own for broken in found.broken):
            verdict.tell(repo, tree.commit, found)
        else:
            verdict.say(repo, tree.commit, _statement(said, found, current))


def _statement(said: Forecast, found: Configured, current: Configured) -> Statement:
    title = f"{'With' if found.own else 'Without'} this file: {said.sentence}"
    if current.config is None:
        title += ", because that of the default branch has mistakes"
    return Statement(verdict.NAME, "success", title, summary(said, current))


def _room(here: World) -> Path:
    here.settings.data_dir.mkdir(parents=True, exist_ok=True)
    return here.settings.data_dir


def _forecast(here: World, repo: Repo, tree: snapshot.Mirror, new: Config, old: Config | None) -> Forecast:
    past = [p for p in follow_up.known_already(here.book, repo) if p.key != onboarding.KEY]
    after = _scanned(here, repo, tree, new, past)
    return Forecast(_scanned(here, repo, tree, old, past) if old else Report((), (), ()), after)


def _scanned(here: World, repo: Repo, tree: snapshot.Mirror, given: Config, past: Sequence[Past]) -> Report:
    asked = visit.request(here, repo, tree, given, past)
    return scan.run(replace(asked, everything=True, proofs=0, background=background.nothing))


def summary(said: Forecast, current: Configured) -> str:
    """Return what changes, key by key, as Markdown."""
    before, after = ({p.key: p for p in r.proposals} for r in (said.before, said.after))
    why = {w.key: w.sentence for w in said.after.withheld}
    parts = [_NOTE]
    if current.config is None:
        parts.append("The file on the default branch has mistakes, and nothing is proposed with it.")
    gone = [f"- `{k}`: {why.get(k) or 'It is not looked for.'}" for k in before if k not in after]
    new = [f"- `{k}`" for k in after if k not in before]
    changed = [f"- `{k}`: {words}" for k in after if k in before and (words := _changed(before[k], after[k]))]
    parts += _section("No longer proposed", gone)
    parts += _section("Proposed now", new)
    parts += _section("Proposed in another way", changed)
    if not gone and not new and not changed:
        parts.append("No pull request would be another one.")
    return "\n\n".join(parts) + "\n"


def _changed(before: Proposal, after: Proposal) -> str:
    """Return what is said of a proposal that was said otherwise before."""
    said: Mapping[str, tuple[object, object]] = {
        "labels": (before.labels, after.labels),
        "reviewers": (before.reviewers, after.reviewers),
        "automerge": (before.automerge, after.automerge),
        "open-as": (before.open_as, after.open_as),
        "edits": (before.patch, after.patch),
    }
    return ", ".join(f"`{name}`" for name, (old, new) in said.items() if old != new)


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        more = [f"- … and {len(lines) - _ROWS} more"] if len(lines) > _ROWS else []
        yield "\n".join([f"### {title}", "", *lines[:_ROWS], *more])
