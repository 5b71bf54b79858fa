"""Does the jobs: each is claimed for a while, done so that doing it twice does no harm, and closed."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from codemods import registry
from codemods.model import Tree
from workers import (
    advisories,
    background,
    config,
    discover,
    follow_up,
    git,
    ledger,
    logs,
    lookup,
    publish,
    scan,
    settings,
    snapshot,
    solver,
)
from workers.config import Broken, Config
from workers.github import App, GitHubError, GoneError, PassingError, RefusedError, Repo
from workers.ledger import Job, Ledger, Standing, WithheldRow
from workers.messages import Kind, Priority, scan_key
from workers.model import Blame, Note, Proposal, Reason, Report, State
from workers.settings import Settings
from workers.spread import Processes

LEASE = timedelta(seconds=90)
"""How long a job belongs to a worker that does not renew; a killed worker's job waits as long."""
_RENEWED = 20.0
_BACKOFF = (10, 60, 300, 1800)
_CHECK = "Kotsu configuration"

log = logs.get(__name__)


class LostError(Exception):
    """The job was given to another worker meanwhile: this one must not write any more."""


class DroppedError(Exception):
    """What the job is about is not there, or not for us; the text is the sentence people read."""


Send = Callable[[int], object]
"""Hints that a job waits, by its id; the ledger has the job, whatever becomes of the hint."""


@dataclass(frozen=True)
class World:
    """What a worker has at hand: settings, ledger, GitHub, and the improvements."""

    settings: Settings
    book: Ledger
    app: App
    catalogue: discover.Catalogue = field(default_factory=registry.catalogue)
    send: Send = lambda _: None
    spread: discover.Spread = map
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")


@cache
def world(send: Send) -> World:
    """Return the world of this process, made from the environment."""
    given = settings.read()
    settings.required(given, "app_id", "private_key")
    logs.redact(*given.secrets)
    key, api_url = given.private_key, given.github_api_url
    app = App(api_url, given.app_id or 0, key, redact=logs.redact, pace=given.pace)
    catalogue = registry.catalogue()
    spread = Processes(modules=[i.module.__name__ for i in catalogue.values()])
    return World(given, ledger.open(given.database_url), app, catalogue, send, spread)


def run(job_id: int, send: Send) -> None:
    """Do one job, if it is still there to be done."""
    perform(world(send), job_id)


def sweep(send: Send) -> None:
    """Hint again about every job that waits: whatever the broker lost is in the ledger."""
    here = world(send)
    now = here.clock()
    for job_id in here.book.due(now):
        here.send(job_id)
    here.book.prune(now)


def perform(here: World, job_id: int) -> None:
    """Claim a job and do it; whatever happens is written down, and nothing is lost."""
    try:
        _perform(here, job_id)
        for waiting in here.book.due(here.clock(), limit=1):
            here.send(waiting)
    except ledger.Unavailable as error:
        log.warning("job left to its lease: the database does not answer", job=job_id, reason=str(error))


def _perform(here: World, job_id: int) -> None:
    job = here.book.claim(here.owner, here.clock(), LEASE, job_id)
    if job is None:
        return
    with logs.about(job=job.id, key=job.key, **_delivery(job)), _renewing(here, job):
        try:
            _DO[job.kind](here, job)
        except LostError:
            log.warning("job lost to another worker")
        except PassingError as error:
            log.info("job waits", reason=str(error))
            _later(here, job, error)
        except DroppedError as error:
            log.info("job dropped", reason=str(error))
            _drop(here, job, str(error))
        except (GitHubError, git.GitError) as error:
            log.warning("job failed", reason=str(error))
            here.book.retry(job, str(error)[:500], here.clock(), _delay(job))
        except Exception as error:
            log.exception("job failed")
            here.book.retry(job, f"{type(error).__name__}: {error}"[:500], here.clock(), _delay(job))
        else:
            here.book.finish(job, here.clock())


def _drop(here: World, job: Job, reason: str) -> None:
    if job.repository_id is not None:
        here.book.set_state(job.repository_id, Standing.SKIPPED, reason, here.clock())
    here.book.finish(job, here.clock())


def _delivery(job: Job) -> Mapping[str, object]:
    known = {"delivery": job.detail.get("delivery"), "repository": job.repository_id}
    return {name: value for name, value in known.items() if value is not None}


def _later(here: World, job: Job, error: PassingError) -> None:
    if error.after is None:
        here.book.retry(job, str(error), here.clock(), _delay(job))
    else:
        here.book.postpone(job, str(error), here.clock() + error.after)


def _delay(job: Job) -> timedelta:
    return timedelta(seconds=_BACKOFF[min(job.tries, len(_BACKOFF)) - 1])


