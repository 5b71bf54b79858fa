"""The runway: what ends when, and which weaknesses there are, by date and by subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from app.pages import paged
from app.pages.view import Cell, Column, Figure, Filter, Link, Shown, Table, View, query
from workers.evaluation.report import SOON
from workers.ledger.exposures import ExposureRow
from workers.ledger.horizons import HorizonRow

PATH = "/runway"
NAME = "runway"
TITLE = "Runway"

_TOLD = 5
_FAR = 10_000
_OVER = "over"
_BANDS = (
    (30, "within 30 days"),
    (90, "in 31 to 90 days"),
    (180, "in 91 to 180 days"),
    (_FAR * _FAR, "later"),
)
"""How many days ahead an end is at most, and what that is called."""
_WITHIN = ((_OVER, "over already"), *((str(most), f"within {most} days") for most, _ in _BANDS[:-1]))
_SUBJECTS = (
    Column("subject", "What ends", about="end"),
    Column("kind", "Kind"),
    Column("ends", "Ends", figure=True),
    Column("days", "Days left", figure=True),
    Column("when", "When"),
    Column("repositories", "Repositories", figure=True),
    Column("where", "Where"),
)
_PLACES = (
    Column("repository", "Repository"),
    Column("subject", "What ends", about="end"),
    Column("ends", "Ends", figure=True),
    Column("path", "File"),
    Column("key", "What would end it", about="key"),
)
_WEAKNESSES = (
    Column("advisory", "Weakness", about="weakness"),
    Column("package", "Package"),
    Column("severity", "Severity"),
    Column("published", "Published", figure=True),
    Column("since", "Seen since", figure=True),
    Column("days", "Days exposed", figure=True, about="exposed"),
    Column("repositories", "Repositories", figure=True),
    Column("where", "Where"),
)
_UNKNOWN = "No end is known: what repositories use is learned when they are looked at."

End = tuple[str, str, date]
"""Kind and subject of what ends, and the day."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for: ``within`` so many days or `_OVER`, each ``""`` if not said."""

    within: str
    subject: str
    repository: str

    def fits(self, row: HorizonRow, name: str, today: date) -> bool:
        """Tell whether an end is asked for; ``name`` is its repository's."""
        left = (row.ends - today).days
        near = left < 0 if self.within == _OVER else not self.within or 0 <= left <= int(self.within)
        return near and self.subject in ("", row.subject) and self.repository in ("", name.lower())


def show(view: View) -> Shown:
    """Show what ends, the first first; ``within``, ``subject`` and ``repository`` narrow it."""
    asked, today = _asked(view), view.now.date()
    names = {id_: row.full_name for id_, row in view.repositories.items()}
    ends, weak = view.book.horizons.read(names), view.book.exposures.read(names, is_open=True)
    wanted = [row for row in ends if asked.fits(row, names[row.repository_id], today)]
    mine = [row for row in weak if asked.repository in ("", names[row.repository_id].lower())]
    subjects = _subjects(wanted, names, view, _UNKNOWN if not ends else "Nothing that is known of ends then.")
    places = [_places(wanted, view)] if asked.subject or asked.repository else []
    about = asked.subject or asked.repository
    is_other = asked.within not in ("", *dict(_WITHIN))
    options = (*_WITHIN, *([(asked.within, f"within {asked.within} days")] if is_other else []))
    return Shown(
        _figures(ends, weak, today),
        [subjects, *places, _weaknesses(mine, names, view)],
        title=f"{TITLE}: {about}" if about else "",
        lead=sentence(ends, today),
        filters=[Filter("within", "Ends", options, asked.within)],
    )


def _asked(view: View) -> _Asked:
    within = view.query.get("within", "")
    days = view.number("within", _FAR, _FAR)
    said = within if within == _OVER else str(days) if days < _FAR else ""
    return _Asked(said, view.query.get("subject", ""), view.query.get("repository", "").lower())


