"""What checks and commit statuses say of a commit, which must pass, and what a failing one printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from workers.checks import End, Run
from workers.github import job_logs
from workers.github.client import Client, GitHubError, GoneError, PassingError, RefusedError, understood
from workers.github.commits import Commit, of
from workers.github.workflow_runs import WorkflowRuns
from workers.redaction import clean

EXCERPT = 2000
"""Characters of what a failing check said that are kept; the ledger and a comment have room for them."""
_ENDS: Mapping[str, End] = {
    "success": End.PASSED,
    "neutral": End.PASSED,
    "skipped": End.SKIPPED,
    "failure": End.FAILED,
    "error": End.FAILED,
    "timed_out": End.FAILED,
    "startup_failure": End.FAILED,
    "pending": End.QUEUED,
}
_LOOKED_AT = 5
_ANNOTATIONS = 10
_ACTIONS = "github-actions"
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a branch has that its base has not: where they part, its commits, and when the last came.

    The newest commit of the base came at ``based``.
    """

    base: str
    since: datetime
    based: datetime
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one repository; what the App ``app_id`` itself reported is none of them."""

    client: Client
    root: str
    app_id: int

    @property
    def history(self) -> WorkflowRuns:
        """What ran in GitHub Actions before."""
        return WorkflowRuns(self.client, self.root)

    @understood
    def runs(self, commit: str) -> tuple[Run, ...]:
        """Return every run of every check of a commit, and every word of its statuses."""
        path = f"{self.root}/commits/{commit}/check-runs"
        found = self.client.pages(path, inside="check_runs", query={"filter": "all"})
        checks = [_run(f) for f in found if (f.get("app") or {}).get("id") != self.app_id]
        return (*checks, *self._statuses(commit))

    def _statuses(self, commit: str) -> Sequence[Run]:
        """Return the words of a commit's statuses, the oldest first; none where the App may not read them."""
        try:
            found = list(self.client.pages(f"{self.root}/commits/{commit}/statuses"))
        except (GoneError, RefusedError):
            return ()
        return [_status(f) for f in reversed(found)]

    @understood
    def required(self, branch: str) -> frozenset[str]:
        """Return the checks that must pass before something is merged into a branch."""
        return frozenset({*self._protected(branch), *self._ruled(branch)})

    def _protected(self, branch: str) -> Iterator[str]:
        try:
            found = self.client.get(f"{self.root}/branches/{quote(branch)}")
        except (GoneError, RefusedError):
            return
        asked = (found.get("protection") or {}).get("required_status_checks") or {}
        if asked.get("enforcement_level") != "off":
            yield from (str(name) for name in asked.get("contexts") or ())
            yield from (str(check["context"]) for check in asked.get("checks") or ())

    def _ruled(self, branch: str) -> Iterator[str]:
        path = f"{self.root}/rules/branches/{quote(branch)}"
        try:
            rules = list(self.client.pages(path))
        except (GoneError, RefusedError):
            # A server that knows no rulesets has none.
            return
        for rule in rules:
            if rule["type"] == "required_status_checks":
                asked = (rule.get("parameters") or {}).get("required_status_checks") or ()
                yield from (str(check["context"]) for check in asked)

    @understood
    def ahead(self, base: str, head: str) -> Ahead:
        """Return what a head has beyond a branch."""
        found = self.client.get(f"{self.root}/compare/{quote(base)}...{quote(head)}")
        commits = [{**c["commit"], "sha": c["sha"], "parents": c["parents"]} for c in found["commits"]]
        last = commits[-1] if commits else found["merge_base_commit"]["commit"]
        return Ahead(
            base=str(found["merge_base_commit"]["sha"]),
            since=datetime.fromisoformat(last["committer"]["date"]),
            based=datetime.fromisoformat(found["base_commit"]["commit"]["committer"]["date"]),
            commits=tuple(map(of, commits)),
        )

    @understood
    def of_base(self, branch: str, commit: str) -> tuple[Run, ...]:
        """Return the runs of a commit, else those of the newest commits of its branch that has any."""
        if found := self.runs(commit):
            return found
        listed = self.client.get(f"{self.root}/commits", {"sha": branch, "per_page": _LOOKED_AT})
        newest = (str(c["sha"]) for c in listed if c["sha"] != commit)
        return next(filter(None, map(self.runs, newest)), ())

    def watched(self) -> bool:
        """Say whether the default branch has workflows, which could begin a check."""
        try:
            return bool(self.client.get(f"{self.root}/contents/.github/workflows"))
        except GoneError:
            return False

    @understood
    def excerpt(self, run: Run) -> str:
        """Return the last that a failing run said, without secrets; ``""`` where it cannot be read."""
        parts = (*self._annotations(run), *self._log(run), run.said)
        said = next(filter(None, (_CONTROL.sub("", clean(part)).strip() for part in parts)), "")
        return said[-EXCERPT:]

    def _annotations(self, run: Run) -> Iterator[str]:
        """Yield what a run says of single lines, unless it is only that some process ended."""
        if not run.check:
            return
        path = f"{self.root}/check-runs/{run.check}/annotations"
        try:
            found = self.client.get(path, {"per_page": _ANNOTATIONS})
        except PassingError:
            raise
        except GitHubError:
            return
        wrong = [f for f in found if f.get("annotation_level") == "failure"]
        lines = [f"{f['path']}:{f['start_line']}: {f.get('message') or ''}" for f in wrong]
        if lines and not (run.job and all(f["path"] == ".github" for f in wrong)):
            yield "\n".join(lines)[:EXCERPT]

    def _log(self, run: Run) -> Iterator[str]:
        """Yield what stands in an Actions job's log before it failed; reading it wants ``actions: read``."""
        if not run.job:
            return
        try:
            address = self.client.location(f"{self.root}/actions/jobs/{run.job}/logs")
        except GitHubError:
            return
        yield job_logs.failed(job_logs.read(address, self.client.home), EXCERPT)


def _run(found: Mapping[str, Any]) -> Run:
    number, app = int(found["id"]), (found.get("app") or {}).get("slug")
    output = found.get("output") or {}
    said = "\n".join(filter(None, (output.get(part) for part in ("title", "summary", "text"))))
    return Run(
        name=str(found["name"]),
        end=_end(found),
        began=_moment(found.get("started_at")),
        ended=_moment(found.get("completed_at")),
        url=str(found.get("html_url") or found.get("details_url") or ""),
        check=number,
        job=number if app == _ACTIONS else 0,
        said=said[:EXCERPT],
        order=number,
    )


def _end(found: Mapping[str, Any]) -> End:
    """Return how a check run stands; a conclusion that is none, or that nobody knows, says nothing."""
    if found["status"] == "completed":
        return _ENDS.get(str(found.get("conclusion")), End.VOID)
    return End.RUNNING if found["status"] == "in_progress" else End.QUEUED


def _status(found: Mapping[str, Any]) -> Run:
    moment, url = _moment(found["created_at"]), str(found.get("target_url") or "")
    end = _ENDS.get(str(found["state"]), End.VOID)
    return Run(
        name=str(found["context"]),
        end=end,
        began=moment,
        ended=moment,
        # A link that somebody else wrote is kept only where it is one.
        url=url if url.startswith(("https://", "http://")) else "",
        said=str(found.get("description") or ""),
        order=int(found["id"]),
    )


def _moment(said: object) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) and said else None
