"""Looks each day at what became of everything, and lets pause what few people want."""

from __future__ import annotations

from datetime import timedelta

from workers import logs
from workers.evaluation import learning, pausing
from workers.ledger import Job
from workers.ledger.marks import EVALUATED
from workers.messages import Kind
from workers.world import World

_EVERY = timedelta(days=1)
"""After how long it is looked at again though nothing happened: time alone decides some."""
_SOONEST = timedelta(minutes=10)
"""After how long at the earliest, where something ended: people close many in a row."""
_ENDED = ("merged", "closed", "reverted", "broke", "mended")

log = logs.get(__name__)


def soon(here: World) -> None:
    """Queue a look, where anything ended since the last one or that was long ago."""
    seen, now = here.book.marks.read(EVALUATED)[1], here.clock()
    if seen is not None and now - seen < _SOONEST:
        return
    is_late = seen is not None and now - seen >= _EVERY
    if is_late or here.book.history.has(_ENDED, seen):
        job_id = here.book.enqueue(Kind.EVALUATE, EVALUATED, now)
        here.book.marks.set(EVALUATED, "", now)
        here.send(job_id)


def run(here: World, job: Job) -> None:
    """Remember what people merge, and let pause what few want, once however often it is looked at."""
    outlines, now = here.book.outlines.read(), here.clock()
    told = learning.liked(outlines, now)
    here.book.remember({learning.key(id_): learning.written(liked) for id_, liked in told.items()}, now)
    for found in pausing.wanting(outlines, here.book.pauses.read(), now):
        here.must_hold(job)
        pauses, whose = here.book.pauses, found.whose
        merged, decided = found.merged, found.decided
        if pauses.begin(
            found.installation_id,
            found.improvement,
            now,
            merged=merged,
            decided=decided,
            team=whose.team,
            place=whose.place,
        ):
            log.info("improvement pauses", improvement=found.improvement, merged=merged, decided=decided)
