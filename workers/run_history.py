"""Asks GitHub how long workflows took: little at a time, and of each run once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from workers import logs
from workers.discover import Memory
from workers.github import GitHubError, GoneError, PassingError, RefusedError
from workers.model import mark
from workers.runs import JobRun, Ran, Run, StepRun

RUNS = 50
"""Runs of a workflow that are looked at, of each moment that is asked about."""
_KEPT = 3
"""Moments of which it is kept what was answered."""
_FOLDER = ".github/workflows/"

log = logs.get(__name__)


class Door(Protocol):
    """What is asked: see `workers.github.workflow_runs`."""

    def newest(self, file: str, created: str, most: int) -> Sequence[Run]:
        """Return the newest runs, the newest first."""

    def oldest(self, file: str, created: str) -> Sequence[Run]:
        """Return the oldest runs, the oldest first."""

    def jobs(self, run: int) -> Sequence[JobRun]:
        """Return the jobs of a run."""


@dataclass(frozen=True, slots=True)
class History:
    """The past of one repository's workflows; ``repository`` is its number."""

    door: Door
    memory: Memory
    repository: int

    def known(self, path: str, until: datetime) -> Sequence[Ran]:
        """Return what `before` does, nothing where GitHub cannot say it; but not where it asks us to wait."""
        try:
            return self.before(path, until)
        except PassingError as error:
            if error.after is not None:
                raise
            log.info("history of a workflow unknown", path=path, reason=str(error))
            return ()

    def before(self, path: str, until: datetime) -> Sequence[Ran]:
        """Return the newest runs up to a moment, the oldest first.

        What was answered about a moment is the answer, too, when some of these runs began anew since.
        """
        shelf = self._read(path)
        keys = shelf.asked.get(until.isoformat())
        if keys is None:
            newest = self._listed(lambda file: self.door.newest(file, f"<={_moment(until)}", RUNS), path)
            found = self._with_jobs(path, shelf, sorted(newest, key=lambda run: (run.created, run.id)))
            # Where GitHub refused to tell of the jobs, that is no answer to stay with.
            if found or not newest:
                self._write(path, shelf.answered(until, found))
            return found
        known = [shelf.runs[key] for key in keys if key in shelf.runs]
        if list(shelf.asked)[-1] != until.isoformat():
            self._write(path, shelf.answered(until, known))
        return known

    def after(self, path: str, since: datetime, until: datetime) -> Sequence[Ran]:
        """Return the first runs between two moments, the oldest first."""
        created = f"{_moment(since)}..{_moment(until)}"
        oldest = self._listed(lambda file: self.door.oldest(file, created), path)
        return self._with_jobs(path, self._read(path), list(islice(oldest, RUNS)))

    def sampled(self, path: str, runs: Sequence[Run]) -> Sequence[Ran]:
        """Return runs with their jobs, of which those that are known are not asked for."""
        return self._with_jobs(path, self._read(path), runs)

    def _listed(self, ask: Callable[[str], Sequence[Run]], path: str) -> Sequence[Run]:
        try:
            return ask(path.removeprefix(_FOLDER))
        except (GoneError, RefusedError) as error:
            log.info("history of a workflow unknown", path=path, reason=str(error))
            return ()

    def _with_jobs(self, path: str, shelf: _Shelf, runs: Sequence[Run]) -> list[Ran]:
        """Return runs with their jobs; what was learned before GitHub failed stays learned."""
        fresh: dict[str, Ran] = {}
        try:
            for run in runs:
                if run.key not in shelf.runs and (jobs := self._jobs(run)) is not None:
                    fresh[run.key] = Ran(run, jobs)
        except GitHubError as error:
            self._write(path, shelf.with_runs(fresh))
            if isinstance(error, PassingError):
                raise
            return []
        if fresh:
            self._write(path, shelf.with_runs(fresh))
        known = {**shelf.runs, **fresh}
        return [known[run.key] for run in runs if run.key in known]

    def _jobs(self, run: Run) -> tuple[JobRun, ...] | None:
        """Return the jobs of a run, None where somebody deleted it since it was listed."""
        try:
            return tuple(self.door.jobs(run.id))
        except GoneError:
            return None

    def _key(self, path: str) -> str:
        return f"runs:{self.repository}:{mark(path)}"

    def _read(self, path: str) -> _Shelf:
        key = self._key(path)
        told = json.loads(self.memory.recall([key]).get(key, "{}"))
        runs = {key: _ran(key, row) for key, row in told.get("runs", {}).items()}
        return _Shelf(told.get("asked", {}), runs)

    def _write(self, path: str, shelf: _Shelf) -> None:
        runs = {key: _row(ran) for key, ran in shelf.runs.items()}
        self.memory.remember({self._key(path): json.dumps({"asked": shelf.asked, "runs": runs})})


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is kept of a workflow: which runs were the answer about which moments, and runs by their keys."""

    asked: Mapping[str, Sequence[str]]
    runs: Mapping[str, Ran]

    def answered(self, until: datetime, found: Sequence[Ran]) -> _Shelf:
        """Return the shelf with one more answer; those that were asked for longest ago are forgotten."""
        others = {moment: keys for moment, keys in self.asked.items() if moment != until.isoformat()}
        asked = {**others, until.isoformat(): [ran.run.key for ran in found]}
        asked = dict(list(asked.items())[-_KEPT:])
        kept = {key for keys in asked.values() for key in keys}
        runs = {**self.runs, **{ran.run.key: ran for ran in found}}
        return _Shelf(asked, {key: ran for key, ran in runs.items() if key in kept})

    def with_runs(self, fresh: Mapping[str, Ran]) -> _Shelf:
        """Return the shelf with more runs; those of its answers are kept, and the newest others."""
        runs = {**self.runs, **fresh}
        answers = {key for keys in self.asked.values() for key in keys}
        others = sorted(runs.keys() - answers, key=lambda key: runs[key].run.created)[-(_KEPT + 1) * RUNS :]
        return _Shelf(self.asked, {key: ran for key, ran in runs.items() if key in answers.union(others)})


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(ran: Ran) -> list[object]:
    run = ran.run
    jobs = [
        [
            *(job.name, job.passed, job.seconds, job.skipped, job.hosted, list(job.labels)),
            [[step.name, step.seconds] for step in job.steps],
            *([job.began.isoformat()] if job.began else []),
        ]
        for job in ran.jobs
    ]
    return [run.event, run.branch, run.conclusion, run.created.isoformat(), jobs]


def _ran(key: str, row: Sequence[Any]) -> Ran:
    id_, _, attempt = key.partition(".")
    event, branch, conclusion, created, jobs = row
    run = Run(int(id_), int(attempt), event, branch, conclusion, datetime.fromisoformat(created))
    return Ran(run, tuple(map(_job, jobs)))


def _job(row: Sequence[Any]) -> JobRun:
    """Return the job of a row; those that were written before there was a moment have none."""
    name, passed, seconds, skipped, hosted, labels, steps, *began = row
    return JobRun(
        name,
        passed,
        seconds,
        skipped,
        hosted,
        tuple(labels),
        tuple(StepRun(*step) for step in steps),
        datetime.fromisoformat(began[0]) if began else None,
    )
