"""Does the jobs: each is claimed for a while, done so that doing it twice does no harm, and closed."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from workers import (
    answering,
    attend,
    board,
    campaigning,
    enrolment,
    evaluating,
    foresight,
    git,
    ledger,
    logs,
    reconcile,
    sparing,
    tracing,
    visit,
)
from workers.github import GitHubError, GoneError, Known, LimitedError, LockedOutError, PassingError, Repo
from workers.ledger import Job, Standing
from workers.messages import Kind, Priority
from workers.world import DroppedError, LostError, Send, UnknownAppError, World, world

LEASE = timedelta(seconds=30)
"""How long a job belongs to a worker that does not renew.

A killed worker's job waits as long and then for the sweep, 45 seconds at most, so that it runs again within
a minute on a busy fleet too. Three renewals may fail before it is lost: a machine may stand still, a database
be slow, and clocks differ, for 23 seconds together. Where it takes longer, another worker begins anew, and
this one writes nothing more.
"""
_RENEWED = 7.0
_WALL = timedelta(hours=1)
"""How long a job may take as a whole: each of its steps has a limit, and there may be many."""
_BACKOFF = (10, 60, 300, 1800)
_AGAIN = frozenset({Kind.SCAN, Kind.FOLLOW_UP, Kind.DASHBOARD})
"""What is done of one repository or pull request again and again, mostly without anything new."""

log = logs.get(__name__)


def run(job_id: int, send: Send) -> None:
    """Do one job: a hint about one is a hint that there are some."""
    with _waiting_for_the_app():
        perform(world(send), job_id)


def sweep(send: Send) -> None:
    """Queue what is due by the clock, and hint again about every job that waits: the broker loses some."""
    with _waiting_for_the_app():
        look_around(world(send))


@contextmanager
def _waiting_for_the_app() -> Iterator[None]:
    """Leave what is to be done to a later sweep while nobody has set up the App."""
    try:
        yield
    except UnknownAppError as error:
        log.info("nothing is done yet", reason=str(error))


def look_around(here: World) -> None:
    """Do what is to be done every few seconds; a database that does not answer is asked the next time."""
    try:
        wake(here)
        reconcile.soon(here)
        evaluating.soon(here)
        now = here.clock()
        for job_id in here.book.due(now):
            here.send(job_id)
        here.book.prune(now)
    except ledger.Unavailable as error:
        log.warning("nothing is swept: the database does not answer", reason=str(error))


def wake(here: World) -> None:
    """Queue a look at every repository, campaign and pull request whose time has come."""
    now = here.clock()
    for place in here.book.due_repositories(now):
        # What fails to be looked at is a job's own concern: the clock has said what it has to say, once the
        # job is there. Killed between the two, it says the same again.
        here.scan_soon(place.id, place.installation_id, Priority.SCHEDULE)
        here.book.look_again(place.id, None, after=place.due)
    for installation_id in here.book.campaigns.due(now):
        here.campaign_soon(installation_id)
        here.book.campaigns.looked_at(installation_id, now)
    for row in here.book.due_proposals(now):
        place_of = here.book.repository(row.repository_id)
        if place_of is not None:
            here.attend_soon(place_of, row.number)
        here.book.told(row)


def perform(here: World, job_id: int) -> None:
    """Claim the job whose turn it is and do it; whatever happens is written down, and nothing is lost.

    The hint may be about another: a queue of hints knows of no turns.
    """
    try:
        _perform(here)
        for waiting in here.book.due(here.clock(), limit=1):
            here.send(waiting)
    except ledger.Unavailable as error:
        log.warning("job left to its lease: the database does not answer", hint=job_id, reason=str(error))


def _perform(here: World) -> None:
    job = here.book.claim(here.owner, here.clock(), LEASE)
    if job is None:
        return
    with logs.about(job=job.id, key=job.key, **_delivery(job)), _renewing(here, job):
        try:
            _do(here, job)
        except LostError:
            log.warning("job lost to another worker")
        except LockedOutError as error:
            log.error("GitHub does not know us", reason=str(error))  # noqa: TRY400 -- no bug of ours
            if job.installation_id is not None:
                here.book.pause(job.installation_id, str(error), here.clock())
            _later(here, job, error)
        except PassingError as error:
            log.info("job waits", reason=str(error))
            _later(here, job, error)
        except DroppedError as error:
            log.info("job dropped", reason=str(error))
            _drop(here, job, str(error))
        except (GitHubError, git.GitError) as error:
            log.warning("job failed", reason=str(error))
            here.book.retry(job, str(error)[:500], here.clock(), _delay(job))
        except Exception as error:  # noqa: BLE001 -- what nobody foresaw is written down, and tried again
            here.book.retry(job, _noted(error)[:500], here.clock(), _delay(job))
        else:
            here.book.finish(job, here.clock())


def _noted(error: Exception) -> str:
    """Log what nobody foresaw and return it in words; a full disk is no bug of ours."""
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        log.error("job failed", exc_info=error)
        return f"{type(error).__name__}: {error}"
    where = error.filename or "a temporary file"
    advice = "make room there, or set KOTSU_DATA_DIR and TMPDIR to where there is some"
    reason = f"{where} cannot be written ({error.strerror}): {advice}"
    log.warning("job failed", reason=reason)
    return reason


def _do(here: World, job: Job) -> None:
    """Do a job; a database that goes away meanwhile is no fault of the job's, and no try of it."""
    about = {"installation": job.installation_id, "repository": job.repository_id, "tries": job.tries}
    try:
        with tracing.span(f"job {job.kind.value}", job.detail.get("delivery"), job=job.id, **about):
            _DO[job.kind](here, job)
    except ledger.Unavailable as error:
        raise PassingError(f"The database did not answer: {error}"[:500], _delay(job)) from None


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
        return
    until = here.clock() + error.after
    if isinstance(error, LimitedError) and job.installation_id is not None:
        # Its other jobs wait as well: whoever goes on asking is shut out for longer.
        until = here.book.quotas.refused(job.installation_id, here.clock(), error.asked, str(error)[:500])
    here.book.postpone(job, str(error), until)


