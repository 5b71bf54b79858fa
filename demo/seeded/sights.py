"""What was seen in the seeded repositories: how fresh they are, what ends, what is weak, what is promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from codemods import lifecycles
from codemods.debts import Standing
from demo.seeded.town import NOW, OVERLOADED, Place, Town
from workers.ledger import Ledger
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.promises import PromiseRow

_DAYS_AT_ONCE = 10
_FEW, _MOST, _NEW, _GONE = 0.4, 0.9, 0.012, 0.004
_STANDS_ON = (
    ("python", "3.9", "pyproject.toml", 0.05),
    ("python", "3.10", "pyproject.toml", 0.16),
    ("python", "3.11", "pyproject.toml", 0.3),
    ("python", "3.12", "pyproject.toml", 0.4),
    ("django", "4.2", "requirements.txt", 0.07),
    ("django", "5.1", "requirements.txt", 0.06),
    ("django", "5.2", "requirements.txt", 0.2),
    ("debian", "11", "Dockerfile", 0.08),
    ("debian", "12", "Dockerfile", 0.3),
    ("node", "20", ".github/workflows/ci.yml", 0.06),
    ("node", "22", ".github/workflows/ci.yml", 0.14),
)
"""A table of the calendar, a version, where it stands, and the share of repositories that it stands in."""
_KIND = {"python": "python", "django": "package", "debian": "image", "node": "action"}
_WEAK = (
    ("CVE-2024-45230", "django", "high", date(2024, 9, 3)),
    ("CVE-2024-37891", "urllib3", "moderate", date(2024, 6, 17)),
    ("CVE-2024-35195", "requests", "moderate", date(2024, 5, 20)),
    ("CVE-2024-34064", "jinja2", "moderate", date(2024, 5, 6)),
    ("CVE-2024-3651", "idna", "moderate", date(2024, 4, 11)),
    ("CVE-2024-6345", "setuptools", "high", date(2024, 7, 15)),
    ("CVE-2024-1135", "gunicorn", "high", date(2024, 4, 16)),
    ("CVE-2024-26130", "cryptography", "high", date(2024, 2, 21)),
)
_SAID = (
    ("[2026-09-30] drop the old voucher codes.", Standing.DUE, date(2026, 9, 30)),
    ("[2026-08-01] delete after the migration.", Standing.DUE, date(2026, 8, 1)),
    ("[2026-06-15] the old endpoint goes.", Standing.DUE, date(2026, 6, 15)),
    ("remove when we drop Python 3.8.", Standing.DUE, None),
    ("remove when we drop Python 3.14.", Standing.NOT_YET, None),
    ("take this out once #812 is fixed.", Standing.ORPHANED, None),
    ("the index rejects more than 500 documents at once.", Standing.UNCONDITIONAL, None),
    ("ask legal whether we may keep this for a year.", Standing.UNCONDITIONAL, None),
)
"""What is promised, as a scan writes it, how that stands, and since when: before its day nothing is due."""


def write(book: Ledger, town: Town) -> None:
    """Write all of it."""
    places = [place for place in town.places if not place.left]
    for rows in _in_parts(_freshness(town, places), _DAYS_AT_ONCE * len(places)):
        book.freshness.note(*rows)
    for place in places:
        book.horizons.replace(place.id, _horizons(town, place))
        _weaknesses(book, town, place)
        _promises(book, town, place)


def _freshness(town: Town, places: Sequence[Place]) -> Iterator[FreshnessRow]:
    """Yield each repository on each day, today too: what is merged helps, what is released does not."""
    chances = {place.id: town.chance(f"freshness {place.id}") for place in places}
    behind = {id_: chance.uniform(300, 9000) for id_, chance in chances.items()}
    taken = {place.id: 12 + place.id % 40 for place in places}
    for number in range(7 * town.weeks + 1):
        day = (town.start + timedelta(days=number)).date()
        for place in places:
            chance = chances[place.id]
            falls_back = chance.uniform(0, 22)
            is_moved = chance.random() < (0.03 if place.team.name == OVERLOADED else 0.11)
            behind[place.id] = behind[place.id] * (0.86 if is_moved else 1) + falls_back
            changes = chance.random()
            taken[place.id] += 1 if changes < _NEW else -1 if changes > 1 - _GONE else 0
            yield _fresh(place.id, day, taken[place.id], behind[place.id])


def _fresh(id_: int, day: date, dependencies: int, behind: float) -> FreshnessRow:
    late = min(dependencies - 2, int(behind / 160))
    return FreshnessRow(
        id_,
        day,
        dependencies=dependencies,
        known=dependencies - 1,
        days=int(behind),
        majors=late // 4,
        minors=late // 2,
        patches=late // 5,
    )


def _horizons(town: Town, place: Place) -> Sequence[HorizonRow]:
    chance, known = town.chance(f"horizons {place.id}"), lifecycles.known()
    found = []
    for table, version, path, share in _STANDS_ON:
        cycle = known[table].cycle(version)
        if chance.random() < share and cycle is not None:
            key = f"python-floor/{version}" if table == "python" else f"end-of-life/{table}"
            words = f"{known[table].name} {version}"
            found.append(HorizonRow(place.id, _KIND[table], words, cycle.ends, path, key))
    return found


def _weaknesses(book: Ledger, town: Town, place: Place) -> None:
    """Write which weaknesses came and went: each look says which there are."""
    chance = town.chance(f"weaknesses {place.id}")
    seen = {name: _weak(place, town, chance.random()) for name in chance.sample(range(len(_WEAK)), 2)}
    there: Mapping[int, ExposureRow] = {
        name: ExposureRow(
            place.id, *_WEAK[name][:3], f"fix-vulnerable-dependency/{_WEAK[name][1]}", _WEAK[name][3], at
        )
        for name, at in seen.items()
        if chance.random() < _FEW
    }
    moments = sorted({row.since for row in there.values()})
    for moment in moments:
        book.exposures.note(place.id, [row for row in there.values() if row.since <= moment], moment)
    mended = moments[-1] + timedelta(days=chance.uniform(0.2, 9)) if moments else NOW
    if mended < NOW and place.team.name != OVERLOADED:
        book.exposures.note(place.id, (), mended)


def _weak(place: Place, town: Town, when: float) -> datetime:
    return town.start + timedelta(hours=place.id % 24) + when * (NOW - timedelta(days=1) - town.start)


def _promises(book: Ledger, town: Town, place: Place) -> None:
    chance = town.chance(f"promises {place.id}")
    if chance.random() > _FEW:
        return
    package = place.repository.name.partition("-")[0]
    rows = [
        PromiseRow(
            place.id,
            path=f"{package}/{chance.choice(('views', 'models', 'tasks'))}.py",
            number=chance.randint(5, 400),
            said=said,
            standing=_stands(standing, due, NOW.date()).value,
            owner=chance.choice((*place.team.people, "")),
            written=date(2026, 1, 1) - timedelta(days=chance.randint(0, 1500)),
            due=due,
        )
        for said, standing, due in chance.choices(_SAID, k=chance.randint(1, 6))
    ]
    book.promises.replace(place.id, rows)
    for week in range(town.weeks):
        ago = timedelta(weeks=town.weeks - 1 - week)
        day, there = (NOW - ago).date(), [row for row in rows if chance.random() < _MOST or not ago]
        book.debts.note(
            place.id, day, Counter(_stands(Standing(row.standing), row.due, day) for row in there)
        )


def _stands(standing: Standing, due: date | None, day: date) -> Standing:
    """Return how a promise stood on a day, of which its last standing is known."""
    return standing if due is None or due <= day else Standing.NOT_YET


def _in_parts(rows: Iterator[FreshnessRow], size: int) -> Iterator[Sequence[FreshnessRow]]:
    part: list[FreshnessRow] = []
    for row in rows:
        part.append(row)
        if len(part) >= size:
            yield part
            part = []
    if part:
        yield part
