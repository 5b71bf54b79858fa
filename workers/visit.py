"""Looks at one repository as it is now, and opens or updates what fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from workers import (
    advisories,
    background,
    campaigning,
    campaigns,
    configured,
    discover,
    follow_up,
    ledger,
    logs,
    lookup,
    publish,
    scan,
    snapshot,
    solver,
)
from workers.config import Broken
from workers.github import GitHubError, GoneError, PassingError, RefusedError, Repo
from workers.ledger import Job, Standing, WithheldRow
from workers.model import Blame, Note, Proposal, Reason, Report, State
from workers.world import Remembered, World

_CHECK = "Kotsu configuration"
_HOUR = timedelta(hours=1)
_HOURLY = 60
"""Pull requests in an hour: each is about eight writes, of which GitHub takes 500."""
_DAY = timedelta(days=1)
"""After how long a repository is looked at by itself: releases, weaknesses and the date move on."""

log = logs.get(__name__)


def look(here: World, job: Job, repo: Repo) -> None:
    """Look at one repository, and open what fits."""
    try:
        _look_at(here, job, repo)
    except snapshot.TooLargeError as error:
        here.book.upsert_repository(repo.about.repository, here.clock(), Standing.SKIPPED, str(error))
        log.warning("repository skipped", reason=str(error))


def _look_at(here: World, job: Job, repo: Repo) -> None:
    known, now = repo.about.repository, here.clock()
    head = None if repo.about.skipped else repo.branch(known.default_branch)
    if head is None:
        reason = repo.about.skipped or "It is empty: there is no default branch yet."
        here.book.upsert_repository(known, now, Standing.SKIPPED, reason)
        log.info("repository skipped", reason=reason)
        return
    here.book.upsert_repository(known, now)
    store = here.settings.data_dir / "mirrors" / f"{known.id}.git"
    with snapshot.take(store, repo.clone_url, f"refs/heads/{known.default_branch}", repo.token) as tree:
        scan_id = here.book.start_scan(known.id, tree.commit, now)
        outcome, counts = _look(here, job, repo, tree)
        here.book.finish_scan(scan_id, outcome, counts, here.clock())
        here.book.look_again(known.id, here.clock() + _DAY)
        campaigning.after_scan(here, known)
        log.info("repository scanned", outcome=outcome, commit=tree.commit, **counts)


def _look(here: World, job: Job, repo: Repo, tree: snapshot.Mirror) -> tuple[str, Mapping[str, int]]:
    given = configured.of(here, repo, tree)
    if isinstance(given, Broken):
        title = f"{given.source} has {len(given.mistakes)} mistake" + "s" * (len(given.mistakes) != 1)
        summary = f"Nothing is proposed until the file is mended.\n\n```text\n{given}\n```\n"
        # Without the permission the page of the ledger still has it.
        with suppress(RefusedError):
            repo.check(tree.commit, _CHECK, "failure", title, summary)
        return "broken configuration", {"mistakes": len(given.mistakes)}
    known = repo.about.repository
    turns = campaigns.turns(here.book.campaigns.of(known.installation_id), known.id, known.full_name)
    given = campaigns.joined(given, turns)
    past, own = follow_up.adopt(here.book, repo, here.clock()), here.settings
    report = scan.run(
        scan.Request(
            tree=tree,
            catalogue=discover.select(here.catalogue, given),
            config=given,
            now=here.clock(),
            lookup=partial(lookup.answer, given=own),
            advise=partial(advisories.answer, source=own.advisories_url, store=own.data_dir / "advisories"),
            solver=solver.on(own.index_url, own.data_dir / "resolver", own.extra_index_urls),
            background=background.asking(own, background.Forge(repo.home, partial(_notes, repo))),
            subjects=repo.subjects(),
            past=past,
            turns=turns,
            memory=Remembered(here),
            spread=here.spread,
            blame=partial(_blame, repo, tree.commit),
        )
    )
    _publish(here, job, repo, tree, report)
    counts = {
        "proposals": len(report.proposals),
        "withheld": len(report.withheld),
        "problems": len(report.problems),
    }
    return "done", counts


def _blame(repo: Repo, commit: str, path: str) -> Sequence[Blame]:
    """Return who wrote which lines; a line's age is nice to know, and no reason to fail."""
    try:
        return repo.blame(commit, path)
    except GitHubError as error:
        log.info("age of lines unknown", reason=str(error))
        return ()


