"""One improvement: why, at what risk, before and after, what teams make of it, and whether it pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from app.guard import Refused
from app.pages import charts, explained, improvements, paged
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View
from workers.evaluation import fates, survival
from workers.evaluation.outline import Outline
from workers.ledger.pauses import PauseRow

PATH = "/improvements/{id}"
NAME = "improvement"
TITLE = "Improvement"

_TEAMS = (
    Column("team", "Team"),
    *improvements.FARES,
    Column("opened", "Opened", figure=True, about="opened"),
)
_PULLS = (
    Column("pull", "Pull request"),
    Column("repository", "Repository"),
    Column("fate", "What became of it", about="fate"),
    Column("team", "Team"),
    Column("opened", "Opened"),
    Column("closed", "Closed"),
    Column("because", "Because"),
)
_MAY = "admin"
"""The right that lets somebody end a pause, in each repository that they see and it is about."""


def show(view: View) -> Shown:
    """Show one improvement."""
    id_ = view.path["id"]
    told = explained.of(id_)
    if told is None:
        raise Refused(404, "There is no improvement of this name.")
    mine = view.book.outlines.read(view.repositories, improvement=id_)
    outlines = [one for one in mine if one.number > 0][::-1]
    pauses = improvements.paused(view).get(id_, ())
    tables = [_teams(outlines, view), _survival(outlines, view), _pulls(outlines, view)]
    resumable = [(i, _account(view, i)) for i in sorted({p.installation_id for p in pauses if may(view, p)})]
    values = {
        "told": told,
        "pauses": [_pause(view, row) for row in pauses],
        "resumable": resumable,
        "action": f"{improvements.PATH}/{id_}/resume",
    }
    return Shown(
        _figures(outlines, view), tables, values, title=told.about.title, lead=_lead(outlines, pauses, view)
    )


def may(view: View, row: PauseRow) -> bool:
    """Tell whether they may end a pause: who administers its repository, or all that they see there, may."""
    seen = view.repositories.values()
    mine = [
        one.id for one in seen if one.installation_id == row.installation_id and row.place in (None, one.id)
    ]
    return bool(mine) and all(view.visitor.may(id_, _MAY) for id_ in mine)


def resume(view: View, installation: str) -> str:
    """Let an improvement go on in an organisation, as far as they see that it pauses and may end that.

    Returns where to look; Refused where they see no pause, or may end none.
    """
    id_ = view.path["id"]
    rows = [row for row in improvements.paused(view).get(id_, ()) if str(row.installation_id) == installation]
    if not rows:
        raise Refused(404, "There is nothing here.")
    ours = [row for row in rows if may(view, row)]
    if not ours:
        raise Refused(403, "Who administers the repositories that it is about may let it go on.")
    who = view.visitor.login
    for row in ours:
        home = row.installation_id
        if view.book.pauses.end(home, id_, who, view.now, team=row.team, place=row.place):
            view.book.audit.note(
                who, "resume", view.now, installation_id=home, repository_id=row.place, target=id_
            )
    return f"{improvements.PATH}/{id_}"


def _account(view: View, installation_id: int) -> str:
    return next(row.owner for row in view.repositories.values() if row.installation_id == installation_id)


def _pause(view: View, row: PauseRow) -> str:
    """Say where it pauses, and what was counted when it began."""
    place = view.repositories[row.place].full_name if row.place is not None else ""
    whom = place or (f"team {row.team} of {_account(view, row.installation_id)}" if row.team else "")
    words = f"It pauses for {whom or _account(view, row.installation_id)} since {row.since:%Y-%m-%d}"
    return f"{words}{improvements.counted(row)}."


def _lead(outlines: Sequence[Outline], pauses: Sequence[PauseRow], view: View) -> str:
    told = improvements.of(outlines, view.now)
    if not told.accepted.decided:
        return (
            "Nothing is decided about it yet." if outlines else "No pull request of it was opened here yet."
        )
    accepted, percent = told.accepted, improvements.percent
    is_off = any(not row.team and row.place is None for row in pauses)
    words = (
        f"{accepted.merged} of {accepted.decided} decided ones are merged: {percent(accepted.share)} %, "
        f"and with 95 % confidence between {percent(accepted.low)} % and {percent(accepted.high)} % would be."
    )
    return f"{words} It should be off." if told.is_unwanted and not is_off else words


def _figures(outlines: Sequence[Outline], view: View) -> Sequence[Figure]:
    told = improvements.of(outlines, view.now)
    return [
        Figure("merged", "Merged", told.accepted.merged, "acceptance", "#pulls"),
        Figure("decided", "Decided", told.accepted.decided, "decided", "#pulls"),
        Figure("opened", "Opened", told.opened, "opened", "#pulls"),
        Figure("minutes", "Minutes saved", told.minutes, "minutes", "#pulls"),
    ]


def _teams(outlines: Sequence[Outline], view: View) -> Table:
    told = improvements.by(outlines, lambda one: one.team or improvements.NO_TEAM, view.now)
    ordered = sorted(told.items(), key=lambda item: (item[1].accepted.high, item[0].lower()))
    cells: list[Mapping[str, Cell]] = [
        {
            "team": Link(team, f"{improvements.PATH}?team={quote(team, safe='')}"),
            **improvements.figures_of(one),
        }
        for team, one in ordered
    ]
    path = f"{improvements.PATH}/{view.path['id']}"
    return paged.cut(
        view, path, Table("teams", "What teams make of it", _TEAMS, cells, "Nobody got one yet.")
    )


_STEPS = (
    Column("days", "Days", figure=True),
    Column("waiting", "Still open", figure=True, about="time-to-merge"),
    Column("merged", "Merged then", figure=True),
    Column("share", "Merged by then, %", figure=True, about="time-to-merge"),
)


def _survival(outlines: Sequence[Outline], view: View) -> Table:
    """Show after how many days which share is merged, with those that are open."""
    steps = survival.curve(survival.until_merged(outlines, view.now))
    half = survival.median(steps)
    note = (
        f"Half is merged after {half:.1f} days."
        if half is not None
        else "Fewer than half are merged, as far as is known."
    )
    rows: list[Mapping[str, Cell]] = [
        {
            "days": round(step.days, 1),
            "waiting": step.at_risk,
            "merged": step.ended,
            "share": round(100 * (1 - step.share)),
        }
        for step in steps
    ]
    drawn = charts.curve(note, [(step.days, 1 - step.share) for step in steps], begins=0.0) if steps else ""
    path = f"{improvements.PATH}/{view.path['id']}"
    table = Table(
        "merges", "How soon it is merged", _STEPS, rows, "None is merged yet.", note=note, chart=drawn
    )
    return paged.cut(view, path, table)


def _pulls(outlines: Sequence[Outline], view: View) -> Table:
    def cells(one: Outline) -> Mapping[str, Cell]:
        return {
            "pull": Link(f"#{one.number} {one.title}", one.url),
            "repository": view.at(one.repository_id),
            "fate": fates.fate(one, view.now).value,
            "team": one.team or None,
            "opened": one.opened_at.date(),
            "closed": one.closed_at.date() if one.closed_at else None,
            "because": one.because or None,
        }

    path = f"{improvements.PATH}/{view.path['id']}"
    table = Table("pulls", "Its pull requests", _PULLS, (), "There is none yet.")
    return paged.listed(view, path, table, outlines, cells)
