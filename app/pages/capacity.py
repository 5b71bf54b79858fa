"""The capacity: what each team has to review, what is left of its week, and what comes next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar

from app.pages import charts, paged
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View, query
from workers import budgets, capacity
from workers.budgets import Bounds, Shared
from workers.evaluation.fates import is_waiting
from workers.evaluation.outline import Outline
from workers.hours import Hours
from workers.ledger import ProposalRow
from workers.ledger.surveys import WaitingRow
from workers.model import CONFIGURE
from workers.purses import Price

T = TypeVar("T")

PATH = "/capacity"
NAME = "capacity"
TITLE = "Capacity"

_DAY = timedelta(days=1)
_ROWS = 50
_BARS = 10
_UNBOUND = Bounds()
_MUCH = 60
"""Minutes of review that wait below which nobody is overloaded."""
_TEAMS = (
    Column("team", "Team", about="team"),
    Column("organisation", "Organisation"),
    Column("load", "Load", about="overloaded"),
    Column("reviews", "Wait for a review", figure=True, about="waits"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
    Column("oldest", "Oldest, days", figure=True),
    Column("spent", "Spent this week", figure=True, about="spent"),
    Column("budget", "Budget of a week", figure=True, about="budget"),
    Column("queue", "Wait for room", figure=True, about="room"),
)
_OWNERS = (
    Column("owner", "Reviewer", about="reviewer"),
    Column("reviews", "Wait for a review", figure=True, about="waits"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
    Column("oldest", "Oldest, days", figure=True),
)
_NEXT = (
    Column("place", "Place", figure=True, about="next"),
    Column("title", "What"),
    Column("repository", "Repository"),
    Column("team", "Team", about="team"),
    Column("cost", "Minutes", figure=True, about="cost"),
    Column("value", "Value", figure=True, about="value"),
    Column("since", "Waits since"),
    Column("sentence", "Why not now", about="withheld"),
)


@dataclass(slots=True)
class _Load:
    """What one team of an installation (``""``: what no team is charged for) has, and what it may have."""

    installation_id: int
    team: str
    bounds: Bounds = _UNBOUND
    reviews: list[ProposalRow] = field(default_factory=list)
    spent: int = 0
    queue: int = 0
    is_over: bool = False

    @property
    def minutes(self) -> int:
        """The minutes of review that wait."""
        return sum(row.cost for row in self.reviews)

    def oldest(self, now: datetime) -> int | None:
        """Return for how many days the first has waited."""
        return max(((now - (row.asked_at or row.opened_at)) // _DAY for row in self.reviews), default=None)


def show(view: View) -> Shown:
    """Show who has how much to review, and what waits for room in the order in which it gets in."""
    waiting = [row for row in view.book.surveys.waiting() if row.repository_id in view.repositories]
    shared = _shared(view)
    loads = _loads(view, shared, waiting)
    reviews = [row for row in view.opened if is_waiting(row)]
    return Shown(
        _figures(view, shared, reviews, waiting),
        [_teams(loads, view), _owners(reviews, view), _next(waiting, view)],
        lead=sentence(loads, view.now),
    )


def _shared(view: View) -> Mapping[int, Shared]:
    """Return what the repositories that the visitor sees know of budgets, by installation.

    Where they do not know the same of a team, what most of them know.
    """
    keys = {budgets.key(id_): row.installation_id for id_, row in view.repositories.items()}
    known = defaultdict[int, list[Shared]](list)
    for key, text in sorted(view.book.recall(list(keys)).items()):
        if (said := budgets.read(text)) is not None:
            known[keys[key]].append(said)
    return {
        home: Shared(
            _most(one.zone for one in some),
            _most(one.organisation for one in some),
            {
                name: _most(one.teams[name] for one in some if name in one.teams)
                for name in sorted({name for one in some for name in one.teams})
            },
        )
        for home, some in known.items()
    }


def _most(values: Iterable[T]) -> T:
    return Counter(values).most_common(1)[0][0]


def _loads(view: View, shared: Mapping[int, Shared], waiting: Sequence[WaitingRow]) -> list[_Load]:
    """Return the loads of all teams, the heaviest first."""
    found: dict[tuple[int, str], _Load] = {}

    def of(installation_id: int, team: str) -> _Load:
        return found.setdefault((installation_id, team.lower()), _Load(installation_id, team))

    for row in view.opened:
        if is_waiting(row):
            of(view.repositories[row.repository_id].installation_id, row.team).reviews.append(row)
    for outline in _of_the_week(view, shared):
        of(outline.installation_id, outline.team).spent += outline.cost
    for kept in waiting:
        of(view.repositories[kept.repository_id].installation_id, kept.team).queue += 1
    # A team that nothing here is charged for is not named: who sees these repositories need not know of it.
    for (home, team), load in found.items():
        known = {name.lower(): bounds for name, bounds in shared.get(home, Shared()).teams.items()}
        load.bounds = known.get(team, _UNBOUND)
    return sorted(_judged(found.values()), key=lambda one: (not one.is_over, -one.minutes, one.team.lower()))


def _of_the_week(view: View, shared: Mapping[int, Shared]) -> list[Outline]:
    """Return what was opened this week, by the clock of each organisation; kotsu.yml costs nothing."""
    homes = {row.installation_id for row in view.repositories.values()}
    begins = {home: Hours(shared.get(home, Shared()).zone).week(view.now) for home in homes}
    return [
        row for row in view.outlines if row.key != CONFIGURE and row.opened_at >= begins[row.installation_id]
    ]


def _judged(loads: Iterable[_Load]) -> list[_Load]:
    """Say which are overloaded: more minutes wait than a week has, or than twice what others have."""
    listed = list(loads)
    for one in listed:
        others = [
            o.minutes for o in listed if o.installation_id == one.installation_id and o is not one and o.team
        ]
        usual = 2 * median(others) if others else one.minutes
        most = one.bounds.minutes if one.bounds.minutes is not None else max(_MUCH, usual)
        one.is_over = bool(one.team) and one.minutes > most
    return listed


def sentence(loads: Sequence[_Load], now: datetime) -> str:
    """Say which team is overloaded, or which has most to do."""
    over = [one for one in loads if one.is_over]
    busy = over or [one for one in loads if one.team and one.reviews][:1]
    if not busy:
        return "No team has anything to review."
    told = [
        f"{one.team} ({len(one.reviews)} pull requests, {one.minutes} minutes, the oldest for "
        f"{one.oldest(now)} days)"
        for one in busy[:3]
    ]
    more = f", and {len(busy) - 3} more" if len(busy) > 3 else ""  # noqa: PLR2004 -- those named
    begins = "Overloaded:" if over else "No team is overloaded. Most waits for"
    return f"{begins} {', '.join(told)}{more}."


def _figures(
    view: View, shared: Mapping[int, Shared], reviews: Sequence[ProposalRow], waiting: Sequence[WaitingRow]
) -> list[Figure]:
    homes = {row.installation_id for row in view.repositories.values()}
    bounds = [shared[home].organisation.minutes if home in shared else None for home in homes]
    known = [minutes for minutes in bounds if minutes is not None]
    of_budget = f" of {sum(known)}" if known and len(known) == len(bounds) else ""
    spent = sum(row.cost for row in _of_the_week(view, shared))
    return [
        Figure("reviews", "Wait for a review", len(reviews), "waits", f"/pulls{query(state='review')}"),
        Figure("minutes", "Minutes of review", sum(row.cost for row in reviews), "cost", "#owners"),
        Figure("spent", "Minutes spent this week", spent, "spent", "#teams", f"{spent}{of_budget}"),
        Figure("room", "Wait for room", len(waiting), "room", "#next"),
    ]


def _teams(loads: Sequence[_Load], view: View) -> Table:
    accounts = {row.id: row.account for row in view.book.installations()}
    rows: list[Mapping[str, Cell]] = [
        {
            "team": Link(one.team, f"/pulls{query(team=one.team, state='review')}")
            if one.team
            else "no team",
            "organisation": accounts.get(one.installation_id, ""),
            "load": "overloaded" if one.is_over else "fits",
            "reviews": len(one.reviews),
            "minutes": one.minutes,
            "oldest": one.oldest(view.now),
            "spent": one.spent,
            "budget": one.bounds.minutes,
            "queue": one.queue,
        }
        for one in loads
    ]
    named = [one for one in loads if one.team][:_BARS]
    says = "Minutes of review that wait, by team; a mark is the budget of a week"
    drawn = charts.bars(says, [(one.team, float(one.minutes), one.bounds.minutes) for one in named])
    empty = "No pull request waits for a review, and nothing waits for room."
    return paged.cut(view, PATH, Table("teams", "Load by team", _TEAMS, rows, empty, chart=drawn))


def _owners(reviews: Sequence[ProposalRow], view: View) -> Table:
    asked = defaultdict[str, list[ProposalRow]](list)
    for row in reviews:
        for name in row.reviewers:
            asked[name].append(row)
    loads = [_Load(0, name, reviews=some) for name, some in asked.items()]
    rows: list[Mapping[str, Cell]] = [
        {
            "owner": one.team,
            "reviews": len(one.reviews),
            "minutes": one.minutes,
            "oldest": one.oldest(view.now),
        }
        for one in sorted(loads, key=lambda one: (-one.minutes, one.team.lower()))
    ]
    empty = "Nobody is asked for a review."
    return paged.cut(view, PATH, Table("owners", "Load by reviewer", _OWNERS, rows, empty))


def _next(waiting: Sequence[WaitingRow], view: View) -> Table:
    """Return what waits, in the order of the plan within each organisation."""

    def turn(row: WaitingRow) -> tuple[int, capacity.Rank]:
        price = Price(row.team, row.cost)
        rank = capacity.rank(price, row.value, row.since, view.now, f"{row.repository_id}:{row.key}")
        return view.repositories[row.repository_id].installation_id, rank

    places = Counter[int]()
    rows: list[Mapping[str, Cell]] = []
    for row in sorted(waiting, key=turn):
        home = view.repositories[row.repository_id].installation_id
        places[home] += 1
        if places[home] <= _ROWS:
            rows.append(
                {
                    "place": places[home],
                    "title": row.title,
                    "repository": view.at(row.repository_id),
                    "team": row.team or None,
                    "cost": row.cost,
                    "value": row.value,
                    "since": row.since.date(),
                    "sentence": row.sentence,
                }
            )
    note = "First what has waited for half of its patience, then the most worth for a minute of review."
    return Table("next", "Who is next", _NEXT, rows, "Nothing waits for room.", note=note if rows else "")
