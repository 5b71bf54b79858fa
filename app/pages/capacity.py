"""The capacity: what each team has to review, what is left of its week, and what comes next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
_WEEKS = (
    Column("organisation", "Organisation"),
    Column("spent", "Spent this week", figure=True, about="spent"),
    Column("budget", "Budget of a week", figure=True, about="budget"),
)
_OWNERS = (
    Column("owner", "Reviewer", about="reviewer"),
    Column("reviews", "Wait for a review", figure=True, about="waits"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
    Column("oldest", "Oldest, days", figure=True),
)
_NEXT = (
    Column("place", "Place", figure=True, about="next"),
    Column("organisation", "Organisation"),
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
    """What one team of an installation (``""``: what no team is charged for) has, and what it may have.

    ``name`` is what it is called where two organisations have a team of the same name; ``places`` are the
    repositories in which anything is charged to it, ``is_known`` is False where none of them knows budgets.
    """

    installation_id: int
    team: str
    name: str = ""
    places: set[int] = field(default_factory=set)
    is_known: bool = True
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
    knows = _known(view)
    shared = _shared(view, knows)
    spent = _of_the_week(view, shared)
    loads = _loads(view, spent, shared, waiting, knows)
    reviews = [row for row in view.opened if is_waiting(row)]
    weeks = _weeks(view, spent, shared)
    return Shown(
        _figures(weeks, reviews, waiting),
        [
            _teams(loads, view),
            *([_organisations(weeks, view)] if len(weeks) > 1 else []),
            _owners(reviews, view),
            _next(waiting, view),
        ],
        lead=sentence(loads, view.now),
    )


def _known(view: View) -> Mapping[int, Shared]:
    """Return what the repositories that the visitor sees know of budgets, by repository."""
    keys = {budgets.key(id_): id_ for id_ in view.repositories}
    texts = view.book.recall(list(keys))
    # Most repositories know the same of them.
    said = {text: budgets.read(text) for text in set(texts.values())}
    return {keys[key]: known for key, text in sorted(texts.items()) if (known := said[text]) is not None}


def _shared(view: View, knows: Mapping[int, Shared]) -> Mapping[int, Shared]:
    """Return the same by installation: where its repositories differ about a team, what most of them know."""
    known = defaultdict[int, list[Shared]](list)
    for id_, said in knows.items():
        known[view.repositories[id_].installation_id].append(said)
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


def _loads(
    view: View,
    spent: Sequence[Outline],
    shared: Mapping[int, Shared],
    waiting: Sequence[WaitingRow],
    knows: Collection[int],
) -> list[_Load]:
    """Return the loads of all teams, the heaviest first; ``knows`` are repositories that know budgets."""
    found: dict[tuple[int, str], _Load] = {}

    def of(repository_id: int, team: str) -> _Load:
        home = view.repositories[repository_id].installation_id
        load = found.setdefault((home, team.lower()), _Load(home, team))
        load.places.add(repository_id)
        return load

    for row in view.opened:
        if is_waiting(row):
            of(row.repository_id, row.team).reviews.append(row)
    for outline in spent:
        of(outline.repository_id, outline.team).spent += outline.cost
    for kept in waiting:
        of(kept.repository_id, kept.team).queue += 1
    accounts, called = _accounts(view), Counter(team for _, team in found)
    # A team that nothing here is charged for is not named: who sees these repositories need not know of it.
    for (home, team), load in found.items():
        known = {name.lower(): bounds for name, bounds in shared.get(home, Shared()).teams.items()}
        load.bounds = known.get(team, _UNBOUND)
        load.is_known = team in known or not load.places.isdisjoint(knows)
        load.name = _told_apart(str(accounts.get(home, home)), load.team) if called[team] > 1 else load.team
    return sorted(_judged(found.values()), key=lambda one: (not one.is_over, -one.minutes, one.team.lower()))


def _told_apart(account: str, team: str) -> str:
    """Return a team's name with its organisation, which it may begin with already."""
    if "/" not in team:
        return f"{account}/{team}"
    return team if team.lower().startswith(f"{account.lower()}/") else f"{account}: {team}"