def sentence(ends: Sequence[HorizonRow], today: date) -> str:
    """Say what ends within 90 days, and how many repositories use it."""
    near = _places_of([row for row in ends if 0 <= (row.ends - today).days <= SOON.days])
    if not near:
        return f"Nothing that is known of ends within {SOON.days} days."
    told = [
        f"{subject} on {day} ({paged.counted(len(ids), 'repository', 'repositories')})"
        for (_, subject, day), ids in near.items()
    ]
    more = f", and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return f"Within {SOON.days} days end: {', '.join(told[:_TOLD])}{more}."


def _places_of(rows: Sequence[HorizonRow]) -> Mapping[End, set[int]]:
    """Return the repositories of each subject, in the order of the rows."""
    found: dict[End, set[int]] = {}
    for row in rows:
        found.setdefault((row.kind, row.subject, row.ends), set()).add(row.repository_id)
    return found


def _figures(ends: Sequence[HorizonRow], weak: Sequence[ExposureRow], today: date) -> Sequence[Figure]:
    """Count what ends and the weaknesses, each once."""
    days = [(ends - today).days for _, _, ends in _places_of(ends)]
    known = len({(row.advisory, row.package) for row in weak})
    return [
        Figure("over", "Over already", sum(d < 0 for d in days), "end", f"{PATH}{query(within=_OVER)}#ends"),
        *(
            Figure(
                f"in-{most}",
                f"End within {most} days",
                sum(0 <= d <= most for d in days),
                "end",
                f"{PATH}{query(within=most)}#ends",
            )
            for most, _ in _BANDS[:-1]
        ),
        Figure("weaknesses", "Weaknesses open", known, "weakness", f"{PATH}#weaknesses"),
    ]


def _subjects(rows: Sequence[HorizonRow], names: Mapping[int, str], view: View, empty: str) -> Table:
    """List each subject once, with where it is used."""
    cells: list[Mapping[str, Cell]] = []
    for (kind, subject, ends), ids in _places_of(rows).items():
        days = (ends - view.now.date()).days
        when = _OVER if days < 0 else next(words for most, words in _BANDS if days <= most)
        cells.append(
            {
                "subject": Link(subject, f"{PATH}{query(subject=subject)}#places"),
                "kind": kind,
                "ends": ends,
                "days": days,
                "when": when,
                "repositories": len(ids),
                "where": paged.named([names[id_] for id_ in ids]),
            }
        )
    return paged.cut(view, PATH, Table("ends", "What ends", _SUBJECTS, cells, empty))


def _places(rows: Sequence[HorizonRow], view: View) -> Table:
    """List each place of what is asked for."""
    cells: list[Mapping[str, Cell]] = [
        {
            "repository": view.at(row.repository_id),
            "subject": row.subject,
            "ends": row.ends,
            "path": row.path or None,
            "key": row.key or None,
        }
        for row in rows
    ]
    empty = "It is used nowhere that you can see."
    return paged.cut(view, PATH, Table("places", "Where it is used", _PLACES, cells, empty))


def _weaknesses(rows: Sequence[ExposureRow], names: Mapping[int, str], view: View) -> Table:
    """List each weakness that is there once, the one that was seen first first."""
    found: dict[tuple[str, str], list[ExposureRow]] = {}
    for row in rows:
        found.setdefault((row.advisory, row.package), []).append(row)
    cells: list[Mapping[str, Cell]] = []
    for (advisory, package), there in found.items():
        ids = {row.repository_id for row in there}
        cells.append(
            {
                "advisory": Link(advisory, f"https://osv.dev/vulnerability/{quote(advisory, safe='')}"),
                "package": package,
                "severity": there[0].severity or None,
                "published": there[0].published,
                "since": there[0].since.date(),
                "days": (view.now - there[0].since).days,
                "repositories": len(ids),
                "where": paged.named([names[id_] for id_ in ids]),
            }
        )
    empty = "No published weakness is known to be there."
    return paged.cut(view, PATH, Table("weaknesses", "Weaknesses", _WEAKNESSES, cells, empty))
