"""Leads an installation's campaigns: reads them from the organisation's file, and opens wave after wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from workers import campaigns, checks, config, configured, follow_up, history, logs, parting
from workers.answered import Word
from workers.campaigns import Course, Member, Stand, Standing
from workers.config import Broken
from workers.github import GoneError, Repo
from workers.ledger import Job, ProposalRow, RepositoryRow
from workers.ledger import Standing as Place
from workers.messages import Priority, Repository
from workers.model import State
from workers.parting import Ours
from workers.wants import Campaign
from workers.world import World

_AGAIN = timedelta(hours=1)
"""After how long a campaign that waits is looked at by itself: checks of a default branch tell nobody."""
_PATIENCE = timedelta(days=1)
"""After how long a default branch on which nothing is checked counts as green."""

log = logs.get(__name__)


def attend(here: World, job: Job) -> None:
    """Look at the campaigns of the job's installation, and let each go as far as it may."""
    installation_id = job.installation_id or 0
    declare(here, installation_id)
    for course in here.book.campaigns.of(installation_id):
        _lead(here, job, course)


def declare(here: World, installation_id: int) -> None:
    """Learn which campaigns the organisation's file names; nothing changes where it cannot be read.

    With a mistake in one campaign the others go on, and none is forgotten: its name may be what is wrong.
    """
    said = _said(here, installation_id)
    if said is None:
        return
    wanted, written, is_whole = said
    known = {course.name: course for course in here.book.campaigns.of(installation_id)}
    for name in known.keys() - wanted.keys() if is_whole else ():
        here.book.campaigns.forget(installation_id, name)
    now = here.clock()
    for name, campaign in wanted.items():
        course = known.get(name)
        if course is None or course.declared != campaigns.fingerprint(campaign):
            # Where the ledger was lost, what was closed since the file was written has stopped it before.
            started = now if known else min(written or now, now)
            begun = campaigns.begun(installation_id, name, campaign, started, now)
            here.book.campaigns.save(replace(begun, due=now))
            for place in _places(here, begun):
                here.scan_soon(place.id, installation_id, Priority.SCHEDULE)
            log.info("campaign begun", campaign=name)


def _said(here: World, installation_id: int) -> tuple[Mapping[str, Campaign], datetime | None, bool] | None:
    """Return the campaigns, when they were written, and whether these are all; None where nobody knows."""
    home = next((p for p in here.book.repositories(installation_id) if p.name == config.COMMON), None)
    if home is None or home.state == Place.REMOVED:
        return {}, None, True
    try:
        with here.app.open(installation_id, home.id) as repo:
            path, read = configured.said(repo)
            holds = read.sound if isinstance(read, Broken) else read
            written = repo.heads.changed(path) if path else None
    except GoneError as error:
        log.info("campaigns unknown", reason=str(error))
        return None
    return (holds.campaigns, written, holds is read) if holds else None


def _places(here: World, course: Course) -> list[RepositoryRow]:
    """Return the repositories that take part and can."""
    return [
        place
        for place in here.book.repositories(course.installation_id)
        if place.state == Place.ACTIVE and course.covers(place.full_name)
    ]


def _lead(here: World, job: Job, course: Course) -> None:
    if course.state is Stand.STOPPED:
        _take_back(here, job, course)
        here.book.campaigns.save(replace(course, due=here.clock() + _AGAIN))
        return
    while course.state is Stand.RUNNING:
        before = {id_ for wave in course.waves for id_ in wave}
        places = {place.id: place for place in _places(here, course)}
        members = [_member(here, course, place) for place in places.values()]
        course = campaigns.advanced(course, members, here.clock())
        here.must_hold(job)
        here.book.campaigns.save(replace(course, due=here.clock() + _AGAIN))
        opened = [places[id_] for wave in course.waves for id_ in wave if id_ not in before]
        for place in opened:
            here.scan_soon(place.id, course.installation_id, Priority.SCHEDULE)
        log.info("campaign looked at", campaign=course.name, state=course.state.value, reason=course.reason)
        if not opened:
            break
    if course.state is Stand.STOPPED:
        log.warning("campaign stopped", campaign=course.name, reason=course.reason)
        for place in _places(here, course):
            here.scan_soon(place.id, course.installation_id, Priority.SCHEDULE)
        _take_back(here, job, course)


