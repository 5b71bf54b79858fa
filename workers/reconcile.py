"""Compares what GitHub has with what the ledger knows, so that missed webhooks cost minutes and no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from workers import logs, polling
from workers.github import About, GoneError, LimitedError, PassingError
from workers.github.hook import Installed
from workers.ledger import InstallationRow, Job, Ledger, RepositoryRow, Standing
from workers.ledger.marks import RECONCILED
from workers.messages import Kind, Priority, install_key, remove_key
from workers.world import World

EVERY = timedelta(minutes=5)
"""After how long GitHub is asked again; half of what an outage may cost once it is over."""
_MOST = 50
"""Deliveries that are asked for again at a time: each may bring a job, and all at once would be a flood."""
_LATE = timedelta(minutes=1)
"""For how long an attempt may be under way, and be listed behind younger ones."""
_RETRIED = timedelta(days=1)
"""After how long what is skipped for a reason of its own is tried again by itself."""

log = logs.get(__name__)


def soon(here: World) -> None:
    """Queue a comparison, if the last one is long enough ago."""
    seen, at = here.book.marks.read(RECONCILED)
    every = min(EVERY, timedelta(seconds=here.settings.poll or EVERY.total_seconds()))
    if at is None or here.clock() - at >= every:
        here.book.marks.set(RECONCILED, seen, here.clock())
        here.send(here.book.enqueue(Kind.RECONCILE, RECONCILED, here.clock(), priority=Priority.MERGE))


def last(book: Ledger) -> datetime | None:
    """Return when a worker last set out to compare, which one that lives does every few minutes."""
    return book.marks.read(RECONCILED)[1]


def run(here: World, job: Job) -> None:
    """Ask again for deliveries that failed, then compare installations, repositories and their heads."""
    if not here.settings.poll:
        _deliveries(here, job)
    known = {row.id: row for row in here.book.installations()}
    listed = {found.id: found for found in here.app.hook.installations()}
    resting = here.book.quotas.resting(here.clock())
    for found in listed.values():
        _installation(here, found, known.get(found.id), rests=found.id in resting)
    for row in known.values():
        # An empty list can be a mishap of GitHub's, and what is forgotten here is forgotten for good.
        if row.id not in listed and row.state != Standing.REMOVED and here.app.hook.is_gone(row.id):
            here.book.set_installation(row.id, row.account, Standing.REMOVED, here.clock())
            _enqueue(here, Kind.REMOVE, remove_key(row.id), row.id)


def _deliveries(here: World, job: Job) -> None:
    """Ask once more for events that were never taken, the oldest first and the others next time.

    What the ledger has is not asked for: the answer alone was lost. As long as nobody is there to take it, it
    is asked for again the next time; what is refused twice is left to the comparison.
    """
    seen, _ = here.book.marks.read(RECONCILED)
    told = sorted(here.app.hook.deliveries(int(seen or 0)), key=lambda one: one.id)
    settled = {one.guid for one in told if one.taken or one.refused}
    settled |= here.book.marks.recorded({one.guid for one in told} - settled)
    asked = 0
    for one in told:
        if one.guid not in settled:
            if asked == _MOST:
                break
            settled.add(one.guid)
            here.must_hold(job)
            _redeliver(here, one.id)
            asked += 1
        if here.clock() - one.at > _LATE:
            seen = str(one.id)
    if told:
        here.book.marks.set(RECONCILED, seen, here.clock())


def _redeliver(here: World, delivery_id: int) -> None:
    try:
        here.app.hook.redeliver(delivery_id)
        log.info("delivery asked for again", number=delivery_id)
    except GoneError as error:
        log.info("delivery is lost", number=delivery_id, reason=str(error))


def _installation(here: World, found: Installed, row: InstallationRow | None, *, rests: bool) -> None:
    wanted = Standing.SUSPENDED if found.suspended else Standing.ACTIVE
    if row is None or row.state != wanted:
        here.book.set_installation(found.id, found.account, wanted, here.clock())
        if not found.suspended:
            _enqueue(here, Kind.INSTALL, install_key(found.id), found.id)
    elif not found.suspended and not rests:
        try:
            _repositories(here, found.id)
            if here.settings.poll:
                polling.listen(here, found.id)
        except GoneError as error:
            log.info("installation not compared", installation=found.id, reason=str(error))
        except LimitedError as error:
            log.warning("installation rests", installation=found.id, reason=str(error))
            here.book.quotas.refused(found.id, here.clock(), error.asked, str(error)[:500])
        except PassingError as error:
            # One tenant's limits or troubles are no other's.
            log.warning("installation not compared", installation=found.id, reason=str(error))
        else:
            if row.reason:
                here.book.set_installation(found.id, found.account, wanted, here.clock())


def _repositories(here: World, installation_id: int) -> None:
    known = {row.id: row for row in here.book.repositories(installation_id)}
    listed = {about.repository.id: about for about in here.app.repositories(installation_id)}
    worked_on = {id_: about for id_, about in listed.items() if not about.skipped}
    heads = here.app.heads(
        installation_id, {id_: (a.repository.owner, a.repository.name) for id_, a in worked_on.items()}
    )
    for id_, about in listed.items():
        _repository(here, about, known.get(id_), heads.get(id_))
    _removed(here, installation_id, (row for row in known.values() if row.id not in listed))


def _repository(here: World, about: About, row: RepositoryRow | None, head: str | None) -> None:
    """Write what changed of a repository, and look at it where its default branch did."""
    found, now = about.repository, here.clock()
    if about.skipped:
        if row is None or (row.state, row.reason) != (Standing.SKIPPED, about.skipped):
            here.book.upsert_repository(found, now, Standing.SKIPPED, about.skipped)
        return
    if row is None or row.repository != found or row.state == Standing.REMOVED:
        here.book.upsert_repository(found, now)
    elif _rests(row, now) or head in {scan.head_sha for scan in here.book.scans(found.id, 1)}:
        return
    if head is not None:
        here.scan_soon(found.id, found.installation_id, Priority.MERGE)


def _rests(row: RepositoryRow, now: datetime) -> bool:
    """Say whether a repository was skipped not long ago for what a scan found out."""
    return row.state == Standing.SKIPPED and not row.is_left and now - row.updated < _RETRIED


def _removed(here: World, installation_id: int, rows: Iterable[RepositoryRow]) -> None:
    gone = [row.id for row in rows if _is_gone(here, row)]
    if gone:
        key = remove_key(installation_id, repositories=True)
        _enqueue(here, Kind.REMOVE, key, installation_id, repositories=gone)


def _is_gone(here: World, row: RepositoryRow) -> bool:
    try:
        with here.app.open(row.installation_id, row.id):
            return False
    except GoneError:
        return True


def _enqueue(here: World, kind: Kind, key: str, installation_id: int, **detail: object) -> None:
    job_id = here.book.enqueue(
        kind, key, here.clock(), installation_id=installation_id, priority=Priority.MERGE, detail=detail
    )
    here.send(job_id)
