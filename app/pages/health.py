"""The health: what waits and for how long, who works, what was given up, and what GitHub says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.pages import paged
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View
from workers.ledger import Job, unfit
from workers.ledger.pulse import Heard, Working
from workers.messages import Priority

PATH = "/health"
NAME = "health"
TITLE = "Health"

LATE = timedelta(minutes=15)
"""How long the first job may be overdue before something is wrong."""
_DAY = timedelta(days=1)
_WAITING = (
    Column("priority", "Priority", about="priority"),
    Column("count", "Waiting", figure=True),
    Column("overdue", "Seconds overdue", figure=True, about="overdue"),
)
_WORKING = (
    Column("job", "Run", about="run"),
    Column("kind", "Kind"),
    Column("repository", "Repository"),
    Column("worker", "Worker", about="worker"),
    Column("until", "Lease until", about="lease"),
)
_GIVEN_UP = (
    Column("job", "Run", about="run"),
    Column("kind", "Kind"),
    Column("repository", "Repository"),
    Column("finished", "Given up"),
    Column("error", "Because"),
)
_HEARD = (
    Column("event", "Event", about="delivery"),
    Column("count", "Within a day", figure=True),
    Column("last", "Last"),
)
_RESTING = (
    Column("account", "Organisation"),
    Column("rests", "All rests until", about="rest"),
    Column("spares", "All but people's until", about="rest"),
    Column("reason", "Because"),
)


def show(view: View) -> Shown:
    """Show how everything runs: jobs and deliveries of the repositories that they may see."""
    waiting, heard = _waiting(view), _heard(view)
    working = [one for one in view.book.pulse.working() if _seen(view, one.repository_id)]
    parked = given_up(view)
    oldest = max((int(row["overdue"]) for row in waiting if isinstance(row["overdue"], int)), default=0)
    last = max((one.last for one in heard), default=None)
    revision = view.book.revision()
    figures = [
        Figure("overdue", "First job overdue", oldest, "overdue", "#waiting", _words(oldest)),
        Figure("given-up", "Given up", len(parked), "given-up", "#given-up"),
        Figure("working", "Under way", len(working), "lease", "#working"),
        Figure(
            "deliveries", "Deliveries in a day", sum(one.count for one in heard), "delivery", "#deliveries"
        ),
        Figure("last-delivery", "Last delivery", last, "delivery", "#deliveries", _ago(last, view.now)),
        Figure("revision", "Database", revision, "revision", "", unfit(revision) or f"revision {revision}"),
    ]
    lost = [_parked(job, view) for job in parked]
    tables = [
        Table("waiting", "What waits", _WAITING, waiting, "Nothing waits."),
        Table("working", "What is under way", _WORKING, [_work(one, view) for one in working], "Nothing is."),
        paged.cut(view, PATH, Table("given-up", "Given up", _GIVEN_UP, lost, "None.")),
        Table("deliveries", "What GitHub told within a day", _HEARD, _told(heard), "Nothing was told."),
        Table("resting", "Who rests, as GitHub asks", _RESTING, _resting(view), "Nobody rests."),
    ]
    ours = [job for job in parked if view.visitor.may(job.repository_id, "push")]
    again = [(job, _name(view, job.repository_id)) for job in ours[: view.rows]]
    return Shown(figures, tables, {"again": again}, lead=_sentence(oldest, parked, revision))


def given_up(view: View) -> Sequence[Job]:
    """Return the jobs that were given up in the repositories that they may see, the newest first."""
    return view.book.pulse.given_up(None if view.visitor.is_local else view.repositories)


def _sentence(oldest: int, parked: Sequence[Job], revision: str) -> str:
    wrong = []
    if timedelta(seconds=oldest) > LATE:
        wrong.append(f"the first job is overdue for {_words(oldest)}: is a worker running?")
    if parked:
        wrong.append(f"{paged.counted(len(parked), 'job was', 'jobs were')} given up")
    if said := unfit(revision):
        wrong.append(said)
    return f"Look at this: {'; '.join(wrong)}." if wrong else "Everything runs."


def _seen(view: View, repository_id: int | None) -> bool:
    return view.visitor.is_local or repository_id in view.repositories


def _name(view: View, repository_id: int | None) -> str:
    known = view.repositories.get(repository_id or 0)
    return known.full_name if known else ""


def _waiting(view: View) -> Sequence[Mapping[str, Cell]]:
    """Count what waits by priority."""
    seen = [one for one in view.book.pulse.waiting() if _seen(view, one.repository_id)]
    rows: list[Mapping[str, Cell]] = []
    for priority in Priority:
        mine = [one for one in seen if one.priority == priority]
        if mine:
            overdue = max(view.now - min(one.due for one in mine), timedelta())
            rows.append(
                {
                    "priority": priority.name.lower(),
                    "count": sum(one.count for one in mine),
                    "overdue": int(overdue.total_seconds()),
                }
            )
    return rows


def _work(one: Working, view: View) -> Mapping[str, Cell]:
    return {
        "job": _run(one.job_id),
        "kind": one.kind.value,
        "repository": _place(view, one.repository_id),
        "worker": one.owner if view.visitor.is_local else None,
        "until": one.until,
    }


def _parked(job: Job, view: View) -> Mapping[str, Cell]:
    return {
        "job": _run(job.id),
        "kind": job.kind.value,
        "repository": _place(view, job.repository_id),
        "finished": job.finished,
        "error": job.last_error,
    }


def _run(job_id: int) -> Link:
    return Link(f"run {job_id}", f"/activity/runs/{job_id}")


def _place(view: View, repository_id: int | None) -> Link | None:
    known = view.repositories.get(repository_id or 0)
    return view.at(known.id) if known else None


def _heard(view: View) -> Sequence[Heard]:
    return [one for one in view.book.pulse.heard(view.now - _DAY) if _seen(view, one.repository_id)]


def _told(heard: Sequence[Heard]) -> Sequence[Mapping[str, Cell]]:
    found: dict[str, list[Heard]] = {}
    for one in heard:
        found.setdefault(one.event, []).append(one)
    return [
        {"event": event, "count": sum(one.count for one in all_), "last": max(one.last for one in all_)}
        for event, all_ in found.items()
    ]


def _resting(view: View) -> Sequence[Mapping[str, Cell]]:
    """List the installations that rest of which they may see a repository."""
    accounts = {row.installation_id: row.owner for row in view.repositories.values()}
    rows: list[Mapping[str, Cell]] = []
    for one in view.book.pulse.resting(view.now):
        if view.visitor.is_local or one.installation_id in accounts:
            account = accounts.get(one.installation_id, str(one.installation_id))
            rows.append(
                {"account": account, "rests": one.rests, "spares": one.spares, "reason": one.reason or None}
            )
    return rows


def _words(seconds: int) -> str:
    """Return a span as people say it."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{_words(max(0, int((now - when).total_seconds())))} ago" if when else "none in a day"
