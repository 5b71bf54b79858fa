"""Tells what a week brought: merged, waiting, fresher or not, ending, weak, saved, and what pauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from workers.evaluation import acceptance, freshness, pausing
from workers.evaluation.fates import ACCEPTED, DECIDED, Fate, fate, is_waiting
from workers.evaluation.freshness import Noted
from workers.evaluation.outline import Outline
from workers.evaluation.pausing import Paused
from workers.evaluation.toil import toil
from workers.model import CONFIGURE, State

SOON = timedelta(days=90)
"""How far ahead a report looks, and how far back it tells shares from."""
WEEK = timedelta(days=7)
_MOST = 20
_MOMENT = timedelta(microseconds=1)


class Ending(Protocol):
    """What ends in a repository on a day (`workers.ledger.horizons.HorizonRow`)."""

    @property
    def repository_id(self) -> int:
        """Whose it is."""

    @property
    def subject(self) -> str:
        """What ends."""

    @property
    def ends(self) -> date:
        """The day from which it gets no fixes."""


class Exposed(Protocol):
    """A weakness that was seen in a repository (`workers.ledger.exposures.ExposureRow`)."""

    @property
    def repository_id(self) -> int:
        """Whose it is."""

    @property
    def advisory(self) -> str:
        """Its name."""

    @property
    def package(self) -> str:
        """In what it is."""

    @property
    def since(self) -> datetime:
        """When it was seen first."""

    @property
    def gone(self) -> datetime | None:
        """When it was not seen any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger has of an ``organisation``; ``names`` are those of its repositories by id."""

    organisation: str
    names: Mapping[int, str]
    outlines: Sequence[Outline]
    freshness: Sequence[Noted] = ()
    endings: Sequence[Ending] = ()
    exposures: Sequence[Exposed] = ()
    pauses: Sequence[Paused] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A text that may be somebody else's, with an address where it has one."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer: a sentence, the figures in it, and the rows behind them.

    Of these a report has 20 at most, and ``more`` that it leaves out.
    """

    name: str
    title: str
    sentence: str
    figures: Mapping[str, float | None]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What an organisation reads of a week, ``2026-W48``, from ``begin`` to before ``end`` (UTC)."""

    organisation: str
    week: str
    begin: datetime
    end: datetime
    sections: tuple[Section, ...]


def begin(week: str) -> datetime:
    """Return when a week of ISO 8601 began, ``2026-W48``; ValueError where it is none."""
    year, _, number = week.partition("-W")
    return datetime.combine(date.fromisocalendar(int(year), int(number), 1), time(), UTC)


def last(now: datetime) -> str:
    """Return the last week that is over."""
    year, number, _ = (now.astimezone(UTC) - WEEK).isocalendar()
    return f"{year}-W{number:02}"


def compared(week: str, now: datetime) -> tuple[date, date]:
    """Return the days of which a report tells how fresh all was: the last before the week, and its last."""
    first = begin(week)
    return (first - _MOMENT).date(), (_until(first, now) - _MOMENT).date()


def _until(first: datetime, now: datetime) -> datetime:
    return min(first + WEEK, max(first, now))


def made(known: Known, week: str, now: datetime) -> Report:
    """Return the report about a week; of one that is not over, what is known of it ``now``.

    What is open, ends or pauses is told as it is now: only what happened has a moment in the week.
    """
    first = begin(week)
    asked = _Week(known, first, _until(first, now), now)
    told = (_merged, _waiting, _fresher, _ending, _weak, _saved, _pausing)
    return Report(known.organisation, week, first, first + WEEK, tuple(tell(asked) for tell in told))


@dataclass(frozen=True, slots=True)
class _Week:
    """What is known, and from when ``until`` when the week lasts."""

    known: Known
    begin: datetime
    until: datetime
    now: datetime

    @property
    def improvements(self) -> list[Outline]:
        """The pull requests that are an improvement's."""
        return [one for one in self.known.outlines if one.key != CONFIGURE and one.number > 0]

    def ended(self, since: datetime) -> list[Outline]:
        """Return what ended since a moment, up to the end of the week."""
        return [o for o in self.improvements if o.closed_at and since <= o.closed_at < self.until]

    def name(self, repository_id: int) -> str:
        return self.known.names.get(repository_id, "a repository that is gone")


