"""The promises in comments: how old they are, whose, and when they are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app.pages import charts, paged
from app.pages.view import Cell, Column, Figure, Filter, Link, Shown, Table, View, query
from codemods.debts import Standing
from workers.ledger.promises import PromiseRow

PATH = "/todo"
NAME = "todo"
TITLE = "TODO"

NOBODY = "nobody"
_WEEKS = 12
_OWNERS = 50
_COLUMNS = (
    Column("repository", "Repository"),
    Column("said", "Promise", about="promise"),
    Column("standing", "Stands", about="standing"),
    Column("age", "Days old", figure=True, about="promise-age"),
    Column("owner", "Owner", about="promise-owner"),
    Column("due", "Due", figure=True),
    Column("path", "File"),
    Column("line", "Line", figure=True),
)
_OWNED = (
    Column("owner", "Owner", about="promise-owner"),
    *(Column(standing.name.lower(), standing.value.capitalize(), figure=True) for standing in Standing),
    Column("all", "All", figure=True),
)
_TREND = (
    Column("day", "Day"),
    *(Column(standing.name.lower(), standing.value.capitalize(), figure=True) for standing in Standing),
)
_Counted = Mapping[date, Mapping[Standing, int]]
"""How many there were of which kind, by day."""
_FIRST = "No promise is known: comments are read when a repository is looked at."


def show(view: View) -> Shown:
    """Show promises, what is due first first; ``standing``, ``owner`` and ``repository`` narrow them."""
    names = {id_: row.full_name for id_, row in view.repositories.items()}
    known = view.book.promises.read(names)
    standing, owner = view.query.get("standing", ""), view.query.get("owner", "")
    place = view.query.get("repository", "").lower()
    wanted = [
        row
        for row in known
        if standing in ("", row.standing)
        and owner in ("", row.owner or NOBODY)
        and place in ("", names[row.repository_id].lower())
    ]
    cells = [_cells(row, view) for row in sorted(wanted, key=lambda row: _order(row, view.now.date()))]
    empty = "There is none of that kind." if known else _FIRST
    owners = list(_owners(known))
    offered = owners[:_OWNERS] + [one for one in owners[_OWNERS:] if one == owner]
    return Shown(
        _figures(known),
        [
            paged.cut(view, PATH, Table("promises", "Promises", _COLUMNS, cells, empty)),
            _owned(known, view),
            _trend(_weekly(view)),
        ],
        lead=sentence(known),
        filters=[
            Filter("standing", "Stands", [(one.value, one.value) for one in Standing], standing),
            Filter("owner", "Owner", [(one, one) for one in offered], owner),
        ],
    )


def sentence(known: Sequence[PromiseRow]) -> str:
    """Say how many are due, and whose most of them are."""
    late = [row for row in known if row.standing == Standing.DUE]
    if not known:
        return ""
    if not late:
        return f"None of {paged.counted(len(known), 'promise')} is due."
    (owner, count), *_ = Counter(row.owner or NOBODY for row in late).most_common(1)
    due = f"{len(late)} of {paged.counted(len(known), 'promise')} {'is' if len(late) == 1 else 'are'} due"
    return f"{due}; {count} of them belong{'s' if count == 1 else ''} to {owner}."


def _order(row: PromiseRow, today: date) -> tuple[int, date, date]:
    """Return where a promise comes: as people should read them, then by the day it is due, then by age."""
    standings = [standing.value for standing in Standing]
    place = standings.index(row.standing) if row.standing in standings else len(standings)
    return place, row.due or date.max, row.written or today


def _cells(row: PromiseRow, view: View) -> Mapping[str, Cell]:
    return {
        "repository": view.at(row.repository_id),
        "said": row.said,
        "standing": row.standing,
        "age": (view.now.date() - row.written).days if row.written else None,
        "owner": row.owner or None,
        "due": row.due,
        "path": row.path,
        "line": str(row.number),
    }


def _figures(known: Sequence[PromiseRow]) -> Sequence[Figure]:
    counted = Counter(row.standing for row in known)
    ownerless = sum(not row.owner for row in known)
    return [
        *(
            Figure(
                one.name.lower(),
                one.value.capitalize(),
                counted[one.value],
                "standing",
                f"{PATH}{query(standing=one.value)}#promises",
            )
            for one in Standing
        ),
        Figure("ownerless", "Nobody's", ownerless, "promise-owner", f"{PATH}{query(owner=NOBODY)}#promises"),
    ]


def _owners(known: Sequence[PromiseRow]) -> Mapping[str, Counter[str]]:
    """Count the promises of each owner by their standing, who has most first."""
    found: dict[str, Counter[str]] = {}
    for row in known:
        found.setdefault(row.owner or NOBODY, Counter())[row.standing] += 1
    return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0].lower())))


def _owned(known: Sequence[PromiseRow], view: View) -> Table:
    cells: list[Mapping[str, Cell]] = [
        {
            "owner": Link(owner, f"{PATH}{query(owner=owner)}#promises"),
            **{one.name.lower(): counted[one.value] for one in Standing},
            "all": counted.total(),
        }
        for owner, counted in _owners(known).items()
    ]
    return paged.cut(view, PATH, Table("owners", "By owner", _OWNED, cells, "Nobody has any."))


def _weekly(view: View) -> _Counted:
    """Return how many there were at the end of each of the last weeks."""
    today = view.now.date()
    days = [today - timedelta(weeks=weeks) for weeks in range(_WEEKS, -1, -1)]
    return view.book.debts.on(days, frozenset(view.repositories))


def _trend(counted: _Counted) -> Table:
    rows: list[Mapping[str, Cell]] = [
        {"day": day, **{one.name.lower(): counts.get(one, 0) for one in Standing}}
        for day, counts in counted.items()
    ]
    points = [(day.isoformat(), float(sum(counts.values()))) for day, counts in counted.items()]
    says = (
        f"Promises in comments: {points[0][1]:.0f} on {points[0][0]}, {points[-1][1]:.0f} now."
        if points
        else ""
    )
    return Table(
        "trend",
        "Week by week",
        _TREND,
        rows,
        "Nothing was counted yet.",
        note=says,
        chart=charts.line(says, points) if len(points) > 1 else "",
    )
