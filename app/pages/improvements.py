"""The improvements: how many of each are merged, how soon and for how long, and which should be off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import pausing
from app.pages import explained, paged
from app.pages.view import Cell, Column, Figure, Filter, Link, Shown, Table, View, query
from workers.evaluation import acceptance, survival
from workers.evaluation.acceptance import Acceptance
from workers.evaluation.fates import ACCEPTED, Fate, fate
from workers.evaluation.outline import Outline
from workers.evaluation.pausing import ENOUGH, LEAST
from workers.ledger.pauses import PauseRow

PATH = "/improvements"
NAME = "improvements"
TITLE = "Improvements"

NO_TEAM = "no team"
FARES = (
    Column("share", "Merged, %", figure=True, about="acceptance"),
    Column("low", "At least, %", figure=True, about="interval"),
    Column("high", "At most, %", figure=True, about="interval"),
    Column("merged", "Merged", figure=True, about="acceptance"),
    Column("decided", "Decided", figure=True, about="decided"),
    Column("days", "Days to merge", figure=True, about="time-to-merge"),
)
"""How something fares with people."""
_COLUMNS = (
    Column("improvement", "Improvement"),
    *FARES,
    Column("kept", "Kept, %", figure=True, about="kept"),
    Column("minutes", "Minutes saved", figure=True, about="minutes"),
    Column("opened", "Opened", figure=True, about="opened"),
    Column("state", "State", about="pause"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one kind of pull requests: ``days`` to merge is the median, None where not known.

    ``kept`` is the share of merges that was not taken back within 30 days, None where there is none.
    """

    opened: int
    accepted: Acceptance
    days: float | None
    kept: float | None
    minutes: int

    @property
    def is_unwanted(self) -> bool:
        """Whether so many were decided, and so few of them merged, that it should be off."""
        return self.accepted.decided >= ENOUGH and self.accepted.share < LEAST


def show(view: View) -> Shown:
    """Show the improvements, those that should be off first; ``team`` narrows what counts."""
    outlines = view.outlines
    teams = sorted({one.team or NO_TEAM for one in outlines}, key=str.lower)
    team = view.query.get("team", "")
    mine = [one for one in outlines if team in ("", one.team or NO_TEAM)]
    told = by(mine, lambda one: one.improvement, view.now)
    pauses = paused(view)
    cells = [_cells(id_, told[id_], pauses.get(id_, ())) for id_ in _ordered(told, pauses)]
    empty = "No pull request was opened yet." if not outlines else "This team got none."
    return Shown(
        _figures(told, mine, pauses, view),
        [paged.cut(view, PATH, Table("improvements", "How each fares", _COLUMNS, cells, empty))],
        lead=sentence(told, pauses),
        filters=[Filter("team", "Team", [(one, one) for one in teams], team)],
    )


def by(outlines: Iterable[Outline], key: Callable[[Outline], str], now: datetime) -> Mapping[str, Told]:
    """Return what became of each kind of pull requests."""
    grouped: dict[str, list[Outline]] = {}
    for one in outlines:
        if one.number > 0:
            grouped.setdefault(key(one), []).append(one)
    return {kind: of(some, now) for kind, some in grouped.items()}


def of(outlines: Sequence[Outline], now: datetime) -> Told:
    """Return what became of some pull requests."""
    kinds = acceptance.by(outlines, lambda _: "", now)
    steps = survival.curve(survival.until_reverted(outlines, now))
    merges = any(one.state == "merged" for one in outlines)
    return Told(
        len(outlines),
        kinds.get("", acceptance.of(0, 0)),
        survival.median(survival.curve(survival.until_merged(outlines, now))),
        (steps[-1].share if steps else 1.0) if merges else None,
        sum(one.minutes for one in outlines if fate(one, now) in ACCEPTED),
    )


def paused(view: View) -> Mapping[str, Sequence[PauseRow]]:
    """Return the pauses that hold and of which they may know, by improvement, the oldest first.

    Where they see a part, none says of how many some were merged (0 of 0) but those of one repository.
    """
    homes = {id_: row.installation_id for id_, row in view.repositories.items()}
    rows = pausing.held(view.book.pauses.read(), homes)
    if not view.visitor.is_local:
        outlines = view.outlines if any(row.team for row in rows) else ()
        rows = pausing.uncounted(pausing.of_teams(rows, outlines, homes))
    found: dict[str, list[PauseRow]] = {}
    for row in rows:
        found.setdefault(row.improvement, []).append(row)
    return found


