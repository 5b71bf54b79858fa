"""Looks at one repository as it is now, and opens or updates what fits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from codemods.mentions import Mention, Ticket
from workers import (
    admission,
    advisories,
    aftermath,
    authors,
    background,
    board,
    campaigning,
    campaigns,
    capacity,
    claiming,
    configured,
    discover,
    follow_up,
    freight,
    ledger,
    logs,
    lookup,
    marker,
    metering,
    observing,
    obsolete,
    onboarding,
    owed,
    owners,
    promised,
    publish,
    reminders,
    reminding,
    ride,
    run_history,
    scan,
    shipments,
    sides,
    snapshot,
    solver,
    tickets,
    timings,
    unneeded,
    unsure,
    verdict,
    wheels,
)
from workers.config import Config
from workers.evaluation import pausing
from workers.github import GitHubError, GoneError, PassingError, RefusedError, Repo
from workers.ledger import Job, Standing, WithheldRow
from workers.model import Blame, Note, Proposal, Report, Stage, State, Withheld
from workers.reasons import Reason
from workers.world import Remembered, World

_HOURLY = 60
"""Pull requests in an hour: each is about eight writes, of which GitHub takes 500."""

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
    store, ref = mirror(here, repo), f"refs/heads/{known.default_branch}"
    with snapshot.take(store, repo.clone_url, ref, repo.token()) as tree:
        scan_id = here.book.start_scan(known.id, tree.commit, now, job.id)
        outcome, counts, again = _look(here, job, repo, tree)
        here.book.finish_scan(scan_id, outcome, counts, here.clock())
        here.book.look_again(known.id, again)
        campaigning.after_scan(here, known)
        log.info("repository scanned", outcome=outcome, commit=tree.commit, **counts)


def _look(
    here: World, job: Job, repo: Repo, tree: snapshot.Mirror
) -> tuple[str, Mapping[str, int], datetime]:
    """Return how it ended, how much was found of what, and when to look again."""
    known, found = repo.about.repository, configured.remembered(here, repo, tree, tree.commit)
    given, mistakes = found.config, sum(len(broken.mistakes) for broken in found.broken)
    if found.broken:
        verdict.tell(repo, tree.commit, found)
    if given is None:
        here.book.replace_withheld(known.id, [_stopped(found)])
        board.stop(here, job, repo, tree)
        return "broken configuration", {"mistakes": mistakes}, capacity.look_again((), here.clock())
    turns = campaigns.turns(here.book.campaigns.of(known.installation_id), known.id, known.full_name)
    given = campaigns.joined(given, turns)
    before = here.book.proposals(known.id, State.OPEN)
    follow_up.adopt(here.book, repo, here.app.login, here.clock())
    unneeded.finish(here, job, repo, before)
    aftermath.attend(here, repo, mirror(here, repo))
    wanted = board.heard(here, job, repo, given)
    sides.sweep(here, job, repo)
    asked = replace(
        request(here, repo, tree, given),
        past=follow_up.known_already(here.book, repo),
        apart=sides.apart(here.book, known.id),
        wanted=wanted,
        turns=turns,
        outside=here.book.spending.outside(known.installation_id, known.id, here.clock()),
    )
    report = _report(asked, found)
    here.must_hold(job)
    observing.note(here, known.id, tree, asked, report)
    withheld = _publish(here, job, repo, tree, given, report=report, hurried=wanted.now)
    _close(here, job, repo, _base(here, repo, tree), _endings(here, repo, report, given))
    claiming.attend(here, job, repo)
    metering.attend(here, repo, tree, report.proposals)
    board.show(
        here,
        job,
        repo,
        given,
        wanted=wanted,
        tree=tree,
        report=report,
        strangers=found.strangers,
        digest=_owed(here, job, repo, tree, report=report, asked=asked),
    )
    counts = {"proposals": len(report.proposals), "withheld": len(withheld)}
    counts["problems"] = len(report.problems) + mistakes
    return "done", counts, capacity.look_again(withheld, here.clock(), asked.past)


def _owed(  # noqa: PLR0913 -- what it is about, each of them a value
    here: World, job: Job, repo: Repo, tree: snapshot.Mirror, *, report: Report, asked: scan.Request
) -> owed.Digest:
    """Keep the issues of promises in comments in step, and return the dashboard's words."""
    known, given = repo.about.repository, asked.config
    address = f"{repo.home}/{known.full_name}/blob/{tree.commit}"
    if given.todo.issues and report.debts is not None:
        wished = reminders.wanted(report.debts, given.todo, address)
        failed, spread = frozenset(p.path for p in report.problems), here.spread
        is_unread = lambda path: path in failed or promised.is_unread(tree, path, spread)  # noqa: E731 -- one line
        is_paused = pausing.whole(asked.outside.pauses) is not None
        reminding.attend(here, job, repo, wished, is_unread, quiet=is_paused)
    if not given.dashboard:
        return owed.NOTHING
    return replace(owed.digest(report.debts or (), asked.blame, owners.found(tree)), address=address)