def _notes(repo: Repo, address: str) -> Sequence[Note] | None:
    """Return what a repository published; notes are nice to know, and no reason to fail."""
    try:
        return repo.notes(address)
    except PassingError as error:
        log.info("release notes unknown", reason=str(error))
        return None
    except GitHubError as error:
        log.info("release notes of one repository unknown", reason=str(error))
        return ()


def _publish(here: World, job: Job, repo: Repo, tree: snapshot.Mirror, report: Report) -> None:
    known = repo.about.repository
    base = publish.Base(known.default_branch, tree.commit, {p: b.mode for p, b in tree.blobs.items()})
    rows = {row.key: row for row in here.book.proposals(known.id, State.OPEN)}
    withheld = [WithheldRow(w.key, w.improvement, w.title, w.reason.id, w.sentence) for w in report.withheld]
    missing: GitHubError | None = None
    for proposal in report.proposals:
        here.must_hold(job)
        said = ""
        if proposal.key not in rows and (wait := _crowded(here, known.installation_id)):
            words = f"GitHub takes {_HOURLY} pull requests of one installation in an hour"
            missing = PassingError(words, wait)
            continue
        with logs.about(key=proposal.key):
            try:
                asked = _asked(job, proposal.key)
                said = _published(here, repo, base, proposal, rows.get(proposal.key), asked=asked)
            except GoneError as error:
                # GitHub can be late to know what it was just told: the others go on, and this one is retried.
                missing = error
        if said:
            withheld.append(
                WithheldRow(proposal.key, proposal.improvement, proposal.title, Reason.LEFT_ALONE.id, said)
            )
    here.book.replace_withheld(known.id, withheld)
    if missing:
        raise missing


def _crowded(here: World, installation_id: int) -> timedelta | None:
    """Return how long the next pull request has to wait for the hour to have room, None when it need not."""
    opened = here.book.newest(installation_id, _HOURLY)
    if len(opened) < _HOURLY or not here.settings.pace:
        return None
    left = opened[-1] + _HOUR - here.clock()
    return left if left > timedelta() else None


def _asked(job: Job, key: str) -> publish.Asked:
    """Return what people asked of a key; the job's detail has it since they did."""
    for name, asked in (("recreate", publish.Asked.RECREATE), ("rebase", publish.Asked.REBASE)):
        keys = job.detail.get(name)
        if isinstance(keys, list) and key in keys:
            return asked
    return publish.Asked.NOTHING


def _published(  # noqa: PLR0913 -- all that is known of it
    here: World,
    repo: Repo,
    base: publish.Base,
    proposal: Proposal,
    row: ledger.ProposalRow | None,
    *,
    asked: publish.Asked,
) -> str:
    """Open or update one pull request; return why it was left alone, ``""`` when it was not."""
    try:
        done = publish.open(repo, base, proposal, row, asked=asked)
    except (publish.LeftAloneError, RefusedError) as error:
        log.warning("proposal left alone", reason=str(error))
        return str(error)[:500]
    about = {**publish.metadata(proposal.body), "minutes": proposal.minutes}
    follow_up.save(
        here.book,
        repo.about.repository.id,
        done.pull,
        proposal.key,
        about,
        versions=proposal.versions,
        cost=proposal.cost,
        team=proposal.team,
        overdraft=proposal.overdraft,
        automerge=proposal.automerge,
        wanted=proposal.reviewers,
    )
    for note in done.notes:
        log.warning("pull request open, but not complete", reason=note)
    log.info("pull request opened" if done.created else "pull request found", number=done.pull.number)
    return ""
