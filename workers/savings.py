"""Estimates which part of its workflows' minutes a proposal saves, from the runs that were."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from codemods import document, durations, workflow
from workers import calm
from workers.runs import JobRun, Ran

_LEAST = timedelta(days=7)
"""What a month is told from: fewer days know no weekend."""
_MONTH = timedelta(days=30)
_PERCENT = 100
_WORTH = 0.005
"""The part from which on something is said."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a workflow before a proposal: its text, and its runs up to a moment, the oldest first.

    ``titles`` are the jobs in which the proposal changes something, ``branch`` is the default one.
    """

    path: str
    data: bytes
    titles: tuple[str, ...]
    runs: Sequence[Ran]
    until: datetime
    branch: str


@dataclass(frozen=True, slots=True)
class Saving:
    """The part of a workflow's time that goes, from ``low`` to ``high`` (1 is all of it).

    ``minutes`` are those of all its jobs in a month, None where its runs are of less than a week.
    """

    path: str
    low: float
    high: float
    minutes: float | None


_Counted = Callable[[Past], Sequence[float]]
"""Answers how many seconds of each run are not needed."""


def of(improvement: str, past: Past) -> Saving | None:
    """Return what an improvement saves of a workflow, None where too few runs tell, or nothing goes.

    The two ends are those of the older and of the newer half of the runs. Of what only may go, as a cache
    makes a step faster and nobody knows by how much, the low one is 0.
    """
    kind, runs = _KINDS.get(improvement), past.runs
    if kind is None or len(runs) < 2 * durations.ENOUGH:
        return None
    gone, all_of_it = kind.counted(past), [sum(job.seconds for job in _ran(ran)) for ran in runs]
    half = len(runs) // 2
    parts = [
        sum(some) / max(sum(whole), 1)
        for some, whole in ((gone[:half], all_of_it[:half]), (gone[half:], all_of_it[half:]))
    ]
    span = past.until - runs[0].run.created
    minutes = sum(all_of_it) / 60 * (_MONTH / span) if span >= _LEAST else None
    low, high = (min(parts) if kind.certain else 0.0), max(parts)
    return Saving(past.path, low, high, minutes) if high >= _WORTH else None


def is_counted(improvement: str) -> bool:
    """Say whether it can be told what an improvement saves."""
    return improvement in _KINDS


def section(improvement: str, savings: Sequence[Saving]) -> str:
    """Return what people read of savings, ``""`` where there are none."""
    if not savings:
        return ""
    head = "| Workflow | Minutes a month | Expected to go | |\n| :-- | --: | --: | --: |"
    rows = "\n".join(map(_row, savings))
    return f"### What it saves\n\n{head}\n{rows}\n\n{_KINDS[improvement].words}"


def said(savings: Sequence[Saving]) -> list[list[object]]:
    """Return savings as a body's metadata have them."""
    return [[one.path, round(one.low, 3), round(one.high, 3)] for one in savings]


def _row(one: Saving) -> str:
    name = calm.code(one.path.rpartition("/")[2])
    minutes, goes = "-", "-"
    if one.minutes is not None:
        minutes, goes = f"{one.minutes:,.0f}", _between(one.low * one.minutes, one.high * one.minutes)
    return f"| {name} | {minutes} | {goes} | {_between(one.low * _PERCENT, one.high * _PERCENT)} % |"


def _between(low: float, high: float) -> str:
    ends = [f"{end:,.0f}" for end in (low, high)]
    return " to ".join(dict.fromkeys(ends))


def _ran(ran: Ran) -> Iterator[JobRun]:
    return (job for job in ran.jobs if not job.skipped)


def _superseded(past: Past) -> Sequence[float]:
    """Return how long the jobs of a pull request's run went on when its next run was there already.

    What was begun anew was wanted, however old.
    """
    told, newer = [], dict[str, datetime]()
    for ran in reversed(past.runs):
        run, next_one = ran.run, newer.get(ran.run.branch)
        counts = run.event == "pull_request" and run.attempt == 1 and next_one is not None
        told.append(sum(_beyond(ran, job, next_one) for job in _ran(ran)) if counts and next_one else 0)
        if run.event == "pull_request":
            newer[run.branch] = run.created
    return told[::-1]


def _beyond(ran: Ran, job: JobRun, moment: datetime) -> float:
    """Return how many seconds a job ran after a moment: where its begin is not known, as if at once."""
    ended = (job.began or ran.run.created) + timedelta(seconds=job.seconds)
    return min(max((ended - moment).total_seconds(), 0), job.seconds)


def _elsewhere(past: Past) -> Sequence[float]:
    """Return how long the runs for pushes took that are not on the default branch."""
    return [
        sum(job.seconds for job in _ran(ran))
        if ran.run.event == "push" and past.branch and ran.run.branch != past.branch
        else 0
        for ran in past.runs
    ]


def _steps(pattern: re.Pattern[str]) -> _Counted:
    """Return what counts the seconds of the steps whose commands a pattern finds, in the jobs that change."""

    def counted(past: Past) -> Sequence[float]:
        named = [
            (durations.shown_as(title), tuple(durations.shown_as(name) for name in names))
            for title, names in _named(past, pattern)
        ]
        return [
            sum(
                step.seconds
                for job in _ran(ran)
                for title, names in named
                if title.fullmatch(job.name)
                for step in job.steps
                if any(name.fullmatch(step.name) for name in names)
            )
            for ran in past.runs
        ]

    return counted


def _named(past: Past, pattern: re.Pattern[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the jobs, and how GitHub shows the steps in them: by their name, else by their first line."""
    for name, job in workflow.jobs(document.read(past.data)):
        title = workflow.title(name, job)
        steps = [step for step in workflow.steps(job) if pattern.search(workflow.text(step, "run"))]
        if title in past.titles:
            yield title, [workflow.shown(step) for step in steps]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a saving is counted, whether all that is counted goes for ``certain``, and the words for it."""

    counted: _Counted
    certain: bool
    words: str


_HALVES = "The two ends are the older and the newer half of the runs before this pull request."
_MOST = "How much of that goes nobody can tell before: the higher number is all of it, and no more can go."
_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "superseded-runs": _Kind(
            _superseded,
            certain=True,
            words=f"So long jobs went on when the next run of their pull request was there. {_HALVES}",
        ),
        "duplicate-triggers": _Kind(
            _elsewhere,
            certain=True,
            words=f"These are the runs for pushes that are not to the default branch. {_HALVES}",
        ),
        "setup-python-cache": _Kind(
            _steps(re.compile(r"\b(?:pip3?|pipenv|poetry)\b.*\b(?:install|sync)\b")),
            certain=False,
            words=f"This is what the steps took that install something. {_MOST}",
        ),
        "uncached-pre-commit": _Kind(
            _steps(re.compile(r"\bpre-commit run\b")),
            certain=False,
            words=f"This is what the steps took that run the hooks. {_MOST}",
        ),
        "pip-to-uv": _Kind(
            _steps(re.compile(r"\bpip3?\b.*\binstall\b")),
            certain=False,
            words=f"This is what the steps took that install something. {_MOST}",
        ),
    }
)
