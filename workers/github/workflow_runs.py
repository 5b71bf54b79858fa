"""What ran in GitHub Actions: the runs of a workflow, and how long their jobs and steps took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from workers.github.client import Client, understood
from workers.runs import JobRun, Run, StepRun

PAGES = 3
"""Pages of a list that are read at most, a hundred runs each."""
_PAGE = 100
_JOBS = 3
"""Pages of a run's jobs that are read at most: a matrix has 256 rows."""
_LAST = 10
"""The last page that GitHub shows of a list that is narrowed: it tells of a thousand runs."""
_STEPS, _WORTH = 4, 5
"""How many steps of a job are kept, and the seconds from which on one is worth it."""
_LONGEST = 100
_HOSTED = "GitHub Actions"
"""The group of runners in which GitHub's own machines are."""


@dataclass(frozen=True, slots=True)
class WorkflowRuns:
    """The runs of one repository's workflows; ``root`` is its path in the API.

    To read them wants ``actions: read``. ``created`` narrows a list as GitHub's search does: ``<=MOMENT``,
    ``FROM..TO``. A workflow is named by its file, without the folder.
    """

    client: Client
    root: str

    @understood
    def newest(self, file: str, created: str, most: int) -> Sequence[Run]:
        """Return the newest runs that ran to their ends, the newest first."""
        found: list[Run] = []
        for page in range(1, PAGES + 1):
            listed = [_run(run) for run in self._page(file, created, page)["workflow_runs"]]
            found += [run for run in listed if run.is_whole]
            if len(listed) < _PAGE or len(found) >= most:
                break
        return found[:most]

    @understood
    def oldest(self, file: str, created: str) -> Sequence[Run]:
        """Return the oldest runs that ran to their ends, the oldest first: those of two pages."""
        first = self._page(file, created, 1)
        last = max(min(-(-int(first["total_count"]) // _PAGE), _LAST), 1)
        pages = [first if n == 1 else self._page(file, created, n) for n in range(max(last - 1, 1), last + 1)]
        listed = {run.id: run for page in pages for run in map(_run, page["workflow_runs"])}
        return sorted((r for r in listed.values() if r.is_whole), key=lambda r: (r.created, r.id))

    @understood
    def recent(self, file: str, created: str) -> tuple[int, Sequence[Run]]:
        """Return how many runs ended, and the newest hundred of them, however they ended."""
        found = self._page(file, created, 1)
        return int(found["total_count"]), [_run(run) for run in found["workflow_runs"]]

    @understood
    def jobs(self, run: int) -> tuple[JobRun, ...]:
        """Return the jobs of a run that ended, each as it ran last: those of a few pages."""
        path, found = f"{self.root}/actions/runs/{run}/jobs", list[Mapping[str, Any]]()
        for page in range(1, _JOBS + 1):
            told = self.client.get(path, {"filter": "latest", "per_page": _PAGE, "page": page})["jobs"]
            found += told
            if len(told) < _PAGE:
                break
        return tuple(_job(job) for job in found if job["status"] == "completed" and job.get("completed_at"))

    def _page(self, file: str, created: str, page: int) -> Mapping[str, Any]:
        path = f"{self.root}/actions/workflows/{quote(file, safe='')}/runs"
        narrowed = {"status": "completed", "created": created, "exclude_pull_requests": "true"}
        found: Mapping[str, Any] = self.client.get(path, {**narrowed, "per_page": _PAGE, "page": page})
        return found


def _run(found: Mapping[str, Any]) -> Run:
    return Run(
        id=int(found["id"]),
        attempt=int(found.get("run_attempt") or 1),
        event=str(found["event"]),
        branch=str(found.get("head_branch") or ""),
        conclusion=str(found.get("conclusion") or ""),
        created=datetime.fromisoformat(found["created_at"]),
    )


def _job(found: Mapping[str, Any]) -> JobRun:
    steps = (
        StepRun(str(step["name"])[:_LONGEST], _seconds(step))
        for step in found.get("steps") or ()
        if step.get("conclusion") == "success"
    )
    worth = sorted((s for s in steps if s.seconds >= _WORTH), key=lambda s: -s.seconds)
    return JobRun(
        name=str(found["name"]),
        passed=found["conclusion"] == "success",
        seconds=_seconds(found),
        skipped=found["conclusion"] == "skipped",
        hosted=found.get("runner_group_name") in {None, "", _HOSTED},
        labels=tuple(map(str, found.get("labels") or ())),
        steps=tuple(worth[:_STEPS]),
        began=datetime.fromisoformat(found["started_at"]) if found.get("started_at") else None,
    )


def _seconds(found: Mapping[str, Any]) -> int:
    """Return how long something ran; what never began ends before it begins, and took no time."""
    if not found.get("started_at") or not found.get("completed_at"):
        return 0
    took = datetime.fromisoformat(found["completed_at"]) - datetime.fromisoformat(found["started_at"])
    return max(int(took.total_seconds()), 0)
