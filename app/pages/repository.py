"""One repository: what is open there, what is withheld and why, and when it was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from app.guard import Refused
from app.pages import charts, paged
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View
from workers import whynot
from workers.evaluation import pausing
from workers.evaluation.freshness import libyears
from workers.ledger import RepositoryRow, ScanRow, Standing, WithheldRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.pauses import PauseRow
from workers.model import Stage, State
from workers.reasons import Reason

PATH = "/repositories/{owner}/{name}"
NAME = "repository"
TITLE = "Repository"

_WEEK = timedelta(days=7)
_WEEKS = 12
_OPEN = (
    Column("pull", "Pull request"),
    Column("waits", "What it waits for", about="waits-for"),
    Column("opened", "Opened"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
    Column("key", "Key", about="key"),
)
_KEPT = (
    Column("title", "What was found"),
    Column("sentence", "Why it is not proposed", about="withheld"),
    Column("since", "Waits since"),
    Column("key", "Key", about="key"),
)
_LOOKS = (
    Column("started", "Begun"),
    Column("commit", "Commit"),
    Column("outcome", "Outcome"),
    Column("found", "Found"),
)
_FRESH = (
    Column("day", "Day"),
    Column("libyears", "Libyears", figure=True, about="libyears"),
    Column("behind", "Behind", figure=True, about="behind"),
    Column("known", "Known", figure=True, about="known"),
)
_REASONS: Mapping[str, str] = {reason.id: reason.value for reason in Reason}


def show(view: View) -> Shown:
    """Show one repository; whoever may write there may have it looked at, pause it and resume it."""
    known = view.repository
    path = f"/repositories/{quote(known.full_name)}"
    pause = view.paused.get(known.id)
    opened = view.book.proposals(known.id, "open")
    kept, scans = view.book.withheld(known.id), view.book.scans(known.id)
    fresh = view.book.freshness.read([known.id], since=view.now.date() - _WEEKS * _WEEK)
    rows: list[Mapping[str, Cell]] = [
        {
            "pull": Link(row.title, row.url) if row.number > 0 else row.title,
            "waits": whynot.waits_for(row),
            "opened": row.opened_at,
            "minutes": row.cost,
            "key": row.key,
        }
        for row in opened
    ]
    return Shown(
        _figures(known, view.standing(known), len(opened), kept, fresh),
        [
            paged.cut(view, path, Table("open", "Open", _OPEN, rows, "Nothing is open.")),
            paged.cut(view, path, _withheld(kept)),
            _looks(scans),
            _freshness(fresh),
        ],
        {"known": known, "may_write": view.visitor.may(known.id, "push"), "is_paused": pause is not None},
        title=known.full_name,
        lead=_lead(known, pause) + sentence(known, len(opened), kept, scans),
    )


def rest(view: View) -> None:
    """Pause a repository, once however often; Refused for whoever may not write there."""
    known = writable(view, "pause it")
    begun = (known.installation_id, pausing.WHOLE, view.now)
    if known.id not in view.paused and view.book.pauses.begin(*begun, place=known.id, who=view.visitor.login):
        _note(view, "pause")


def resume(view: View) -> None:
    """Let a repository go on, if it is paused; Refused for whoever may not write there."""
    known = writable(view, "resume it")
    row = view.paused.get(known.id)
    if row and view.book.pauses.end(
        row.installation_id, pausing.WHOLE, view.visitor.login, view.now, place=known.id
    ):
        _note(view, "resume")
        for one in view.book.proposals(known.id, State.OPEN):
            if one.stage == Stage.BRANCH:
                # Its checks may be over since long: nothing else would have it looked at.
                view.book.change_proposal(known.id, one.number, view.now, due=view.now)


def writable(view: View, act: str) -> RepositoryRow:
    """Return the repository that the path names; Refused for whoever may not write there."""
    known = view.repository
    if not view.visitor.may(known.id, "push"):
        raise Refused(403, f"Who may write to the repository may {act}.")
    return known


def _note(view: View, action: str) -> None:
    known = view.repository
    view.book.audit.note(
        view.visitor.login,
        action,
        view.now,
        installation_id=known.installation_id,
        repository_id=known.id,
        target=known.full_name,
    )


def _lead(known: RepositoryRow, pause: PauseRow | None) -> str:
    """Say first who paused it, as long as that is why nothing new comes."""
    if pause is None or known.state != Standing.ACTIVE:
        return ""
    return (
        f"It is {pausing.words(pause)}: nothing new is proposed here but what somebody asks for, until "
        "whoever may write here resumes it. "
    )


def sentence(known: RepositoryRow, opened: int, kept: Sequence[WithheldRow], scans: Sequence[ScanRow]) -> str:
    """Say why a repository has as many pull requests as it has: none, for most who ask."""
    if known.state != Standing.ACTIVE:
        why = f": {known.reason}" if known.reason else ""
        return f"Nothing is proposed here, as it is {known.state}{why.rstrip('.')}."
    if not scans:
        return "Nothing is proposed here yet, as it was not looked at."
    last = next((scan for scan in scans if scan.outcome), None)
    ended = f"The last look ended with: {last.outcome}. " if last and last.outcome != "done" else ""
    has = paged.counted(opened, "pull request is open", "pull requests are open")
    has = has if opened else "No pull request is open"
    if not kept:
        return f"{ended}{has}, and nothing was found that is not proposed."
    (reason, count), *others = Counter(row.reason for row in kept).most_common()
    said = {row.sentence for row in kept if row.reason == reason}
    why = said.pop() if len(said) == 1 else _REASONS.get(reason, said.pop())
    found = f"{len(kept)} found and not proposed"
    if not others:
        return f"{ended}{has}, {found}: {why}"
    return f"{ended}{has}, {found}. For {count} of them: {why} The others have reasons of their own."


def _figures(
    known: RepositoryRow, state: str, opened: int, kept: Sequence[WithheldRow], fresh: Sequence[FreshnessRow]
) -> list[Figure]:
    years, unknown = (round(libyears(fresh[-1].days), 1), "") if fresh else (None, "not known")
    due = f"{known.due:%Y-%m-%d}" if known.due else "not set"
    return [
        Figure("state", "State", state, "state", ""),
        Figure("open", "Open", opened, "open", "#open"),
        Figure("withheld", "Withheld", len(kept), "withheld", "#withheld"),
        Figure("libyears", "Libyears behind", years, "libyears", "#freshness", unknown),
        Figure("due", "Next look", known.due, "next-look", "", due),
    ]


def _withheld(kept: Sequence[WithheldRow]) -> Table:
    rows: list[Mapping[str, Cell]] = [
        {"title": row.title, "sentence": row.sentence, "since": row.since, "key": row.key} for row in kept
    ]
    return Table("withheld", "Withheld", _KEPT, rows, "Nothing was found that was not proposed.")


def _looks(scans: Sequence[ScanRow]) -> Table:
    rows: list[Mapping[str, Cell]] = [
        {
            "started": scan.started,
            "commit": scan.head_sha[:12],
            "outcome": _outcome(scan),
            "found": paged.tallied(scan.counts),
        }
        for scan in scans
    ]
    return Table("scans", "Looks", _LOOKS, rows, "It was not looked at yet.")


def _outcome(scan: ScanRow) -> Cell:
    words = scan.outcome or "under way"
    return Link(words, f"/activity/runs/{scan.job_id}") if scan.job_id else words


def _freshness(fresh: Sequence[FreshnessRow]) -> Table:
    weekly = fresh[::-1][::7]
    # The chart begins with the first of all, and so does the sentence under it.
    weekly = [*weekly, *(row for row in fresh[:1] if row is not weekly[-1])]
    rows: list[Mapping[str, Cell]] = [
        {
            "day": row.day,
            "libyears": round(libyears(row.days), 1),
            "behind": row.majors + row.minors + row.patches,
            "known": row.known,
        }
        for row in weekly
    ]
    chart = charts.spark("", ())
    if fresh:
        first, last = libyears(fresh[0].days), libyears(fresh[-1].days)
        says = f"From {first:.1f} libyears behind on {fresh[0].day} to {last:.1f} on {fresh[-1].day}"
        chart = charts.spark(says, [libyears(row.days) for row in fresh])
    empty = "It is not known yet how fresh its dependencies are."
    return Table("freshness", "Freshness", _FRESH, rows, empty, chart=chart, folded=True)