def _merged(week: _Week) -> Section:
    mine, lately = week.ended(week.begin), week.ended(week.until - SOON)
    yes = [one for one in mine if one.state == State.MERGED]
    decided = sum(fate(one, week.now) in DECIDED for one in mine)
    kept = sum(fate(one, week.now) in ACCEPTED for one in yes)
    share = acceptance.by(lately, lambda _: "", week.now).get("", acceptance.of(0, 0))
    sentence = f"{len(yes)} of {decided} that were decided this week were merged"
    sentence += f", {len(yes) - kept} of them taken back or broken." if kept < len(yes) else "."
    if share.decided:
        low, high = (f"{100 * bound:.0f}" for bound in (share.low, share.high))
        sentence += (
            f" In 90 days {share.merged} of {share.decided} were merged and stayed: "
            f"{100 * share.share:.0f} % (95 % interval {low} to {high} %)."
        )
    figures = {"merged": len(yes), "kept": kept, "decided": decided, "share": share.share}
    words = {Fate.EDITED: "edited first", Fate.REVERTED: "taken back", Fate.BROKE: "broke the default branch"}
    rows = [
        (
            Cell(one.title, one.url),
            Cell(week.name(one.repository_id)),
            Cell(words.get(fate(one, week.now), "")),
        )
        for one in yes
    ]
    return _section("merged", "Merged", sentence, figures, ("Pull request", "Repository", "What then"), rows)


def _waiting(week: _Week) -> Section:
    """Tell what waits now, for whom, the longest wait first."""
    are_open = [one for one in week.improvements if one.state == State.OPEN]
    ready = list(filter(is_waiting, are_open))
    grouped: dict[str, list[Outline]] = {}
    for one in ready:
        grouped.setdefault(one.team or week.name(one.repository_id), []).append(one)
    waits = {
        whose: max(week.now - (o.asked_at or o.opened_at) for o in some) for whose, some in grouped.items()
    }
    rows = [
        (
            Cell(whose),
            _count(grouped[whose]),
            _number(sum(o.cost for o in grouped[whose])),
            _number(waits[whose].days),
        )
        for whose in sorted(waits, key=lambda whose: (-waits[whose], whose))
    ]
    minutes = sum(one.cost for one in ready)
    sentence = f"{len(ready)} of {len(are_open)} open pull requests wait for a review of {minutes} minutes."
    figures = {"open": len(are_open), "waiting": len(ready), "minutes": minutes}
    head = ("For whom", "Pull requests", "Minutes of review", "Longest, in days")
    return _section("waiting", "Waiting", sentence, figures, head, rows)


def _fresher(week: _Week) -> Section:
    """Compare the repositories that were known before the week and in it, and no others."""
    title, until = "Fresher or not", (week.until - _MOMENT).date()
    before = [row for row in week.known.freshness if row.day < week.begin.date()]
    after = [row for row in week.known.freshness if row.day <= until]
    both = {row.repository_id for row in before}
    now, then = freshness.summed(after), freshness.summed(before)
    behind = freshness.summed(row for row in after if row.repository_id in both)
    if not now.repositories:
        return Section("fresher", title, "Nothing is known of it yet.", {"libyears": None, "change": None})
    sentence = (
        f"Dependencies are {now.libyears:.1f} libyears behind: {now.known} of {now.dependencies} in "
        f"{now.repositories} of {len(week.known.names)} repositories are known."
    )
    change = behind.libyears - then.libyears if both else None
    if change is not None:
        word = "more" if change > 0 else "less"
        told = f"{abs(change):.1f} libyears {word} than" if round(abs(change), 1) else "as far behind as"
        sentence += f" The {len(both)} that were known before the week are {told} before it."
    return Section("fresher", title, sentence, {"libyears": now.libyears, "change": change})


