"""The overview: whether all gets fresher, what is due, who is waited for, and where the five steps stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.pages import charts, health, improvements, repositories
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View, query
from workers.evaluation import pausing
from workers.evaluation.fates import is_waiting
from workers.evaluation.freshness import YEAR, Week, libyears, weekly
from workers.evaluation.report import SOON
from workers.ledger import ProposalRow
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.pauses import PauseRow
from workers.model import Stage, State
from workers.reasons import Reason

PATH = "/"
NAME = "overview"
TITLE = "Overview"

_ALL = 0
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WEEKS = 12
_BEFORE = 4
"""The weeks over which it is said whether all gets fresher."""
_JOBS = "/health#given-up"
_ROWS = 10
_ENDS = 15
_FRESH = (
    Column("week", "Week from"),
    Column("libyears", "Libyears", figure=True, about="libyears"),
    Column("majors", "Majors", figure=True, about="behind"),
    Column("minors", "Minors", figure=True, about="behind"),
    Column("patches", "Patches", figure=True, about="behind"),
    Column("known", "Dependencies", figure=True, about="known"),
    Column("repositories", "Repositories", figure=True),
)
_DUE = (
    Column("what", "What"),
    Column("kind", "Kind"),
    Column("day", "Day", about="end"),
    Column("days", "Days left", figure=True),
    Column("repositories", "Repositories", figure=True),
)
_WAITS = (
    Column("pull", "Pull request"),
    Column("repository", "Repository"),
    Column("asked", "Who was asked", about="reviewer"),
    Column("days", "Days waiting", figure=True, about="waits"),
    Column("minutes", "Minutes of review", figure=True, about="cost"),
)
_STUCK = (Column("what", "What"), Column("why", "Why"), Column("since", "Since"))
_BUSIEST = (
    Column("repository", "Repository"),
    Column("open", "Open", figure=True, about="open"),
    Column("withheld", "Withheld", figure=True, about="withheld"),
    Column("libyears", "Libyears", figure=True, about="libyears"),
)


_Kept = Mapping[int, Mapping[str, int]]
"""How much is withheld, by repository and by the reason's id."""


@dataclass(frozen=True, slots=True)
class _Due:
    """Something that ends, or a weakness that is there, with the repositories that have to do with it."""

    kind: str
    what: str
    day: date | None
    repositories: int


def show(view: View) -> Shown:
    """Show what one sees in a minute."""
    fresh = _thinned(view)
    weeks = weekly(fresh, dict.fromkeys(view.repositories, _ALL), view.now.date()).get(_ALL, [])[-_WEEKS:]
    ends = view.book.horizons.read(view.repositories, view.now.date() + SOON)
    weak = view.book.exposures.read(view.repositories, is_open=True)
    reviews, kept = list(filter(is_waiting, view.opened)), view.book.surveys.withheld()
    return Shown(
        _figures(weeks, ends, weak, reviews, view.now.date()),
        [
            _freshness(weeks),
            _due(ends, weak, view.now.date()),
            _reviews(reviews, view),
            _given_up(kept, view),
            _busiest(fresh, kept, view),
        ],
        {"steps": _steps(view, reviews)},
        lead=sentence(weeks),
    )


# --- freshness


def _thinned(view: View) -> Sequence[FreshnessRow]:
    """Return the rows from which the weeks are made: the last of each repository in each of them."""
    today = view.now.date()
    sunday = today - (today.weekday() + 1) * _DAY
    ends = [*(sunday - n * _WEEK for n in range(_WEEKS, -1, -1)), today]
    return view.book.freshness.last(ends, view.repositories)


def sentence(weeks: Sequence[Week]) -> str:
    """Say whether all gets fresher, over the last four weeks."""
    if not weeks:
        return "How fresh the dependencies are is learned when repositories are looked at."
    now, then = weeks[-1], weeks[max(0, len(weeks) - 1 - _BEFORE)]
    behind = f"{now.behind.libyears:,.1f} libyears behind in {now.behind.repositories} repositories"
    if then is now:
        return f"{behind}; whether that gets better is known in a week."
    # More repositories have more dependencies: what is compared is one of them.
    change = (now.behind.mean or 0.0) - (then.behind.mean or 0.0)
    how = "fresher" if change < 0 else "staler" if change > 0 else "neither fresher nor staler"
    less = "less" if change < 0 else "more"
    days = round(abs(change) * YEAR)
    return (
        f"Getting {how}: {behind}, {days} days {less} for each dependency than in the week of {then.monday}."
    )


