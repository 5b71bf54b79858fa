"""The pull requests: how far they come, where they end, which are stuck, and which there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.pages import charts, paged
from app.pages.view import Cell, Column, Figure, Filter, Link, Shown, Table, View, query
from workers import whynot
from workers.evaluation import fates
from workers.evaluation.fates import Fate
from workers.evaluation.funnel import STEPS, funnel
from workers.evaluation.outline import Outline
from workers.model import Stage, State

PATH = "/pulls"
NAME = "pulls"
TITLE = "Pull requests"

_FILTERS = ("state", "team", "improvement", "ended", "fate")
_STUCK = 10
_DAY = timedelta(days=1)
_REVIEW, _ANSWERED = "review", "reviewed"
_LATELY = (7, 30, 90)
_STATES = (
    (State.OPEN.value, "open"),
    (_REVIEW, "waits for a review"),
    (_ANSWERED, "reviewed, and still open"),
    *((stage.value, f"open, {stage.value}") for stage in Stage if stage is not Stage.READY),
    (State.MERGED.value, "merged"),
    (State.CLOSED.value, "closed"),
)
_ENDS = {
    Fate.CLOSED: "were closed by a person",
    Fate.IGNORED: "had no answer",
    Fate.REVERTED: "were taken back",
    Fate.BROKE: "broke the default branch",
}
_FUNNEL = (
    Column("step", "Step", about="funnel"),
    Column("count", "Pull requests", figure=True),
    Column("share", "Of those found, %", figure=True),
    Column("lost", "Ended here", figure=True),
)
_FATES = (
    Column("fate", "Fate", about="fate"),
    Column("count", "Pull requests", figure=True),
    Column("share", "Of all, %", figure=True),
)
_WAITS = (
    Column("pull", "Pull request"),
    Column("repository", "Repository"),
    Column("waits", "What it waits for", about="waits-for"),
    Column("days", "Days open", figure=True),
    Column("team", "Team", about="team"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
)
_LIST = (
    Column("pull", "Pull request"),
    Column("repository", "Repository"),
    Column("improvement", "Improvement"),
    Column("team", "Team", about="team"),
    Column("fate", "Fate", about="fate"),
    Column("because", "Because"),
    Column("opened", "Opened"),
    Column("closed", "Ended"),
)


def show(view: View) -> Shown:
    """Show those that the filters let through; ``ended`` is in the last so many days."""
    asked = {name: view.query.get(name, "") for name in _FILTERS}
    is_any = not any(asked.values())
    chosen = view.outlines if is_any else [row for row in view.outlines if _fits(row, asked, view)]
    narrow = any(asked[name] for name in ("state", "fate", "ended"))
    waiting = 0 if narrow else _waiting(view, asked)
    tables = [_funnel(chosen, waiting, view), _fates(chosen, view), _stuck(chosen, view)]
    return Shown(
        _figures(chosen, view),
        [*tables, _list(chosen, view)],
        lead=_sentence(chosen, view),
        filters=_filters(view, asked),
    )


def _fits(row: Outline, asked: Mapping[str, str], view: View) -> bool:
    return (
        _is(row, asked["state"])
        and (not asked["ended"] or _ended_within(row, asked["ended"], view))
        and asked["team"].lower() in ("", row.team.lower())
        and asked["improvement"] in ("", row.improvement)
        and asked["fate"] in ("", view.fates[row.id])
    )


def _is(row: Outline, state: str) -> bool:
    is_ready = row.state == State.OPEN and row.stage == Stage.READY
    if state in (_REVIEW, _ANSWERED):
        return is_ready and fates.is_waiting(row) is (state == _REVIEW)
    return state in ("", row.state) or (row.state == State.OPEN and state == row.stage)


def _ended_within(row: Outline, days: str, view: View) -> bool:
    is_asked = days.isascii() and days.isdecimal() and int(days) in _LATELY
    return is_asked and row.closed_at is not None and row.closed_at > view.now - int(days) * _DAY


def _waiting(view: View, asked: Mapping[str, str]) -> int:
    return sum(
        row.repository_id in view.repositories
        and asked["team"].lower() in ("", row.team.lower())
        and asked["improvement"] in ("", row.improvement)
        for row in view.book.surveys.waiting()
    )


def _figures(chosen: Sequence[Outline], view: View) -> list[Figure]:
    opened = [row for row in chosen if row.state == State.OPEN]
    ready = [row for row in opened if fates.is_waiting(row)]
    became = Counter(view.fates[row.id] for row in chosen)
    accepted = sum(became[fate] for fate in fates.ACCEPTED)
    decided = sum(became[fate] for fate in fates.DECIDED)
    share = round(100 * accepted / decided) if decided else None
    asked = {name: view.query.get(name, "") for name in _FILTERS}
    return [
        Figure("open", "Open", len(opened), "open", PATH + query(**asked | {"state": State.OPEN.value})),
        Figure(
            "review", "Wait for a review", len(ready), "waits", PATH + query(**asked | {"state": _REVIEW})
        ),
        Figure("decided", "Decided", decided, "decided", "#fates"),
        Figure(
            "accepted",
            "Merged and stayed",
            share,
            "acceptance",
            "#fates",
            f"{share} %" if share is not None else "none yet",
        ),
    ]


def _sentence(chosen: Sequence[Outline], view: View) -> str:
    ends = Counter(became for row in chosen if (became := view.fates[row.id]) in fates.DECIDED)
    if not ends:
        return ""
    kept = sum(ends[fate] for fate in fates.ACCEPTED)
    stayed = f"Of {ends.total():,} that were decided {kept:,} were merged and stayed"
    lost = [(fate, count) for fate, count in ends.most_common() if fate not in fates.ACCEPTED]
    if not lost:
        return f"{stayed}."
    fate, count = lost[0]
    return f"{stayed}; of the others most {_ENDS[fate]} ({count:,})."


def _funnel(chosen: Sequence[Outline], waiting: int, view: View) -> Table:
    made = funnel(chosen, view.now, waiting)
    counts = [getattr(made, step) for step in STEPS]
    lost = Counter[str]()
    for (step, _), count in made.ended.items():
        lost[step] += count
    rows: list[Mapping[str, Cell]] = [
        {
            "step": step,
            "count": count,
            "share": round(100 * count / made.found) if made.found else None,
            "lost": lost[step] if step != STEPS[-1] else None,
        }
        for step, count in zip(STEPS, counts, strict=True)
    ]
    says = f"Of {made.found} that were found, {made.opened} were opened and {made.merged} merged"
    drawn = charts.bars(says, [(step, count, None) for step, count in zip(STEPS, counts, strict=True)])
    return Table("funnel", "How far they come", _FUNNEL, rows, "", chart=drawn)


def _fates(chosen: Sequence[Outline], view: View) -> Table:
    became = Counter(view.fates[row.id] for row in chosen)
    asked = {name: view.query.get(name, "") for name in _FILTERS}
    rows: list[Mapping[str, Cell]] = [
        {
            "fate": Link(fate.value, PATH + query(**asked | {"fate": fate.value})),
            "count": became[fate],
            "share": round(100 * became[fate] / len(chosen)),
        }
        for fate in Fate
        if became[fate]
    ]
    says = "Fates: " + ", ".join(f"{became[fate]} {fate.value}" for fate in Fate if became[fate])
    drawn = charts.stacked(says, [(fate.value, became[fate]) for fate in Fate])
    return Table("fates", "What became of them", _FATES, rows, "There is none yet.", chart=drawn)


def _stuck(chosen: Sequence[Outline], view: View) -> Table:
    """Return those that are open longest; what a check says of them is known of open ones alone."""
    ids = {row.id for row in chosen}
    rows: list[Mapping[str, Cell]] = [
        {
            "pull": Link(row.title, row.url) if row.number > 0 else row.title,
            "repository": view.at(row.repository_id),
            "waits": whynot.waits_for(row),
            "days": (view.now - row.opened_at) // _DAY,
            "team": row.team or None,
            "minutes": row.cost,
        }
        for row in sorted(view.opened, key=lambda row: row.opened_at)
        if row.id in ids
    ]
    return Table("stuck", "Open longest", _WAITS, rows[:_STUCK], "None is open.")


def _list(chosen: Sequence[Outline], view: View) -> Table:
    def cells(row: Outline) -> Mapping[str, Cell]:
        return {
            "pull": Link(row.title, row.url) if row.number > 0 else row.title,
            "repository": view.at(row.repository_id),
            "improvement": row.improvement,
            "team": row.team or None,
            "fate": view.fates[row.id].value,
            "because": row.because or row.word or None,
            "opened": row.opened_at.date(),
            "closed": row.closed_at.date() if row.closed_at else None,
        }

    title = f"{len(chosen):,} in all, the newest first"
    table = Table("pulls", title, _LIST, (), "There is none like that.")
    return paged.listed(view, PATH, table, chosen[::-1], cells)


def _filters(view: View, asked: Mapping[str, str]) -> list[Filter]:
    teams = sorted({row.team for row in view.outlines if row.team}, key=str.lower)
    # GitHub takes the names of teams in capitals or not, and so does the address.
    team = next((one for one in teams if one.lower() == asked["team"].lower()), asked["team"])
    improvements = sorted({row.improvement for row in view.outlines if row.improvement})
    return [
        Filter("state", "State", _STATES, asked["state"]),
        Filter("team", "Team", [(team, team) for team in teams], team),
        Filter("improvement", "Improvement", [(id_, id_) for id_ in improvements], asked["improvement"]),
        Filter("ended", "Ended", [(str(n), f"in {n} days") for n in _LATELY], asked["ended"]),
        Filter("fate", "Fate", [(fate.value, fate.value) for fate in Fate], asked["fate"]),
    ]
