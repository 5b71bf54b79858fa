"""What runs of a workflow say: how long jobs and steps took, and which jobs a proposal changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from codemods import document, durations, splices, workflow
from codemods.durations import Lasted
from workers import calm
from workers.model import Candidate
from workers.runs import JobRun, Ran

Ask = Callable[[str, datetime], Sequence[Ran]]
"""Answers with the newest runs of a workflow's path up to a moment, none where nobody can tell."""

FILES = 6
"""Workflows of a proposal whose history is asked for."""
_ROWS = 12
_HOUR = 3600
_HEAD = "| Job | Runs | Median | Nine of ten within | Slowest | Its longest step |"
_RULE = "| :-- | --: | --: | --: | --: | :-- |"


@dataclass(frozen=True, slots=True)
class Place:
    """A job of a workflow's ``path``, by its name (else its id) as the file has it."""

    path: str
    title: str

    @property
    def shown(self) -> str:
        """The job as people read it."""
        return f"{calm.code(self.title)} of {calm.code(self.path.rpartition('/')[2])}"


def nothing(_: str, __: datetime) -> Sequence[Ran]:
    """Answer nothing: what is known of runs where nobody is asked."""
    return ()


def jobs(runs: Sequence[Ran]) -> Mapping[str, Lasted]:
    """Return how long the successes of each job took, by the names that GitHub shows."""
    took: dict[str, list[JobRun]] = {}
    for ran in runs:
        for job in ran.jobs:
            if job.passed:
                took.setdefault(job.name, []).append(job)
    found = {}
    for name in sorted(took):
        lasted, step = durations.of(job.seconds for job in took[name]), _longest(took[name])
        if lasted:
            found[name] = replace(lasted, step=step[0], step_median=step[1].median) if step else lasted
    return found


def supposed(data: bytes) -> Mapping[str, Lasted]:
    """Return durations as if each job of a workflow had taken an hour, over and over."""
    try:
        file = document.read(data)
    except document.Invalid:
        return {}
    hours = [_HOUR] * durations.ENOUGH
    told = {workflow.title(name, job): durations.of(hours) for name, job in workflow.jobs(file)}
    return {title: lasted for title, lasted in told.items() if lasted}


def longest_step(runs: Sequence[Ran], title: str) -> tuple[str, Lasted] | None:
    """Return the step of a job that takes the longest, by its median over the runs that tell of it."""
    shown = durations.shown_as(title)
    return _longest([job for ran in runs for job in ran.jobs if job.passed and shown.fullmatch(job.name)])


def _longest(some: Sequence[JobRun]) -> tuple[str, Lasted] | None:
    took: dict[str, list[float]] = {}
    for job in some:
        for step in job.steps:
            took.setdefault(step.name, []).append(step.seconds)
    told = ((name, lasted) for name, seconds in sorted(took.items()) if (lasted := durations.of(seconds)))
    return max(told, key=lambda row: row[1].median * row[1].runs, default=None)


def concerned(candidate: Candidate, *, steps: bool = False) -> tuple[Place, ...]:
    """Return the jobs in which a proposal changes something; with ``steps`` only within their steps."""
    found: dict[Place, None] = {}
    for edit in candidate.edits[:FILES]:
        lines = {f.line for f in candidate.findings if f.edit and f.edit.path == edit.path}
        found |= dict.fromkeys(
            Place(edit.path, title) for title in _at(edit.before or b"", lines, steps=steps)
        )
    return tuple(found)


def _at(data: bytes, lines: set[int], *, steps: bool) -> Iterator[str]:
    try:
        file = document.read(data)
    except document.Invalid:
        return
    for name, job in workflow.jobs(file):
        inner = job.get("steps") if steps else None
        begins, ends = (inner.start, inner.end) if inner else (name.start, job.end)
        within = range(splices.line_of(data, begins), splices.line_of(data, max(ends - 1, begins)) + 1)
        if (inner or not steps) and not lines.isdisjoint(within):
            yield workflow.title(name, job)


def section(places: Sequence[Place], known: Mapping[str, Sequence[Ran]]) -> str:
    """Return the table of how long some jobs take, ``""`` where nothing is known of any."""
    rows = []
    for place in places:
        runs = known.get(place.path, ())
        lasted = durations.together(tuple(durations.rows(place.title, jobs(runs))))
        if lasted is None:
            continue
        step = longest_step(runs, place.title)
        said = f"{calm.code(step[0])}, {durations.said(step[1].median)}" if step else ""
        figures = (durations.said(s) for s in (lasted.median, lasted.ninety, lasted.slowest))
        rows.append(f"| {place.shown} | {lasted.runs} | {' | '.join(figures)} | {said} |")
    left = f"\n\n… and {len(rows) - _ROWS} more." if len(rows) > _ROWS else ""
    return "\n".join((_HEAD, _RULE, *rows[:_ROWS])) + left if rows else ""