def _freshness(weeks: Sequence[Week]) -> Table:
    rows: list[Mapping[str, Cell]] = [
        {
            "week": week.monday,
            "libyears": round(week.behind.libyears, 1),
            "majors": week.behind.majors,
            "minors": week.behind.minors,
            "patches": week.behind.patches,
            "known": week.behind.known,
            "repositories": week.behind.repositories,
        }
        for week in reversed(weeks)
    ]
    says = f"Libyears behind, week by week. {sentence(weeks)}"
    drawn = charts.line(says, [(str(week.monday), week.behind.libyears) for week in weeks])
    return Table(
        "freshness", "Are we getting fresher?", _FRESH, rows, "It is not known yet.", chart=drawn, folded=True
    )


# --- what is due


def _due(soon: Sequence[HorizonRow], weak: Sequence[ExposureRow], today: date) -> Table:
    """Return what ends within 90 days or has ended, and the weaknesses that are there, the first first."""
    ends, holes = (
        defaultdict[tuple[str, str, date], set[int]](set),
        defaultdict[tuple[str, str], set[int]](set),
    )
    for row in soon:
        ends[row.kind, row.subject, row.ends].add(row.repository_id)
    for hole in weak:
        holes[hole.severity, f"{hole.advisory} in {hole.package}"].add(hole.repository_id)
    found = [_Due(kind, what, day, len(ids)) for (kind, what, day), ids in ends.items()]
    found += [
        _Due(f"weakness, {severity}" if severity else "weakness", what, None, len(ids))
        for (severity, what), ids in holes.items()
    ]
    # What can still be done in time comes first, then what is late, then what is there.
    found.sort(
        key=lambda one: (one.day is None, (one.day or today) < today, one.day or today, -one.repositories)
    )
    rows: list[Mapping[str, Cell]] = [
        {
            "what": Link(one.what, "/runway" + query(subject=one.what)) if one.day else one.what,
            "kind": one.kind,
            "day": one.day,
            "days": (one.day - today).days if one.day else None,
            "repositories": one.repositories,
        }
        for one in found[:_ENDS]
    ]
    more = "/runway" if len(found) > _ENDS else ""
    return Table(
        "due", "What is due", _DUE, rows, f"Nothing that is known of ends within {SOON.days} days.", more
    )


# --- who is waited for


def _reviews(reviews: Sequence[ProposalRow], view: View) -> Table:
    longest = sorted(reviews, key=lambda row: row.asked_at or row.opened_at)
    mine = [row for row in longest if view.visitor.login.lower() in map(str.lower, row.reviewers)]
    others = [row for row in longest if row not in mine] if mine else longest
    rows: list[Mapping[str, Cell]] = [
        {
            "pull": Link(row.title, row.url),
            "repository": view.at(row.repository_id),
            "asked": ", ".join(row.reviewers) or "nobody",
            "days": (view.now - (row.asked_at or row.opened_at)) // _DAY,
            "minutes": row.cost,
        }
        for row in [*mine, *others][:_ROWS]
    ]
    note = f"{len(mine)} of them ask for you, and stand first." if mine else ""
    more = "/pulls" + query(state="review") if len(reviews) > _ROWS else ""
    return Table(
        "reviews", "What waits for a review", _WAITS, rows, "Nothing waits for a review.", more, note=note
    )


