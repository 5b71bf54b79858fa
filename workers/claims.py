"""Judges what a proposal about speed claimed, by the runs before its merge and those after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp, log
from statistics import fmean, median

from codemods import durations
from codemods.model import Category
from codemods.registry import Improvement
from workers import marker, shifts
from workers.runs import Ran, Run
from workers.shifts import Change, Shift
from workers.timings import Place

AFTER = 20
"""Runs after the merge that are compared."""
PATIENCE = timedelta(days=30)
"""How long these are waited for; then those that are there have to do."""
_BEFORE = 50
_FEWEST = 5
_MOST = 10
_LONGEST = 200
_UNKNOWN = "unknown"
Known = Mapping[str, Sequence[Ran]]
"""Runs by the paths of their workflows, the oldest first."""


def is_about_speed(improvement: Improvement) -> bool:
    """Say whether what an improvement of workflows changes is to be measured."""
    return improvement.kind == "workflows" and improvement.about.category is Category.SPEED


def made(places: Sequence[Place], known: Known) -> tuple[Place, ...]:
    """Return those of the jobs that a proposal changes of which enough ran to claim that they get faster.

    Each has a name by which it can be told from the others of its workflow.
    """
    told = (p for p in places if durations.names_itself(p.title) and len(p.title) <= _LONGEST)
    return tuple(p for p in told if _enough(p, known.get(p.path, ())))[:_MOST]


def _enough(place: Place, runs: Sequence[Ran]) -> bool:
    return len(_values(_usual(place, runs), runs)) >= durations.ENOUGH


def said(places: Sequence[Place]) -> list[list[str]]:
    """Return claims as a body's metadata have them."""
    return [[place.path, place.title] for place in places]


def read(about: Mapping[str, object]) -> tuple[Place, ...]:
    """Return the claims that a pull request of ours makes in its metadata, none where it was judged."""
    told = about.get("claim")
    if not isinstance(told, list) or "measured" in about:
        return ()
    pairs = (pair for pair in told[:_MOST] if isinstance(pair, list) and len(pair) == 2)  # noqa: PLR2004 -- a pair
    return tuple(Place(str(path), str(title)) for path, title in pairs)


def telling(branch: str) -> Callable[[Run], bool]:
    """Return which runs tell of a default branch's workflows: those that are on it, or ask into it.

    Our own branches have changes of ours before they are merged.
    """

    def tells(run: Run) -> bool:
        on = run.branch == branch or run.event in {"pull_request", "pull_request_target", "merge_group"}
        return on and not run.branch.startswith("kotsu/")

    return tells


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one claim: how long it took, in so many runs, before and after; None where too few ran."""

    place: Place
    before: tuple[float, ...]
    after: tuple[float, ...]
    shift: Shift | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all claims of a proposal: a ``word`` for it, and the words that people read."""

    word: str
    text: str


def judged(places: Sequence[Place], before: Known, after: Known, waited: timedelta) -> Outcome | None:
    """Return what came of claims, None where it is too early to say.

    ``waited`` is the time since the merge.
    """
    told = [_told(place, before, after, len(places)) for place in places]
    if waited < PATIENCE and any(len(one.after) < AFTER for one in told):
        return None
    changes = {one.shift.change for one in told if one.shift}
    worst = next((c for c in (Change.WORSE, Change.MET, Change.NONE) if c in changes), None)
    word = worst.value if worst else _UNKNOWN
    return Outcome(word, _text(told, word, waited))


def written(body: str, outcome: Outcome) -> str:
    """Return a body that says first what came of its claims."""
    front, end, rest = marker.with_metadata(body, measured=outcome.word).partition("-->")
    return f"{front}{end}\n\n{outcome.text}{rest}"


def _told(place: Place, before: Known, after: Known, claims: int) -> Told:
    earlier = before.get(place.path, ())
    usual = _usual(place, earlier)
    later = [ran for ran in after.get(place.path, ()) if _values(usual, [ran])][:AFTER]
    # What does not run any more would make sure of rows that it knows nothing of.
    there = {(ran.run.event, job.name) for ran in later for job in ran.jobs if job.passed}
    usual = {row: seconds for row, seconds in usual.items() if row in there or not later}
    old, new = _values(usual, earlier)[-_BEFORE:], _values(usual, later)
    return Told(place, tuple(old), tuple(new), shifts.of(old, new, claims))


def _usual(place: Place, runs: Sequence[Ran]) -> Mapping[tuple[str, str], float]:
    """Return how long each row of a job's matrix takes on each event, where enough runs say it."""
    shown = durations.shown_as(place.title)
    took: dict[tuple[str, str], list[float]] = {}
    for ran in runs:
        for job in ran.jobs:
            if job.passed and shown.fullmatch(job.name):
                took.setdefault((ran.run.event, job.name), []).append(max(job.seconds, 1))
    return {row: median(seconds) for row, seconds in took.items() if len(seconds) >= _FEWEST}


def _values(usual: Mapping[tuple[str, str], float], runs: Sequence[Ran]) -> list[float]:
    """Return how long a job took in each of some runs, in seconds.

    A run's rows of a matrix are one value, each beside what this row usually takes on such an event: rows
    that come and go, and events that are slower, are no change.
    """
    whole = median(usual.values()) if usual else 0
    values = []
    for ran in runs:
        ratios = [
            log(max(job.seconds, 1) / usual[ran.run.event, job.name])
            for job in ran.jobs
            if job.passed and (ran.run.event, job.name) in usual
        ]
        if ratios:
            values.append(whole * exp(fmean(ratios)))
    return values


def _text(told: Sequence[Told], word: str, waited: timedelta) -> str:
    head = "| Job | Before | After | Change (95 % interval) | |\n| :-- | --: | --: | --: | :-- |"
    rows = "\n".join(map(_row, told))
    short = any(len(one.after) < AFTER for one in told)
    late = f" In {waited.days} days there were no more runs than these." if short else ""
    drift = " Where it drifted like that before, nothing can be told." if _drifts(told) else ""
    return (
        f"### Measured after the merge: {word}\n\n{head}\n{rows}\n\n"
        "Each is the median of successful runs, without the time that a job waited for its machine; a change "
        f"within 5 % is called none.{late}{drift} Something else may have changed at the same time."
    )


def _drifts(told: Sequence[Told]) -> bool:
    return any(one.shift and one.shift.drifting for one in told)


def _row(one: Told) -> str:
    old, new = (f"{durations.said(median(v))} ({len(v)} runs)" if v else "-" for v in (one.before, one.after))
    if one.shift is None:
        return f"| {one.place.shown} | {old} | {new} | - | too few runs to tell |"
    shift = one.shift
    change = f"{_percent(shift.factor)} ({_percent(shift.low)} to {_percent(shift.high)})"
    return f"| {one.place.shown} | {old} | {new} | {change} | {shift.change} |"


def _percent(factor: float) -> str:
    return f"{round((factor - 1) * 100):+d} %"