def _member(here: World, course: Course, place: RepositoryRow) -> Member:
    """Return how a repository fares; GitHub is asked only where the next wave depends on it."""
    known = here.book.proposals(place.id)
    rows = [row for row in known if course.is_about(row.key)]
    scan = next((s for s in here.book.scans(place.id) if s.outcome), None)
    kept = [(row.key, row.reason) for row in here.book.withheld(place.id)]
    found = campaigns.standing(campaigns.seen(course, known, scan, kept, here.clock()))
    if found is Standing.MERGED and scan and place.id in course.waves[-1]:
        merged = max((r.closed_at for r in rows if r.closed_at and r.state == State.MERGED), default=None)
        found = _proven(here, place, scan.head_sha, rows, merged or here.clock())
    return Member(place.id, place.full_name, found)


def _proven(
    here: World, place: RepositoryRow, scanned: str, rows: Sequence[ProposalRow], merged: datetime
) -> Standing:
    """Return whether what was merged proved itself on the default branch."""
    try:
        with here.app.open(place.installation_id, place.id) as repo:
            head = repo.branch(repo.about.repository.default_branch)
            if head != scanned:
                here.scan_soon(place.id, place.installation_id, Priority.SCHEDULE)
                return Standing.UNPROVEN
            if _is_reverted(repo.subjects(), [row.title for row in rows if row.state == State.MERGED]):
                return Standing.BROKEN
            runs = repo.checks.runs(head)
    except GoneError:
        return Standing.IDLE
    stand = {checks.standing(own) for own in checks.by_name(runs).values()}
    if checks.Standing.FAILED in stand:
        return Standing.RED
    is_over = stand.isdisjoint({checks.Standing.QUEUED, checks.Standing.RUNNING})
    late = here.clock() - merged >= _PATIENCE
    return Standing.MERGED if is_over and (stand or late) else Standing.UNPROVEN


def _is_reverted(subjects: Sequence[str], titles: Sequence[str]) -> bool:
    """Say whether one of the newest commits takes one of these back, as GitHub's button calls it."""
    return any(s.startswith(f'Revert "{title}') for title in titles for s in subjects)


def _take_back(here: World, job: Job, course: Course) -> None:
    """Close what a stopped campaign has open, but for what a person has worked on."""
    words = f"The campaign was stopped, so this is taken back: {course.reason}."
    for place, row in _open(here, course):
        try:
            with here.app.open(place.installation_id, place.id) as repo:
                _close(here, job, repo, row, words)
        except GoneError as error:
            log.info("pull request not taken back", number=row.number, reason=str(error))


def _open(here: World, course: Course) -> Iterator[tuple[RepositoryRow, ProposalRow]]:
    opened = {id_ for wave in course.waves for id_ in wave}
    for place in _places(here, course):
        for row in here.book.proposals(place.id, State.OPEN) if place.id in opened else ():
            if course.is_about(row.key):
                yield place, row


def _close(here: World, job: Job, repo: Repo, row: ProposalRow, words: str) -> None:
    if row.number < 0:
        parting.drop(here, job, repo, row, Word.CAMPAIGN)
        return
    pull = repo.pull(row.number)
    kept = pull.state != State.OPEN or parting.is_reopened(repo, pull)
    if not kept and history.is_ours(repo.commits.read(pull.head_sha)):
        parting.close(Ours(here, job, repo, pull, row), Word.CAMPAIGN, sentence=words)
        log.info("pull request taken back", number=row.number)
    elif pull.state == State.CLOSED:
        parting.end(Ours(here, job, repo, pull, row))
    follow_up.learn(here.book, repo, row.number, here.clock())


def after_scan(here: World, known: Repository) -> None:
    """Look at campaigns after a scan of a repository that one waits for."""
    said = campaigns.turns(here.book.campaigns.of(known.installation_id), known.id, known.full_name)
    if any(turn.course.state is Stand.RUNNING for turn in said):
        here.campaign_soon(known.installation_id)
