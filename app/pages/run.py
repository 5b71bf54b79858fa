"""One run: the job, what it looked at, what came of it, and what was said meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.guard import Refused, numbered
from app.pages import paged
from app.pages.view import Cell, Column, Figure, Shown, Table, View
from workers.ledger import Job, JobState
from workers.ledger.lines import MOST, LineRow

PATH = "/activity/runs/{id}"
NAME = "run"
TITLE = "Run"

_ABOUT = (Column("name", "What"), Column("value", "Value"))
_LOOKS = (
    Column("started", "Began"),
    Column("finished", "Ended"),
    Column("commit", "Commit"),
    Column("outcome", "Outcome"),
    Column("counts", "Counted", about="counts"),
)
_LINES = (
    Column("at", "When"),
    Column("level", "Level"),
    Column("said", "Said"),
    Column("about", "About"),
)


def show(view: View) -> Shown:
    """Show one run to whoever may see its repository; one without a repository at the machine alone."""
    job = _job(view)
    looks, lines = view.book.happenings.scans(job.id), view.book.lines.read(job.id)
    known = view.repositories.get(job.repository_id or 0)
    rows: list[Mapping[str, Cell]] = [
        {
            "started": look.started,
            "finished": look.finished,
            "commit": look.head_sha[:12],
            "outcome": look.outcome or "under way",
            "counts": paged.tallied(look.counts),
        }
        for look in looks
    ]
    about: list[Mapping[str, Cell]] = [
        {"name": "Kind", "value": job.kind.value},
        {
            "name": "Repository",
            "value": view.at(known.id) if known else None,
        },
        {"name": "State", "value": "given up" if job.state is JobState.POISONED else job.state.value},
        {"name": "Asked for", "value": job.created},
        {"name": "Due", "value": job.due},
        {"name": "Ended", "value": job.finished},
        {"name": "Tries that failed", "value": job.tries},
        {"name": "Workers that died over it", "value": job.deaths},
        {"name": "Last error", "value": job.last_error},
    ]
    said = [_cells(line) for line in lines]
    none = "Nothing was said, or it is older than 30 days."
    cut = f"Only the first {MOST} lines were kept." if len(said) == MOST else ""
    return Shown(
        [
            Figure("looks", "Looks", len(looks), "look", "#looks"),
            Figure("lines", "Lines", len(said), "line", "#lines"),
        ],
        [
            Table("job", "The job", _ABOUT, about, "None."),
            Table("looks", "Looks at the repository", _LOOKS, rows, "This job looked at no commit."),
            Table("lines", "What was said", _LINES, said, none, note=cut),
        ],
        title=f"Run {job.id}",
    )


def _job(view: View) -> Job:
    job = view.book.job(numbered(view.path["id"]))
    is_seen = job is not None and (view.visitor.is_local or job.repository_id in view.repositories)
    if job is None or not is_seen:
        raise Refused(404, "There is nothing here.")
    return job


def _cells(line: LineRow) -> Mapping[str, Cell]:
    about = ", ".join(f"{name}: {_plain(value)}" for name, value in line.about.items())
    return {"at": line.at, "level": line.level, "said": line.said, "about": about or None}


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