def _given_up(kept: _Kept, view: View) -> Table:
    """Return jobs that were given up, mistakes in kotsu.yml, and repositories and improvements that pause."""
    jobs = health.given_up(view)
    names = {id_: row.full_name for id_, row in view.repositories.items()}
    rows: list[Mapping[str, Cell]] = [
        {
            "what": Link(f"{job.kind.value} {names.get(job.repository_id or 0, '')}".strip(), _JOBS),
            "why": job.last_error,
            "since": job.finished,
        }
        for job in jobs[:_ROWS]
    ]
    broken = [id_ for id_ in view.repositories if Reason.BROKEN_CONFIGURATION.id in kept.get(id_, {})]
    rows += [
        {"what": view.at(id_), "why": "a mistake in its kotsu.yml", "since": None} for id_ in broken[:_ROWS]
    ]
    rows += [
        {"what": view.at(id_), "why": pausing.words(row), "since": row.since}
        for id_, row in list(view.paused.items())[:_ROWS]
    ]
    paused = [row for some in improvements.paused(view).values() for row in some]
    rows += [
        {
            "what": Link(row.improvement, f"/improvements/{row.improvement}"),
            "why": _whose(row, view) + improvements.counted(row),
            "since": row.since,
        }
        for row in paused[:_ROWS]
    ]
    more = _JOBS if len(jobs) > _ROWS else repositories.PATH if len(view.paused) > _ROWS else ""
    return Table("stopped", "What has stopped", _STUCK, rows, "Nothing has.", more)


def _whose(row: PauseRow, view: View) -> str:
    if row.place is not None:
        return f"it pauses in {view.repositories[row.place].full_name}"
    return f"it pauses for {row.team}" if row.team else "it pauses"


# --- the five steps


def _steps(view: View, reviews: Sequence[ProposalRow]) -> list[tuple[Link, int, str]]:
    """Return the steps with a count each, and what that counts."""
    looks = [look for id_, look in view.book.surveys.looks().items() if id_ in view.repositories]
    lately = sum(look.started > view.now - _WEEK for look in looks)
    drafts = sum(row.stage == Stage.DRAFT for row in view.opened)
    waiting = sum(row.repository_id in view.repositories for row in view.book.surveys.waiting())
    merged = view.book.surveys.merged(view.now - _WEEK)
    count = sum(merged[id_] for id_ in merged.keys() & view.repositories.keys())
    return [
        (Link("Discover", "/repositories"), lately, "repositories looked at in a week"),
        (Link("Draft", "/pulls" + query(state=Stage.DRAFT)), drafts, "drafts wait for checks"),
        (Link("Secure capacity", "/capacity#next"), waiting, "wait for room"),
        (Link("Assign", "/pulls" + query(state="review")), len(reviews), "wait for a review"),
        (
            Link("Evaluate", "/pulls" + query(state=State.MERGED.value, ended=_WEEK.days)),
            count,
            "merged in a week",
        ),
    ]


def _busiest(fresh: Sequence[FreshnessRow], kept: _Kept, view: View) -> Table:
    opened = Counter(row.repository_id for row in view.opened)
    last = {row.repository_id: row for row in fresh}
    order = sorted(view.repositories, key=lambda id_: -opened[id_])
    rows: list[Mapping[str, Cell]] = [
        {
            "repository": view.at(id_),
            "open": opened[id_],
            "withheld": sum(kept.get(id_, {}).values()),
            "libyears": round(libyears(last[id_].days), 1) if id_ in last else None,
        }
        for id_ in order[:_ROWS]
    ]
    more = "/repositories" if len(order) > _ROWS else ""
    return Table(
        "busiest", "Where most is open", _BUSIEST, rows, "There is no repository that you can see here.", more
    )


def _figures(
    weeks: Sequence[Week],
    soon: Sequence[HorizonRow],
    weak: Sequence[ExposureRow],
    reviews: Sequence[ProposalRow],
    today: date,
) -> list[Figure]:
    now = weeks[-1].behind if weeks else None
    years, late = (round(now.libyears, 1), now.known - now.current) if now else (None, None)
    unknown = "" if now else "not known"
    said = f"{years:,.1f}" if now else unknown
    ahead, over = ({(r.kind, r.subject) for r in soon if (r.ends < today) is late} for late in (False, True))
    holes = {(row.advisory, row.package) for row in weak}
    return [
        Figure("libyears", "Libyears behind", years, "libyears", "#freshness", said),
        Figure("behind", "Dependencies behind", late, "behind", "#freshness", unknown),
        Figure("due", f"End within {SOON.days} days", len(ahead), "end", "/runway" + query(within=SOON.days)),
        Figure("over", "Ended already", len(over), "end", "/runway" + query(within="over")),
        Figure("weaknesses", "Weaknesses", len(holes), "weakness", "/runway#weaknesses"),
        Figure("reviews", "Wait for a review", len(reviews), "waits", "/pulls" + query(state="review")),
    ]