def _of_the_week(view: View, shared: Mapping[int, Shared]) -> list[Outline]:
    """Return what was opened this week, by the clock of each organisation; kotsu.yml costs nothing."""
    homes = {row.installation_id for row in view.repositories.values()}
    begins = {home: Hours(shared.get(home, Shared()).zone).week(view.now) for home in homes}
    if not begins:
        return []
    rows = view.book.outlines.read(view.repositories, since=min(begins.values()))
    return [row for row in rows if row.key != CONFIGURE and row.opened_at >= begins[row.installation_id]]


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
        f"{one.name} ({len(one.reviews)} pull requests, {one.minutes} minutes{_beside(one.bounds.minutes)}, "
        f"the oldest for {one.oldest(now)} days)"
        for one in busy[:3]
    ]
    more = f", and {len(busy) - 3} more" if len(busy) > 3 else ""  # noqa: PLR2004 -- those named
    begins = "Overloaded:" if over else "No team is overloaded. Most waits for"
    return f"{begins} {', '.join(told)}{more}."


def _beside(budget: int | None) -> str:
    return f" where a week has {budget}" if budget is not None else ""


def _weeks(
    view: View, opened: Sequence[Outline], shared: Mapping[int, Shared]
) -> Mapping[int, tuple[int, int | None]]:
    """Return what each installation has spent of its week, and its budget, None where none is known."""
    spent = Counter[int]()
    for row in opened:
        spent[row.installation_id] += row.cost
    homes = sorted({row.installation_id for row in view.repositories.values()})
    return {home: (spent[home], shared.get(home, Shared()).organisation.minutes) for home in homes}


def _accounts(view: View) -> Mapping[int, str]:
    return {row.id: row.account for row in view.book.installations()}


def _figures(
    weeks: Mapping[int, tuple[int, int | None]],
    reviews: Sequence[ProposalRow],
    waiting: Sequence[WaitingRow],
) -> list[Figure]:
    spent = sum(minutes for minutes, _ in weeks.values())
    # Each organisation has a week of its own: what one has left is of no use to another.
    budget = next((budget for _, budget in weeks.values()), None) if len(weeks) == 1 else None
    words = f"{spent} of {budget}" if budget is not None else str(spent)
    rows = "#organisations" if len(weeks) > 1 else "#teams"
    return [
        Figure("reviews", "Wait for a review", len(reviews), "waits", f"/pulls{query(state='review')}"),
        Figure("minutes", "Minutes of review", sum(row.cost for row in reviews), "cost", "#owners"),
        Figure("spent", "Minutes spent this week", spent, "spent", rows, words),
        Figure("room", "Wait for room", len(waiting), "room", "#next"),
    ]


def _organisations(weeks: Mapping[int, tuple[int, int | None]], view: View) -> Table:
    accounts = _accounts(view)
    rows: list[Mapping[str, Cell]] = [
        {"organisation": accounts.get(home, ""), "spent": spent, "budget": budget}
        for home, (spent, budget) in weeks.items()
    ]
    return paged.cut(view, PATH, Table("organisations", "The week of each organisation", _WEEKS, rows, ""))


def _teams(loads: Sequence[_Load], view: View) -> Table:
    accounts = _accounts(view)
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
    drawn = charts.bars(says, [(one.name, float(one.minutes), one.bounds.minutes) for one in named])
    empty = "No pull request waits for a review, and nothing waits for room."
    unknown = paged.named([one.name for one in loads if one.team and not one.is_known])
    note = f"Budgets not known yet: {unknown}. The next look at their repositories reads them."
    table = Table("teams", "Load by team", _TEAMS, rows, empty, note=note if unknown else "", chart=drawn)
    return paged.cut(view, PATH, table)


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

    def cells(found: tuple[int, int, WaitingRow]) -> Mapping[str, Cell]:
        place, home, row = found
        return {
            "place": place,
            "organisation": accounts.get(home, ""),
            "title": row.title,
            "repository": view.at(row.repository_id),
            "team": row.team or None,
            "cost": row.cost,
            "value": row.value,
            "since": row.since.date(),
            "sentence": row.sentence,
        }

    accounts, places = _accounts(view), Counter[int]()
    found: list[tuple[int, int, WaitingRow]] = []
    for row in sorted(waiting, key=turn):
        home = view.repositories[row.repository_id].installation_id
        places[home] += 1
        found.append((places[home], home, row))
    found.sort(key=lambda one: one[:2])
    note = "First what has waited for half of its patience, then the most worth for a minute of review."
    empty = "Nothing waits for room."
    table = Table("next", "Who is next", _NEXT, (), empty, note=note if found else "")
    return paged.listed(view, PATH, table, found, cells)