def counted(row: PauseRow) -> str:
    """Return what was counted when a pause began, ``""`` where they may not know."""
    return f": {row.merged} of the {row.decided} decided when it began were merged" if row.decided else ""


def sentence(told: Mapping[str, Told], pauses: Mapping[str, Sequence[PauseRow]]) -> str:
    """Say which improvements should be switched off, and which pause already."""
    ordered = _ordered(told, pauses)
    off = [
        f"{id_} ({told[id_].accepted.merged} of {told[id_].accepted.decided} merged)"
        for id_ in ordered
        if told[id_].is_unwanted and id_ not in pauses
    ]
    resting = [f"{id_}{_for_whom(pauses[id_])}" for id_ in ordered if id_ in pauses]
    first = "None should be switched off: no other is" if resting else "None should be switched off: none is"
    words = [
        f"Switch off: {', '.join(off)}."
        if off
        else f"{first} below {percent(LEAST)} % of at least {ENOUGH} decided."
    ]
    return " ".join([*words, *([f"Pausing already: {', '.join(resting)}."] if resting else [])])


def _for_whom(pauses: Sequence[PauseRow]) -> str:
    is_everywhere = any(not row.team and row.place is None for row in pauses)
    return "" if is_everywhere else " for some"


def _ordered(told: Mapping[str, Told], pauses: Mapping[str, Sequence[PauseRow]]) -> Sequence[str]:
    """Return the ids: what should be off, what pauses, then by the most that its share may be."""

    def place(id_: str) -> tuple[int, float, int, str]:
        one = told[id_]
        rank = 1 if id_ in pauses else 0 if one.is_unwanted else 2
        return rank, one.accepted.high, -one.accepted.decided, id_

    return sorted(told, key=place)


def _cells(id_: str, told: Told, pauses: Sequence[PauseRow]) -> Mapping[str, Cell]:
    is_known = id_ in explained.known()
    name: Cell = Link(id_, f"{PATH}/{id_}") if is_known else id_
    return {"improvement": name, **figures_of(told), "state": _state(told, pauses)}


def figures_of(told: Told) -> Mapping[str, Cell]:
    """Return the figures of one kind as cells, None where nobody can know."""
    accepted = told.accepted
    is_told = accepted.decided > 0
    return {
        "share": percent(accepted.share) if is_told else None,
        "low": percent(accepted.low) if is_told else None,
        "high": percent(accepted.high) if is_told else None,
        "merged": accepted.merged,
        "decided": accepted.decided,
        "days": round(told.days, 1) if told.days is not None else None,
        "kept": percent(told.kept) if told.kept is not None else None,
        "minutes": told.minutes,
        "opened": told.opened,
    }


def percent(share: float) -> int:
    """Return a share in per cent."""
    return round(100 * share)


def _state(told: Told, pauses: Sequence[PauseRow]) -> str:
    if not pauses:
        return "should be off" if told.is_unwanted else "on"
    since = min(row.since for row in pauses).date()
    return f"pauses since {since.isoformat()}{_for_whom(pauses)}"


def _figures(
    told: Mapping[str, Told],
    outlines: Sequence[Outline],
    pauses: Mapping[str, Sequence[PauseRow]],
    view: View,
) -> Sequence[Figure]:
    fates = Counter(view.fates[one.id] for one in outlines if one.number > 0)
    decided = sum(one.accepted.decided for one in told.values())
    merged = sum(one.accepted.merged for one in told.values())
    words = f"{percent(merged / decided)} % of {decided:,}" if decided else "nothing decided"
    unwanted = sum(one.is_unwanted for one in told.values())
    rows = f"{PATH}{query(team=view.query.get('team', ''))}#improvements"
    return [
        Figure("merged", "Merged of what was decided", merged, "acceptance", rows, words),
        Figure("unwanted", "Should be off", unwanted, "unwanted", rows),
        Figure("pausing", "Pause", len(pauses), "pause", rows),
        Figure("reverted", "Taken back", fates[Fate.REVERTED], "kept", rows),
        Figure("minutes", "Minutes saved", sum(one.minutes for one in told.values()), "minutes", rows),
    ]