def _spare(here: World, job: Job, repo: Repo) -> None:
    """Keep what is left of the hour's requests for people, once it is little."""
    found = sparing.spared(repo.left, here.clock())
    if found and job.installation_id is not None:
        log.info("requests are spared", reason=found.words, until=found.until.isoformat())
        quotas = here.book.quotas
        (quotas.rest if found.everybody else quotas.spare)(job.installation_id, found.until, found.words)


def _delay(job: Job) -> timedelta:
    return timedelta(seconds=_BACKOFF[min(job.tries, len(_BACKOFF) - 1)])


@contextmanager
def _renewing(here: World, job: Job) -> Iterator[None]:
    """Renew the lease while the job is done."""
    done, begun = threading.Event(), here.clock()

    def renew() -> None:
        while not done.wait(_RENEWED):
            try:
                if not _renewed(here, job, begun):
                    return
            except ledger.Unavailable:
                log.warning("lease not renewed: the database does not answer")

    thread = threading.Thread(target=renew, name=f"kotsu-lease-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renewed(here: World, job: Job, begun: datetime) -> bool:
    """Renew the lease of a job, or give it up for its worker: that finds it lost before its next write."""
    if here.clock() - begun < _WALL:
        here.book.renew(job, here.clock(), LEASE)
        return True
    reason = f"It was not done within {_WALL.total_seconds() / 60:.0f} minutes."
    log.warning("job given up", reason=reason)
    here.book.retry(job, reason, here.clock(), _delay(job))
    return False


@contextmanager
def _opened(here: World, job: Job) -> Iterator[Repo]:
    """Open the job's repository; what is gone later than here may be a moment's absence, and is retried."""
    known = _known(here, job)
    with ExitStack() as stack:
        try:
            repo = stack.enter_context(here.app.open(job.installation_id or 0, job.repository_id or 0, known))
        except GoneError as error:
            raise DroppedError(f"GitHub does not let us see this repository: {error}") from None
        stack.callback(_spare, here, job, repo)
        yield repo
    if (kept := known.kept()) is not None:
        here.book.answers.keep(job.repository_id or 0, job.key, kept, here.clock())


def _known(here: World, job: Job) -> Known:
    """Return what GitHub answered when this was done the last time, of what is done again and again."""
    again = job.kind in _AGAIN and job.repository_id is not None
    return Known(here.book.answers.recall(job.repository_id or 0, job.key) if again else None)


def _scan(here: World, job: Job) -> None:
    with _opened(here, job) as repo:
        visit.look(here, job, repo)


def _configuration(here: World, job: Job) -> None:
    with _opened(here, job) as repo:
        foresight.look(here, job, repo)


def _follow_up(here: World, job: Job) -> None:
    with _opened(here, job) as repo:
        attend.attend(here, job, repo)


def _command(here: World, job: Job) -> None:
    with _opened(here, job) as repo:
        answering.answer(here, job, repo)


def _dashboard(here: World, job: Job) -> None:
    with _opened(here, job) as repo:
        board.attend(here, job, repo)


_DO: Mapping[Kind, Callable[[World, Job], None]] = {
    Kind.INSTALL: enrolment.install,
    Kind.SCAN: _scan,
    Kind.FOLLOW_UP: _follow_up,
    Kind.COMMAND: _command,
    Kind.DASHBOARD: _dashboard,
    Kind.CONFIGURATION: _configuration,
    Kind.CAMPAIGN: campaigning.attend,
    Kind.EVALUATE: evaluating.run,
    Kind.RECONCILE: reconcile.run,
    Kind.REMOVE: enrolment.remove,
}