def mirror(here: World, repo: Repo) -> Path:
    """Return the folder of a repository's mirror."""
    return here.settings.data_dir / "mirrors" / f"{repo.about.repository.id}.git"


def _report(asked: scan.Request, found: configured.Configured) -> Report:
    """Scan, or let the repository decide about its kotsu.yml first."""
    if not onboarding.comes_first(asked.past, asked.config, found.own):
        return scan.run(replace(asked, past=[p for p in asked.past if p.key != onboarding.KEY]))
    pause = pausing.whole(asked.outside.pauses)
    if alone := onboarding.left_alone(asked.past, asked.wanted, asked.now, pause):
        return alone
    rest = tuple(one for one in asked.outside.pauses if one is not pause)  # what follows when it goes on
    quiet = replace(asked, outside=replace(asked.outside, pauses=rest), past=(), everything=True)
    quiet = replace(quiet, proofs=onboarding.SHOWN, background=background.nothing, compare=ride.nothing)
    quiet = replace(quiet, freight=freight.EMPTY, history=timings.nothing)
    return onboarding.report(scan.run(quiet), asked.config)


def _stopped(found: configured.Configured) -> WithheldRow:
    """Return what is withheld where nobody can tell what a mistake in kotsu.yml is about."""
    broken = next(b for b in found.broken if b.sound is None)
    first = broken.mistakes[0]
    # What another repository's file says, not everybody who reads here may know.
    words = f": {first.message}" if broken.source == found.own else ""
    sentence = f"Nothing is proposed until `{broken.source}` is mended, at line {first.line}{words}."
    return WithheldRow("kotsu.yml", "", "Everything", Reason.BROKEN_CONFIGURATION.id, sentence)


def request(here: World, repo: Repo, tree: snapshot.Mirror, given: Config) -> scan.Request:
    """Return what to scan a tree with, as if nothing had been proposed before."""
    own, recent = here.settings, wheels.Recent()
    return scan.Request(
        tree=tree,
        catalogue=discover.select(here.catalogue, given),
        config=given,
        now=here.clock(),
        lookup=partial(lookup.answer, given=own),
        advise=partial(advisories.answer, source=own.advisories_url, store=own.data_dir / "advisories"),
        solver=solver.on(own.index_url, own.data_dir / "resolver", own.extra_index_urls),
        background=background.asking(own, background.Forge(repo.home, partial(_notes, repo))),
        migrations=here.catalogue,
        compare=wheels.asking(own, recent=recent),
        freight=shipments.asking(own, recent=recent),
        subjects=repo.subjects(),
        branch=repo.about.repository.default_branch,
        track=tickets.asking(
            partial(_ticket, repo),
            Remembered(here),
            repo.about.repository.id,
            here.clock().date(),
            name=repo.about.repository.full_name,
        ),
        history=run_history.History(repo.checks.history, Remembered(here), repo.about.repository.id).known,
        memory=Remembered(here),
        spread=here.spread,
        blame=authors.remembered(partial(_blame, repo, tree.commit), tree, Remembered(here)),
    )


def _blame(repo: Repo, commit: str, path: str) -> Sequence[Blame] | None:
    """Return who wrote which lines; a line's age is nice to know, and no reason to fail."""
    try:
        return repo.blame(commit, path)
    except GitHubError as error:
        log.info("age of lines unknown", reason=str(error))
        return None


def _ticket(repo: Repo, mention: Mention) -> Ticket | None:
    """Return what became of an issue; no reason to fail."""
    try:
        return repo.talk.ticket(mention)
    except GitHubError as error:
        log.info("issue unknown", issue=str(mention), reason=str(error))
        return None


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


def _base(here: World, repo: Repo, tree: snapshot.Mirror) -> publish.Base:
    modes = {path: blob.mode for path, blob in tree.blobs.items()}
    return publish.Base(repo.about.repository.default_branch, tree.commit, modes, mirror(here, repo))


def _endings(here: World, repo: Repo, report: Report, given: Config) -> list[obsolete.Ending]:
    rows = here.book.proposals(repo.about.repository.id, State.OPEN)
    numbers = {row.key: row.number for row in rows if row.number > 0}
    ran = discover.select(here.catalogue, given)
    return [*obsolete.asked(rows, report, given), *obsolete.found(rows, report, given, ran, numbers)]


