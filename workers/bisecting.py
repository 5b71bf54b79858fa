"""Searches a red group for the members that break it, on branches beside the pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from workers import (
    background,
    checks,
    halving,
    heard,
    history,
    logs,
    parting,
    publish,
    scan,
    sides,
    snapshot,
    visit,
)
from workers.answered import Word
from workers.case import Case
from workers.github import File, RefusedError
from workers.halving import Found, GivenUp, Outcome, Try
from workers.heard import Ran
from workers.ledger.trials import APART, RUNNING, TrialRow
from workers.messages import Priority
from workers.model import Trial

_LATE = timedelta(days=1)
"""How long checks of a trial may run."""
_AGAIN = timedelta(minutes=10)
"""How often to look at a trial whose checks are overdue by themselves: as a rule an event comes first."""
_ALL = "each of them makes the checks fail by itself"

log = logs.get(__name__)


def attend(case: Case) -> bool:
    """Do the next step of the search, if it is one of a group; return whether the search goes on.

    It is called whenever the pull request is red because of us. One trial runs at a time; what came of it
    stands in the ledger, so that a step that was interrupted is done again. What is found is put apart, and
    the next scan proposes it by itself.
    """
    members = halving.members(case.row.key, case.row.versions)
    searched = "" if case.theirs else case.pull.head_sha
    sides.end(case.here, case.job, case.repo, case.row, but=searched)
    base = _base(case) if searched and members and case.verdict.failing else ""
    if not base:
        return False
    running = next((t for t in _trials(case) if t.outcome == RUNNING), None)
    if running and not _is_finished(case, running):
        return True
    budget = case.config.checks.bisect
    while isinstance(step := halving.step(tuple(members), _results(case), budget), Try):
        if _is_begun(case, base, [v for name in step.members for v in members[name]]):
            return True
    return _decided(case, step, members)


def _base(case: Case) -> str:
    """Return the commit that the red pull request was made on; ``""`` where its head is not ours alone."""
    if case.row.head_sha != case.pull.head_sha:
        return ""
    commit = case.repo.commits.read(case.pull.head_sha)
    is_ours = history.is_ours(commit) and commit.message.rstrip().endswith(f"\n{history.KEY}: {case.row.key}")
    return commit.parents[0] if is_ours and len(commit.parents) == 1 else ""


def _trials(case: Case) -> Sequence[TrialRow]:
    """Return the trials of this search: those about this very head."""
    rows = case.here.book.trials.of(case.row.repository_id, case.row.key)
    return [row for row in rows if row.red == case.pull.head_sha]


def _results(case: Case) -> Mapping[frozenset[str], Outcome]:
    known = {outcome.value: outcome for outcome in Outcome}
    done = [row for row in _trials(case) if row.outcome in known]
    return {frozenset(map(halving.name, row.members)): known[row.outcome] for row in done}


def _is_finished(case: Case, trial: TrialRow) -> bool:
    """Hear what the checks of a trial say; say whether they have said it."""
    here, repo, now = case.here, case.repo, case.here.clock()
    head = repo.branch(trial.branch)
    if head is None and not _is_made(case, trial):
        return True
    wait = timedelta(minutes=case.config.checks.wait)
    age, names = now - trial.started, {failing.name for failing in case.verdict.failing}
    outcome, failed = heard.of(names, _ran(case, trial.head_sha), waited=age >= wait, late=age >= _LATE)
    if head not in (None, trial.head_sha):
        outcome, failed = Outcome.NONE, None
    if outcome is None:
        case.note(due=trial.started + wait if age < wait else now + _AGAIN)
        return False
    here.must_hold(case.job)
    here.book.trials.finish(trial.id, outcome, now, _failure(case, failed) if failed else None)
    log.info("part of a group tried", outcome=outcome.value, members=len(trial.members))
    if head == trial.head_sha:
        repo.branches.delete(trial.branch, head)
    return True


def _ran(case: Case, commit: str) -> Sequence[Ran]:
    """Return what each check that failed has come to on another commit."""
    runs = case.repo.checks.runs(commit)
    by_name = {f.name: [run for run in runs if run.name == f.name] for f in case.verdict.failing}
    return [
        Ran(name, checks.standing(own), own[-1].url, own[-1].said) for name, own in by_name.items() if own
    ]


def _failure(case: Case, failed: Ran) -> Mapping[str, str]:
    """Return what a check said of a trial, or, where it said nothing, of the pull request."""
    of_all = next((f.excerpt for f in case.verdict.failing if f.name == failed.name), "")
    return {"check": failed.name, "url": failed.url, "excerpt": failed.excerpt or of_all}


def _is_begun(case: Case, base: str, versions: Sequence[str]) -> bool:
    """Try some members on a branch of their own; false where they cannot move without the others."""
    here, repo, row = case.here, case.repo, case.row
    files = _files(case, base, Trial(row.key, tuple(versions)))
    trials = here.book.trials
    if not files:
        about = {"red": case.pull.head_sha, "members": versions, "outcome": Outcome.UNBUILT.value}
        trials.begin(row.repository_id, row.key, here.clock(), **about)  # type: ignore[arg-type]  # by name
        return False
    number = len(trials.of(row.repository_id, row.key)) + 1
    while repo.branch(sides.name(row.branch, number)) is not None:
        number += 1
    here.must_hold(case.job)
    message = f"Try {len(versions)} of {len(row.versions)}\n\n{sides.TRAILER}: {row.key}\n"
    commit = repo.commit(base, message, files)
    # The ledger first: a branch that it does not know is deleted, and one that is missing is made.
    trial = trials.begin(
        row.repository_id,
        row.key,
        here.clock(),
        red=case.pull.head_sha,
        members=versions,
        branch=sides.name(row.branch, number),
        head_sha=commit,
    )
    case.note(due=here.clock() + timedelta(minutes=case.config.checks.wait))
    return _is_made(case, trial)


def _is_made(case: Case, trial: TrialRow) -> bool:
    """Make the branch of a trial, whose commit GitHub has; where it refuses, the trial says nothing."""
    case.here.must_hold(case.job)
    try:
        case.repo.create_branch(trial.branch, trial.head_sha)
    except RefusedError as error:
        log.warning("no branch for a trial", reason=str(error))
        case.here.book.trials.finish(trial.id, Outcome.NONE, case.here.clock())
        return False
    return True


def _files(case: Case, base: str, trial: Trial) -> Sequence[File]:
    """Return the files that move only these members, and to these versions; none where that cannot be."""
    here, repo = case.here, case.repo
    with snapshot.take(visit.mirror(here, repo), repo.clone_url, base, repo.token()) as tree:
        asked = visit.request(here, repo, tree, case.config)
        found = scan.run(replace(asked, trial=trial, background=background.nothing)).proposals
        if len(found) != 1 or set(found[0].versions) != set(trial.versions):
            return ()
        modes = {path: blob.mode for path, blob in tree.blobs.items()}
        return publish.files(found[0], modes)


def _decided(case: Case, step: Found | GivenUp, members: Mapping[str, Sequence[str]]) -> bool:
    """Put apart what breaks the group, or all of it; return whether something follows from it.

    The next scan makes the pull requests anew. It is asked for first: it waits for the end of this job.
    """
    if isinstance(step, GivenUp) and step.is_harmless:
        log.info("group left as it is", reason=step.why.value)
        return False
    book, row = case.here.book, case.row
    culprits, green = ([tuple(members)], ()) if isinstance(step, GivenUp) else (step.culprits, step.green)
    known = {m for t in _trials(case) if t.outcome == APART for m in t.members}
    missing = [c for c in culprits if not known.issuperset(_versions(c, members))]
    if green and not missing:
        return False
    case.here.must_hold(case.job)
    case.here.scan_soon(row.repository_id, case.job.installation_id or 0, Priority.MERGE)
    for culprit in missing:
        failure = {"why": step.why.value} if isinstance(step, GivenUp) else _blamed(case, culprit)
        gone = _versions(culprit, members)
        now = case.here.clock()
        book.trials.put_apart(row.repository_id, row.key, gone, now, red=case.pull.head_sha, failure=failure)
    if not green:
        _dissolve(case, step.why.value if isinstance(step, GivenUp) else _ALL)
    return True


def _versions(names: Sequence[str], members: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return [version for name in names for version in members[name]]


def _blamed(case: Case, culprit: Sequence[str]) -> Mapping[str, str] | None:
    """Return what the checks said of the smallest part that failed with a culprit."""
    red = [t for t in _trials(case) if t.outcome == Outcome.RED]
    parts = [t for t in red if {*culprit} <= {*map(halving.name, t.members)}]
    return min(parts, key=lambda t: len(t.members)).failure if parts else None


def _dissolve(case: Case, why: str) -> None:
    """Close the pull request of a group that has fallen apart, and say once why.

    Where it was a branch only, its members say it.
    """
    if case.row.number < 0:
        parting.drop(case.here, case.job, case.repo, case.row, Word.SUPERSEDED)
        log.info("group has fallen apart", reason=why)
        return
    words = f"What is in this pull request comes one by one from now on, as the limits allow: {why}."
    parting.close(case.ours, Word.SUPERSEDED, sentence=words, apart=list(case.row.versions))
    log.info("group has fallen apart", reason=why)
