"""A stand-in for continuous integration: jobs that look at a commit's files and say how it went."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType

import yaml

from demo.github import git, webhooks
from demo.github.state import CheckRun, Json, RanJob, Repository, Status, WorkflowRun, World
from demo.loopback import Answer, Loopback, Request

NAME = "tests"
ACTIONS = "github-actions"
PULLS, PUSHES = "pull_request", "push"
NEVER = "never"
"""What a job says that is queued and never begins."""
FOREVER = "forever"
"""What a job says that begins and never ends."""
_QUEUED = timedelta(seconds=7)
"""How long a job waits for a machine."""

Files = Mapping[str, bytes]


def passes(_: Files, __: int) -> str:
    """Pass, whatever the files are."""
    return "success"


def fails(_: Files, __: int) -> str:
    """Fail, whatever the files are."""
    return "failure"


def flaky(_: Files, attempt: int) -> str:
    """Fail at first and pass when it is run again."""
    return "success" if attempt else "failure"


def fails_on(text: bytes, path: str = "") -> Callable[[Files, int], str]:
    """Return a job that fails where a file (of a path that ends so) holds a text."""

    def verdict(files: Files, _: int) -> str:
        found = any(text in data for name, data in files.items() if name.endswith(path))
        return "failure" if found else "success"

    return verdict


@dataclass(slots=True)
class Job:
    """A check by name: what it says of a commit's files at its n-th attempt, and when it runs.

    ``says`` returns a conclusion, `NEVER` or `FOREVER`; ``status`` makes it a commit status instead of a
    check run, ``app`` says whose it is. ``output``, ``annotations`` and ``log`` are what a failure leaves.
    """

    name: str = NAME
    says: Callable[[Files, int], str] = passes
    on: frozenset[str] = frozenset({PULLS, PUSHES})
    status: bool = False
    app: str = ACTIONS
    output: Json = field(default_factory=dict)
    annotations: list[Json] = field(default_factory=list)
    log: str = ""


@dataclass(frozen=True, slots=True)
class Ci:
    """What people set up for the repositories of a world."""

    world: World

    def script(self, full_name: str, *jobs: Job, base: bool = True) -> None:
        """Let a repository have these jobs from now on, and those of pushes run on its default branch."""
        with self.world.lock:
            repository = self._find(full_name)
            repository.jobs = list(jobs)
            tip = repository.branch(repository.default_branch)
            if base and tip:
                run(self.world, repository, tip, PUSHES)

    def require(self, full_name: str, *names: str, ruleset: bool = False) -> None:
        """Require checks before something is merged, by branch protection or by a ruleset."""
        repository = self._find(full_name)
        if ruleset:
            repository.ruled = list(names)
        else:
            repository.protected = list(names)

    def rerun(self, full_name: str, sha: str, name: str = NAME) -> None:
        """Run a job of a commit again, as people do."""
        with self.world.lock:
            repository = self._find(full_name)
            _begin(self.world, repository, sha, next(j for j in repository.jobs if j.name == name))

    def ran(  # noqa: PLR0913 -- what a run can be, all with defaults
        self,
        full_name: str,
        file: str,
        jobs: Mapping[str, int],
        at: datetime,
        *,
        event: str = PUSHES,
        branch: str = "",
        conclusion: str | None = "success",
        labels: tuple[str, ...] = ("ubuntu-latest",),
        steps: Mapping[str, int] = MappingProxyType({}),
    ) -> WorkflowRun:
        """Let a workflow have run at a moment: the seconds of each job, and of the steps that all have."""
        with self.world.lock:
            repository = self._find(full_name)
            begins = at + _QUEUED
            ended = "success" if conclusion in (None, "success") else conclusion
            told = tuple(
                RanJob(
                    next(self.world.ids),
                    name,
                    ended,
                    begins,
                    begins + timedelta(seconds=seconds),
                    labels,
                    steps=tuple(steps.items()),
                )
                for name, seconds in jobs.items()
            )
            ends = max((job.completed_at for job in told), default=begins)
            tip = repository.branch(repository.default_branch) or ""
            name = branch or repository.default_branch
            made = WorkflowRun(next(self.world.ids), file, event, name, tip, at, ends, conclusion, jobs=told)
            repository.runs.append(made)
            return made

    def _find(self, full_name: str) -> Repository:
        found = self.world.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found


def run(world: World, repository: Repository, sha: str, event: str = PULLS) -> None:
    """Start the jobs of a commit that wait for such an event, each once; they finish soon after."""
    jobs: Iterable[Job] = repository.jobs
    if not repository.jobs and world.checks:
        jobs = [Job(says=_parses, on=frozenset({PULLS}))]
    for job in jobs:
        if event in job.on and not _known(repository, sha, job.name):
            _begin(world, repository, sha, job)


def _known(repository: Repository, sha: str, name: str) -> bool:
    runs = any(c.head_sha == sha and c.name == name for c in repository.checks)
    return runs or any(s.sha == sha and s.context == name for s in repository.statuses)


def _begin(world: World, repository: Repository, sha: str, job: Job) -> None:
    if job.status:
        repository.statuses.append(Status(next(world.ids), job.name, sha, "pending", world.now()))
        world.errands.put(lambda: _say(world, repository, sha, job))
        return
    attempt = sum(c.head_sha == sha and c.name == job.name for c in repository.checks)
    started = CheckRun(next(world.ids), job.name, sha, "queued", world.now(), job.app)
    started.external_id, started.log = f"ci-{sha[:8]}", job.log
    repository.checks.append(started)
    world.errands.put(lambda: _finish(world, repository, started, job, attempt))


def _finish(world: World, repository: Repository, check: CheckRun, job: Job, attempt: int) -> None:
    files = _Tree(repository, check.head_sha)
    said = job.says(files, attempt)
    with world.lock:
        if said == NEVER:
            return
        check.status = "in_progress"
        if said == FOREVER:
            return
        check.status, check.conclusion = "completed", said
        check.completed_at = world.now()
        check.output = dict(job.output) or _summary(files, said)
        if said == "failure":
            check.output["annotations"] = job.annotations
        webhooks.checked(world, repository, check, world.account(f"{job.app}[bot]", "Bot"))


def _say(world: World, repository: Repository, sha: str, job: Job) -> None:
    attempt = sum(
        s.sha == sha and s.context == job.name and s.state != "pending" for s in repository.statuses
    )
    said = job.says(_Tree(repository, sha), attempt)
    with world.lock:
        if said in (NEVER, FOREVER):
            return
        made = Status(next(world.ids), job.name, sha, said, world.now(), job.output.get("title", ""))
        repository.statuses.append(made)
        webhooks.status(world, repository, made, world.account(f"{job.app}[bot]", "Bot"))


def _summary(files: Files, said: str) -> Json:
    wrong = broken(files) if said == "failure" else []
    summary = "\n".join(wrong) or ("Every file parses." if said == "success" else "It went wrong.")
    return {"title": f"{len(wrong)} files do not parse" if wrong else "All good", "summary": summary}


class _Tree(Files):
    """The files of a commit, read when a job looks at them: most do not."""

    def __init__(self, repository: Repository, sha: str) -> None:
        self.repository, self.sha = repository, sha

    def __getitem__(self, path: str) -> bytes:
        return git.blob(self.repository.folder, self.entries[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def entries(self) -> Mapping[str, str]:
        """The names of the files' contents, by path."""
        found = git.tree(self.repository.folder, self.sha, recursive=True)
        return {entry.path: entry.sha for entry in found if entry.kind == "blob" and entry.sha}


def _parses(files: Files, _: int) -> str:
    return "failure" if broken(files) else "success"


def broken(files: Files) -> list[str]:
    """Return a line for each Python or YAML file that does not parse."""
    wrong = []
    for path, data in files.items():
        try:
            if path.endswith(".py"):
                ast.parse(data)
            elif path.endswith((".yml", ".yaml")):
                list(yaml.safe_load_all(data))
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            wrong.append(f"{path}: {error}")
    return wrong


def log_host(world: World, seen: list[Request]) -> Loopback:
    """Return the other host on which job logs are kept; ``seen`` hears of whoever comes."""

    def answer(request: Request) -> Answer:
        seen.append(request)
        number = request.path.rpartition("/")[2]
        checks = (c for r in world.repositories.values() for c in r.checks)
        found = next((c for c in checks if str(c.id) == number and c.log), None)
        return Answer(200, found.log.encode()) if found else Answer(404)

    made = Loopback(answer)
    world.log_host = made.url
    return made