def _close(here: World, job: Job, repo: Repo, base: publish.Base, endings: Sequence[obsolete.Ending]) -> None:
    """Close what is no longer needed; what is closed asks for another look, as there is room now."""
    for ending in endings:
        unneeded.close(here, job, repo, base, ending)


def _publish(  # noqa: PLR0913 -- all that is known of it
    here: World,
    job: Job,
    repo: Repo,
    tree: snapshot.Mirror,
    config: Config,
    *,
    report: Report,
    hurried: Collection[str],
) -> list[Withheld]:
    """Open and update what is proposed; return all that is withheld. What is ``hurried`` people wait for."""
    known, base = repo.about.repository, _base(here, repo, tree)
    rows = {row.key: row for row in here.book.proposals(known.id, State.OPEN)}
    withheld = list(report.withheld)
    missing: GitHubError | None = None
    for proposal in report.proposals:
        here.must_hold(job)
        row, asked_for = rows.get(proposal.key), proposal.key in hurried
        if full := admission.refused(here, known, config, proposal, row, hurried=asked_for):
            withheld.append(full)
            continue
        said = ""
        if row is None and (wait := _crowded(here, known.installation_id)):
            words = f"GitHub takes {_HOURLY} pull requests of one installation in an hour"
            missing = PassingError(words, wait)
            continue
        with logs.about(key=proposal.key):
            try:
                asked = _asked(job, proposal.key)
                said = _published(here, repo, base, proposal, row, asked=asked)
            except GoneError as error:
                # GitHub can be late to know what it was just told: the others go on, and this one is retried.
                missing = error
            else:
                _settle(here, job, proposal.key)
        if said:
            about = (proposal.key, proposal.improvement, proposal.title)
            withheld.append(Withheld(*about, Reason.LEFT_ALONE, said))
        if missing is None:
            here.book.spending.release(known.id, proposal.key)
    here.book.replace_withheld(known.id, admission.rows(withheld, here.clock()))
    if missing:
        raise missing
    return withheld


def _begun(done: publish.Published, row: ledger.ProposalRow | None, now: datetime) -> Mapping[str, object]:
    """Return what the ledger learns of a new head: it is to be looked at, though no event may come."""
    pull = done.pull
    if row is not None and (row.number, row.head_sha) == (pull.number, pull.head_sha):
        return {}
    stage = Stage.BRANCH if pull.number < 0 else Stage.DRAFT if pull.draft else Stage.READY
    return {"due": now} | ({"stage": stage} if row is None or row.number != pull.number else {})


def _crowded(here: World, installation_id: int) -> timedelta | None:
    """Return how long the next pull request has to wait for the hour to have room, None when it need not."""
    opened = here.book.newest(installation_id, _HOURLY)
    if len(opened) < _HOURLY or not here.settings.pace:
        return None
    left = opened[-1] + timedelta(hours=1) - here.clock()
    return left if left > timedelta() else None


_ASKED = {"recreate": publish.Asked.RECREATE, "rebase": publish.Asked.REBASE}


def _settle(here: World, job: Job, key: str) -> None:
    """Note that what was asked of a key is done: the job may run again, and a person may push before."""
    for name in _ASKED:
        if job.detail.get(name):
            here.book.strike(job, name, key)


def _asked(job: Job, key: str) -> publish.Asked:
    """Return what people asked of a key; the job's detail has it since they did."""
    for name, asked in _ASKED.items():
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
    about = {**marker.metadata(proposal.body), "minutes": proposal.minutes}
    follow_up.save(
        here.book,
        repo.about.repository.id,
        done.pull,
        proposal.key,
        about,
        here.clock(),
        versions=proposal.versions,
        cost=proposal.cost,
        team=proposal.team,
        overdraft=proposal.overdraft,
        automerge=proposal.automerge,
        wanted=proposal.reviewers,
        # A new head is looked at now: of two moments, the earlier counts.
        **{**_more(here, done, row), **_begun(done, row, here.clock())},
    )
    for note in done.notes:
        log.warning("pull request open, but not complete", reason=note)
    log.info("pull request opened" if done.created else "pull request found", number=done.pull.number)
    return ""


def _more(here: World, done: publish.Published, row: ledger.ProposalRow | None) -> Mapping[str, object]:
    """Return what else is to be remembered: our own commit, and when to ask again for what GitHub owes."""
    more: dict[str, object] = {"written": done.written} if done.written else {}
    soon = here.clock() + unsure.STEPS[0]
    if done.unsure and (row is None or row.due is None or row.due > soon):
        more["due"] = soon
    return more