def _ending(week: _Week) -> Section:
    """Tell what gets no fixes any more within 90 days, or does not get any already."""
    today = week.now.date()
    near = [one for one in week.known.endings if one.ends <= today + SOON]
    grouped: dict[tuple[date, str], set[int]] = {}
    for one in near:
        grouped.setdefault((one.ends, one.subject), set()).add(one.repository_id)
    rows = [
        (Cell(day.isoformat()), Cell(subject), Cell(_names(week, places)))
        for (day, subject), places in sorted(grouped.items())
    ]
    over = sum(day < today for day, _ in grouped)
    places = len({one.repository_id for one in near})
    sentence = (
        f"{len(grouped) - over} end within 90 days and {over} have ended already, "
        f"in {places} of {len(week.known.names)} repositories."
    )
    figures = {"soon": len(grouped) - over, "over": over, "repositories": places}
    return _section("ending", "What ends in 90 days", sentence, figures, ("Ends", "What", "Where"), rows)


def _weak(week: _Week) -> Section:
    seen = week.known.exposures
    are_open = sorted((one for one in seen if one.gone is None), key=lambda one: one.since)
    gone = sum(one.gone is not None and week.begin <= one.gone < week.until for one in seen)
    new = sum(week.begin <= one.since < week.until for one in seen)
    places = len({one.repository_id for one in are_open})
    rows = [
        (
            Cell(one.advisory),
            Cell(one.package),
            Cell(week.name(one.repository_id)),
            _number(max(0, (week.now - one.since).days)),
        )
        for one in are_open
    ]
    sentence = (
        f"{len(are_open)} published weaknesses are in use in {places} of {len(week.known.names)} "
        f"repositories; {new} came this week, and {gone} went."
    )
    figures = {"open": len(are_open), "new": new, "remediated": gone, "repositories": places}
    head = ("Weakness", "In", "Where", "Days since it was seen")
    return _section("weaknesses", "Weaknesses", sentence, figures, head, rows)


def _saved(week: _Week) -> Section:
    mine = week.ended(week.begin)
    low, high = toil(mine, week.now)
    sentence = (
        f"Between {low:.1f} and {high:.1f} hours: the work that the {len(mine)} pull requests that ended "
        "this week declare to save, less the estimated time of their reviews. Below 0 these took longer."
    )
    return Section("toil", "Hours saved", sentence, {"low": low, "high": high, "ended": len(mine)})


def _pausing(week: _Week) -> Section:
    lasting = [pause for pause in week.known.pauses if pause.ended is None]
    holding = [pause for pause in lasting if pause.improvement != pausing.WHOLE]
    whole = [pause for pause in lasting if pause not in holding]
    rows = [
        (Cell("all of them"), Cell(week.name(pause.place or 0)), Cell(f"{pause.begun_by} said so"))
        for pause in whole
    ]
    rows += [
        (
            Cell(pause.improvement),
            Cell(pause.team or (week.name(pause.place) if pause.place else "everybody")),
            Cell(f"{pause.merged} of {pause.decided} merged" if pause.decided else ""),
        )
        for pause in holding
    ]
    sentence = f"{len(holding)} improvements pause, as few of their pull requests were merged."
    sentence = sentence if holding else "No improvement pauses."
    people = f" People paused {len(whole)} of the repositories." if whole else ""
    head = ("Improvement", "For whom", "Why")
    figures = {"paused": len(holding), "repositories": len(whole)}
    return _section("paused", "Paused", sentence + people, figures, head, rows)


def _section(  # noqa: PLR0913, PLR0917 -- what a section has
    name: str,
    title: str,
    sentence: str,
    figures: Mapping[str, float | None],
    head: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
) -> Section:
    return Section(name, title, sentence, figures, head, tuple(rows[:_MOST]), max(0, len(rows) - _MOST))


def _names(week: _Week, places: Iterable[int]) -> str:
    """Return some names, and how many more there are."""
    names = sorted(map(week.name, places))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 -- as shown


def _count(some: Sequence[object]) -> Cell:
    return _number(len(some))


def _number(number: int) -> Cell:
    return Cell(f"{number:,}")