@contextmanager
def _renewing(here: World, job: Job) -> Iterator[None]:
    """Renew the lease while the job is done."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(_RENEWED):
            try:
                here.book.renew(job, here.clock(), LEASE)
            except ledger.Unavailable:
                log.warning("lease not renewed: the database does not answer")

    thread = threading.Thread(target=renew, name=f"kotsu-lease-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _install(here: World, job: Job) -> None:
    """List an installation's repositories, and queue a scan of each that is worked on."""
    installation_id = job.installation_id or 0
    try:
        listed = list(here.app.repositories(installation_id))
    except GoneError as error:
        raise DroppedError(f"GitHub does not let us see installation {installation_id}: {error}") from None
    for about in listed:
        standing = Standing.SKIPPED if about.skipped else Standing.ACTIVE
        here.book.upsert_repository(about.repository, here.clock(), standing, about.skipped)
        if not about.skipped:
            _queue_scan(here, about.repository.id, installation_id, Priority.SCHEDULE)


def _queue_scan(here: World, repository_id: int, installation_id: int, priority: Priority) -> None:
    job_id = here.book.enqueue(
        Kind.SCAN,
        scan_key(repository_id),
        here.clock(),
        installation_id=installation_id,
        repository_id=repository_id,
        priority=priority,
    )
    here.send(job_id)


def _remove(here: World, job: Job) -> None:
    """Forget what may no longer be seen."""
    removed = job.detail.get("removed")
    if isinstance(removed, list):
        here.book.remove_repositories([int(i) for i in removed], here.clock())
    elif job.installation_id is not None:
        here.book.remove_installation(job.installation_id, here.clock())


def _follow_up(here: World, job: Job) -> None:
    """Learn what became of a pull request; where one is done, there is room for the next."""
    with _opened(here, job) as repo:
        state = follow_up.learn(here.book, repo, int(str(job.detail["number"])), here.clock())
    if state in (State.MERGED, State.CLOSED):
        _queue_scan(here, repo.about.repository.id, job.installation_id or 0, Priority.MERGE)


@contextmanager
def _opened(here: World, job: Job) -> Iterator[Repo]:
    """Open the job's repository; what is gone later than here may be a moment's absence, and is retried."""
    with ExitStack() as stack:
        try:
            repo = stack.enter_context(here.app.open(job.installation_id or 0, job.repository_id or 0))
        except GoneError as error:
            raise DroppedError(f"GitHub does not let us see this repository: {error}") from None
        yield repo


def _scan(here: World, job: Job) -> None:
    """Look at one repository, and open what fits."""
    with _opened(here, job) as repo:
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
        log.info("repository scanned", outcome=outcome, commit=tree.commit, **counts)


def _look(here: World, job: Job, repo: Repo, tree: snapshot.Mirror) -> tuple[str, Mapping[str, int]]:
    given = _configuration(here, repo, tree)
    if isinstance(given, Broken):
        title = f"{given.source} has {len(given.mistakes)} mistake" + "s" * (len(given.mistakes) != 1)
        summary = f"Nothing is proposed until the file is mended.\n\n```text\n{given}\n```\n"
        repo.check(tree.commit, _CHECK, "failure", title, summary)
        return "broken configuration", {"mistakes": len(given.mistakes)}
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
            memory=_Memory(here),
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


def _configuration(here: World, repo: Repo, tree: Tree) -> Config | Broken:
    """Read the repository's kotsu.yml, else the organisation's, else take the defaults."""
    there = set(tree.paths())
    path = next((p for p in config.PATHS if p in there), None)
    if path is not None:
        return config.read(tree.read(path), path)
    known = repo.about.repository
    inherited = here.app.organisation_file(known.installation_id, known.owner, config.PATHS)
    if inherited is None:
        return config.defaults()
    path, data = inherited
    return config.read(data, f"{known.owner}/.github/{path}")


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
    missing: GoneError | None = None
    for proposal in report.proposals:
        if not here.book.holds(job):
            raise LostError
        said = ""
        with logs.about(key=proposal.key):
            try:
                said = _published(here, repo, base, proposal, rows.get(proposal.key))
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


def _published(
    here: World, repo: Repo, base: publish.Base, proposal: Proposal, row: ledger.ProposalRow | None
) -> str:
    """Open or update one pull request; return why it was left alone, ``""`` when it was not."""
    try:
        done = publish.open(repo, base, proposal, row)
    except (publish.LeftAloneError, RefusedError) as error:
        log.warning("proposal left alone", reason=str(error))
        return str(error)[:500]
    about = {**publish.metadata(proposal.body), "minutes": proposal.minutes}
    follow_up.save(here.book, repo.about.repository.id, done.pull, proposal.key, about)
    for note in done.notes:
        log.warning("pull request open, but not complete", reason=note)
    log.info("pull request opened" if done.created else "pull request found", number=done.pull.number)
    return ""


@dataclass(frozen=True)
class _Memory:
    """The ledger as the memory of scans."""

    here: World

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self.here.book.recall(keys, self.here.clock())

    def remember(self, items: Mapping[str, str]) -> None:
        self.here.book.remember(items, self.here.clock())


_DO: Mapping[Kind, Callable[[World, Job], None]] = {
    Kind.INSTALL: _install,
    Kind.SCAN: _scan,
    Kind.FOLLOW_UP: _follow_up,
    Kind.REMOVE: _remove,
}
