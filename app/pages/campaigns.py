"""The campaigns: how much is done, how it went week by week, who comes last, and what would stop it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from app.pages import charts, paged
from app.pages.view import Cell, Column, Figure, Filter, Link, Shown, Table, View, query
from workers import campaigns
from workers.campaigns import Course, Stand
from workers.campaigns import Standing as Fares
from workers.ledger import ProposalRow, RepositoryRow, Standing
from workers.model import State
from workers.reasons import LASTING, Reason

PATH = "/campaigns"
NAME = "campaigns"
TITLE = "Campaigns"

_CHARTS = 6
_WEEK = timedelta(days=7)
_WEEKS = 26
_DONE = frozenset({Fares.MERGED, Fares.UNPROVEN, Fares.RED})
_WRONG = frozenset({Fares.FAILED, Fares.REJECTED, Fares.BROKEN})
_COLUMNS = (
    Column("campaign", "Campaign"),
    Column("organisation", "Organisation"),
    Column("improvement", "Improvement"),
    Column("state", "State", about="campaign"),
    Column("done", "Done", figure=True, about="campaign-done"),
    Column("of", "Of", figure=True, about="campaign-done"),
    Column("share", "Done, %", figure=True, about="campaign-done"),
    Column("wave", "Wave", about="wave"),
    Column("wrong", "Went wrong", figure=True, about="brake"),
    Column("brake", "Brake at, %", figure=True, about="brake"),
    Column("started", "Begun"),
)
_LAGGARDS = (
    Column("repository", "Repository"),
    Column("campaign", "Campaign"),
    Column("standing", "How it stands", about="campaign-standing"),
    Column("pull", "Pull request"),
    Column("days", "Days", figure=True),
)
_PROGRESS = (
    Column("campaign", "Campaign"),
    Column("week", "Week from"),
    Column("done", "Done", figure=True, about="campaign-done"),
    Column("of", "Of", figure=True, about="campaign-done"),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """One repository of a campaign, with the pull request that says how it stands."""

    known: RepositoryRow
    standing: Fares
    row: ProposalRow | None = None


@dataclass(frozen=True, slots=True)
class _Campaign:
    """A campaign with the repositories of it that the visitor may see."""

    course: Course
    places: Sequence[_Place]

    @property
    def taking_part(self) -> Sequence[_Place]:
        """Those with something to do, or of which nobody knows yet."""
        return [place for place in self.places if place.standing is not Fares.IDLE]

    @property
    def done(self) -> Sequence[_Place]:
        """Those in which it is merged."""
        return [place for place in self.places if place.standing in _DONE]

    @property
    def wrong(self) -> int:
        """How many count for the brake."""
        return sum(place.standing in _WRONG for place in self.places)


def show(view: View) -> Shown:
    """Show the campaigns of the organisations that the visitor sees; ``name`` asks for one."""
    found = _found(view)
    name = view.query.get("name", "")
    chosen = [one for one in found if name in ("", one.course.name)]
    names = sorted({one.course.name for one in found})
    return Shown(
        _figures(chosen),
        [_table(chosen, view), _laggards(chosen, view), _progress(chosen, view.now)],
        lead=_sentence(chosen),
        filters=[Filter("name", "Campaign", [(one, one) for one in names], name)] if names else (),
    )


def _found(view: View) -> list[_Campaign]:
    """Return the campaigns in which any repository takes part that the visitor may see."""
    active = [row for row in view.repositories.values() if row.state == Standing.ACTIVE]
    homes = sorted({row.installation_id for row in active})
    courses = [course for home in homes for course in view.book.campaigns.of(home)]
    covered = [
        (course, mine)
        for course in courses
        if (
            mine := [
                r
                for r in active
                if r.installation_id == course.installation_id and course.covers(r.full_name)
            ]
        )
    ]
    if not covered:
        return []
    looks, kept = view.book.surveys.looks(), defaultdict[int, list[tuple[str, str]]](list)
    for repository_id, key, reason in view.book.surveys.kept(LASTING - {Reason.REPOSITORY_PAUSED.id}):
        kept[repository_id].append((key, reason))
    pulls = view.book.campaigns.pulls(course for course, _ in covered)

    def place(course: Course, one: RepositoryRow) -> _Place:
        mine = pulls.get(one.id, ())
        seen = campaigns.seen(course, mine, looks.get(one.id), kept[one.id], view.now)
        return _place(course, one, mine, campaigns.standing(seen))

    return [_Campaign(course, [place(course, one) for one in mine]) for course, mine in covered]


def _place(course: Course, known: RepositoryRow, pulls: Sequence[ProposalRow], stands: Fares) -> _Place:
    """Return how a repository stands, as far as the ledger knows it: checks of branches are not in it."""
    mine = [row for row in pulls if course.is_about(row.key)]
    ended = [row for row in mine if row.closed_at and row.closed_at >= course.started]
    if stands in _DONE:
        told = [row for row in ended if row.state == State.MERGED]
    else:
        told = [*(row for row in mine if row.state == State.OPEN), *ended]
    return _Place(known, stands, next(iter(told), None))


def _share(one: _Campaign) -> int | None:
    return round(100 * len(one.done) / len(one.taking_part)) if one.taking_part else None


def _figures(chosen: Sequence[_Campaign]) -> list[Figure]:
    states = Counter(one.course.state for one in chosen)
    return [
        Figure("running", "Running", states[Stand.RUNNING], "campaign", "#campaigns"),
        Figure("stopped", "Stopped", states[Stand.STOPPED], "brake", "#campaigns"),
        Figure("done", "Done", states[Stand.DONE], "campaign", "#campaigns"),
    ]


def _sentence(chosen: Sequence[_Campaign]) -> str:
    stopped = [one.course for one in chosen if one.course.state is Stand.STOPPED]
    if stopped:
        first = stopped[0]
        more = f" {len(stopped) - 1} more stopped as well." if len(stopped) > 1 else ""
        return f"The campaign {first.name} was stopped: {first.reason.rstrip('.')}.{more}"
    running = [one for one in chosen if one.course.state is Stand.RUNNING and _share(one) is not None]
    if not running:
        return ""
    last = min(running, key=lambda one: _share(one) or 0)
    return (
        f"{last.course.name} has the longest way to go: {len(last.done)} of {len(last.taking_part)} "
        "repositories are done."
    )


def _table(chosen: Sequence[_Campaign], view: View) -> Table:
    accounts = {row.id: row.account for row in view.book.installations()}
    rows: list[Mapping[str, Cell]] = [
        {
            "campaign": Link(one.course.name, PATH + query(name=one.course.name)),
            "organisation": accounts.get(one.course.installation_id, ""),
            "improvement": one.course.improvement,
            "state": _state(one.course),
            "done": len(one.done),
            "of": len(one.taking_part),
            "share": _share(one),
            "wave": f"{len(one.course.waves)} of {max(one.course.total, len(one.course.waves))}",
            "wrong": one.wrong,
            "brake": one.course.brake,
            "started": one.course.started.date(),
        }
        for one in chosen
    ]
    empty = "There is no campaign. They are declared in the organisation's kotsu.yml."
    return Table("campaigns", "Campaigns", _COLUMNS, rows, empty)


def _state(course: Course) -> str:
    # Why one waits names repositories that a visitor may not see; why one stopped does not.
    return f"stopped: {course.reason}" if course.state is Stand.STOPPED else course.state.value


def _laggards(chosen: Sequence[_Campaign], view: View) -> Table:
    """Return the repositories of open waves of what still runs that are not done, the longest first."""
    late: list[tuple[datetime, _Campaign, _Place]] = []
    for one in chosen:
        if one.course.state is not Stand.RUNNING:
            continue
        opened = {id_ for wave in one.course.waves for id_ in wave}
        held = [p for p in one.taking_part if p.known.id in opened and p.standing not in _DONE]
        late += [(_since(one.course, place), one, place) for place in held]
    # Of what went wrong nobody waits for the next step.
    late.sort(key=lambda it: (it[2].standing in _WRONG, it[0], it[2].known.full_name.lower()))

    def cells(it: tuple[datetime, _Campaign, _Place]) -> Mapping[str, Cell]:
        since, one, place = it
        return {
            "repository": view.at(place.known.id),
            "campaign": one.course.name,
            "standing": place.standing.value,
            "pull": Link(place.row.title, place.row.url) if place.row and place.row.number > 0 else None,
            "days": (view.now - since).days,
        }

    title, empty = "Not done in open waves, the longest first", "All that may be done is."
    return paged.listed(view, PATH, Table("laggards", title, _LAGGARDS, (), empty), late, cells)


def _since(course: Course, place: _Place) -> datetime:
    if place.row is None:
        return course.started
    return place.row.closed_at or place.row.opened_at


def _progress(chosen: Sequence[_Campaign], now: datetime) -> Table:
    drawn: list[Markup] = []
    rows: list[Mapping[str, Cell]] = []
    for one in chosen[:_CHARTS]:
        weeks, whole = _weeks(one, now), len(one.taking_part)
        says = f"{one.course.name}: {len(one.done)} of {whole} done"
        name = one.course.name
        figure = Markup("<figure><figcaption>{}</figcaption>{}</figure>")
        points = [(str(week), float(done), float(whole)) for week, done in weeks]
        drawn.append(figure.format(name, charts.burn_up(says, points)))
        rows += [{"campaign": name, "week": week, "done": done, "of": whole} for week, done in weeks]
    chart = Markup('<div class="charts">{}</div>').format(Markup().join(drawn)) if drawn else ""
    return Table("progress", "Week by week", _PROGRESS, rows, "Nothing is done yet.", chart=chart)


def _weeks(one: _Campaign, now: datetime) -> list[tuple[date, int]]:
    """Return how many were done by the end of each week since the campaign began, the last half year."""
    ended = sorted(place.row.closed_at for place in one.done if place.row and place.row.closed_at)
    first = max(one.course.started, now - _WEEKS * _WEEK)
    begins = [first + n * _WEEK for n in range((now - first) // _WEEK + 1)]
    return [(begin.date(), sum(moment < begin + _WEEK for moment in ended)) for begin in begins]
