"""The work of the seeded organisation: its deliveries, its jobs and what they said, its scans and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from demo.seeded.town import INSTALLATION, NOW, RESTING, STOPPED, Place, Town
from workers.ledger import Job, Ledger, ProposalRow, WithheldRow
from workers.ledger.lines import LineRow
from workers.messages import Event, Kind, Priority, follow_up_key, scan_key

_LEASE, _OLD, _DAY = timedelta(seconds=30), timedelta(days=6), timedelta(days=1)
_WAITS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 1800)]
"""How long a job that failed waits for its next try."""
_HALF_HOURS = 60
_FAILURES = (
    "GitHub answered 502 five times: Bad Gateway.",
    "git: the remote end hung up unexpectedly.",
    "The package index did not answer within 30 s.",
    "",
)
"""Why jobs were given up, ``""``: their workers died over it."""
_EVENTS = ("push", "pull_request", "check_suite", "issue_comment", "status")


def write(book: Ledger, town: Town) -> None:
    """Write all of it, and leave some of it waiting, running and given up."""
    places = [place for place in town.places if not place.left]
    _deliveries(book, town, places)
    for number, place in enumerate(places):
        _looks(book, town, place, number)
    _given_up(book, places)
    _waiting(book, places)
    book.quotas.rest(RESTING, NOW + timedelta(minutes=17), "GitHub's hourly limit is spent.")
    book.marks.set("reconciled", "seeded", NOW - timedelta(minutes=4))


def _deliveries(book: Ledger, town: Town, places: Sequence[Place]) -> None:
    chance = town.chance("deliveries")
    for half_hour in range(_HALF_HOURS, 0, -1):
        at = NOW - timedelta(minutes=30 * half_hour - 27)
        events = [
            Event(
                f"seeded-{half_hour}-{number}",
                chance.choice(_EVENTS),
                installation_id=place.repository.installation_id,
                repository=place.repository,
            )
            for number, place in enumerate(chance.sample(places, min(len(places), chance.randint(2, 14))))
        ]
        book.record_all(events, at)


def _looks(book: Ledger, town: Town, place: Place, number: int) -> None:
    """Write the last looks at a repository: the newest has its job, and what that said."""
    chance, is_stopped = town.chance(f"looks {place.id}"), place.repository.full_name == STOPPED
    outcome = "broken configuration" if is_stopped else "done"
    newest = NOW - timedelta(minutes=20 + 4 * number, seconds=chance.randrange(60))
    rows, kept = book.proposals(place.id), book.withheld(place.id)
    for ago in (2, 1):
        started = newest - ago * _DAY
        scan = book.start_scan(place.id, f"{chance.getrandbits(160):040x}", started)
        counts = {"mistakes": 1} if is_stopped else _found(rows, kept, started)
        book.finish_scan(scan, outcome, counts, started + timedelta(seconds=chance.uniform(2, 40)))
    job = _begun(book, place, newest)
    scan = book.start_scan(place.id, f"{chance.getrandbits(160):040x}", newest, job.id)
    ended = newest + timedelta(seconds=chance.uniform(2, 25))
    counts = {"mistakes": 1} if is_stopped else _found(rows, kept, NOW)
    book.finish_scan(scan, outcome, counts, ended)
    book.lines.add(_said(job, place, newest, ended, outcome))
    book.finish(job, ended)
    book.look_again(place.id, newest + _DAY)


def _found(rows: Sequence[ProposalRow], kept: Sequence[WithheldRow], at: datetime) -> Mapping[str, int]:
    """Count what was open and what was withheld at a moment; what waits for no turn always was."""
    opened = [row for row in rows if row.opened_at <= at and (row.closed_at is None or row.closed_at > at)]
    withheld = [row for row in kept if row.since is None or row.since <= at]
    return {"proposals": len(opened), "withheld": len(withheld), "problems": 0}


def _begun(book: Ledger, place: Place, at: datetime) -> Job:
    _queued(book, Kind.SCAN, scan_key(place.id), place, at)
    return _claimed(book, at)


def _queued(book: Ledger, kind: Kind, key: str, place: Place, at: datetime) -> None:
    home = place.repository.installation_id
    book.enqueue(kind, key, at, installation_id=home, repository_id=place.id)


def _claimed(book: Ledger, at: datetime) -> Job:
    job = book.claim(f"worker-{at.minute % 3 + 1}", at, _LEASE)
    if job is None:
        raise LookupError("Nothing is left to claim: the ledger was not empty.")
    return job


def _said(job: Job, place: Place, began: datetime, ended: datetime, outcome: str) -> Sequence[LineRow]:
    name = {"repository": place.repository.full_name}
    half = began + (ended - began) / 2
    return [
        LineRow(job.id, began, "info", "job begins", {"kind": "scan", **name}),
        LineRow(job.id, half, "info", "tree read", {"files": 80 + place.id % 700, "remembered": 74}),
        LineRow(job.id, half, "info", "index asked", {"packages": 12 + place.id % 40, "cached": 9}),
        LineRow(job.id, ended, "info", "repository scanned", {"outcome": outcome, **name}),
    ]


def _given_up(book: Ledger, places: Sequence[Place]) -> None:
    """Let each fail, or its worker die, until it is given up."""
    for number, error in enumerate(_FAILURES):
        place, at = places[7 * number + 3], NOW - timedelta(hours=5 * number + 2)
        _queued(book, Kind.FOLLOW_UP, follow_up_key(place.id, 11), place, at)
        for wait in _WAITS:
            job, ended = _claimed(book, at), at + _LEASE
            if error:
                book.lines.add([LineRow(job.id, ended, "warning", "job failed", {"reason": error})])
                book.retry(job, error, ended, wait)
            at = ended + wait
        if not error:
            # Whoever would do it next finds that too many have died.
            book.claim("worker-1", at, _LEASE)


def _waiting(book: Ledger, places: Sequence[Place]) -> None:
    """Leave two jobs running, and a few in the queue."""
    for number, place in enumerate(
        place for place in places if place.repository.installation_id == INSTALLATION
    ):
        if number >= 14:  # noqa: PLR2004 -- a few
            break
        at = NOW - timedelta(seconds=50 * (14 - number))
        book.enqueue(
            Kind.SCAN,
            scan_key(place.id),
            at,
            installation_id=INSTALLATION,
            repository_id=place.id,
            priority=(Priority.SCHEDULE, Priority.MERGE, Priority.PERSON)[number % 3],
        )
    for seconds in (9, 2):
        _claimed(book, NOW - timedelta(seconds=seconds))
