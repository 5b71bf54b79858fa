"""The road in one process: a local GitHub and index, SQLite, three improvements, and jobs done at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from codemods import registry
from demo.github import LocalGitHub, git
from demo.github.api import Exchange
from demo.github.state import Installation, Issue, Repository
from demo.index import LocalIndex
from tests.app.serving import SECRET, Server, serving
from workers import ledger, logs, tasks
from workers.github import App
from workers.ledger import Job, JobState
from workers.ledger.history import replayed
from workers.messages import Kind, Priority, follow_up_key, install_key, scan_key
from workers.settings import Settings
from workers.world import World

NAME = "acme/shop"
UTCNOW, JOB, SHELF = "aware-utcnow", "unbounded-job", "upgrade-dependency/shelf"
CLOCK = b"from datetime import datetime\n\nBORN = datetime.utcnow()\n"
WORKFLOW = b"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"
FILES: Mapping[str, bytes] = MappingProxyType(
    {
        "README.md": b"# Shop\n",
        "shop/clock.py": CLOCK,
        ".github/workflows/ci.yml": WORKFLOW,
        "requirements.txt": b"shelf==1.0\n",
    }
)
CONFIG = ".github/kotsu.yml"
PLENTY = b"limits:\n  open: 9\n  first: 9\n  per-day: 9\n"


@dataclass
class Road:
    """A worker's world, and what stands around it; the worker's clock can be moved."""

    hub: LocalGitHub
    index: LocalIndex
    world: World
    installation: Installation
    hints: list[int] = field(default_factory=list)
    ahead: timedelta = timedelta()
    seen: int = 0

    def add(self, files: Mapping[str, bytes] = FILES, name: str = NAME, **more: object) -> Repository:
        """Make a repository; with ``limits`` lifted unless it has a kotsu.yml of its own."""
        return self.hub.repository(name, {CONFIG: PLENTY, **files}, **more)  # type: ignore[arg-type]  # handed on

    def enqueue(
        self,
        kind: Kind,
        key: str,
        name: str = NAME,
        *,
        priority: Priority = Priority.SCHEDULE,
        **detail: object,
    ) -> int:
        return self.world.book.enqueue(
            kind,
            key,
            self.world.clock(),
            installation_id=self.installation.id,
            repository_id=None if kind is Kind.INSTALL else self.hub.find(name).id,
            priority=priority,
            detail=detail,
        )

    def install(self) -> None:
        self.enqueue(Kind.INSTALL, install_key(self.installation.id))
        self.run()

    def scan(self, name: str = NAME) -> Job:
        """Scan one repository now, do what follows from it, and return how the job stands then."""
        job_id = self.enqueue(Kind.SCAN, scan_key(self.hub.find(name).id), name)
        self.run()
        job = self.world.book.job(job_id)
        assert job is not None
        return job

    def follow(self, number: int, name: str = NAME) -> None:
        key = follow_up_key(self.hub.find(name).id, number)
        self.enqueue(Kind.FOLLOW_UP, key, name, number=number)
        self.run()

    def run(self) -> None:
        """Do every job that is due."""
        while due := self.world.book.due(self.world.clock(), limit=1):
            tasks.perform(self.world, due[0])

    def settle(self) -> None:
        """Do all that is to be done, and all that follows from it."""
        self.hub.settle()
        while self.world.book.due(self.world.clock()):
            self.run()
            self.hub.settle()

    def days(self, count: float) -> None:
        """Let days pass on the worker's clock, with the beat's look at it at the end."""
        self.ahead += timedelta(days=count)
        tasks.wake(self.world)
        self.run()

    def wait(self, seconds: float = 3600) -> None:
        """Let the worker's clock run, and do what has become due."""
        self.ahead += timedelta(seconds=seconds)
        self.run()

    def pull(self, key: str, name: str = NAME) -> Issue:
        """Return the one open pull request of a key."""
        (found,) = (p for p in self.hub.pulls(name, "open") if p.pull and p.pull.head == f"kotsu/{key}")
        return found

    def keys(self, name: str = NAME, state: str = "open") -> list[str]:
        """Return the keys of the pull requests, oldest first."""
        return [p.pull.head.removeprefix("kotsu/") for p in self.hub.pulls(name, state) if p.pull]

    def branches(self, name: str = NAME) -> set[str]:
        """Return our branches, without the prefix."""
        found = git.refs(self.hub.find(name).folder, "refs/heads/kotsu/")
        return {ref.removeprefix("refs/heads/kotsu/") for ref in found}

    def proposed(self, key: str, path: str, name: str = NAME) -> bytes:
        """Return a file as an open pull request would have it."""
        return self.hub.files(name, f"kotsu/{key}")[path]

    def withheld(self, name: str = NAME) -> dict[str, tuple[str, str]]:
        """Return key to reason and sentence."""
        rows = self.world.book.withheld(self.hub.find(name).id)
        return {row.key: (row.reason, row.sentence) for row in rows}

    def states(self, name: str = NAME) -> dict[int, tuple[str, str]]:
        """Return what the ledger knows: number to key and state."""
        rows = self.world.book.proposals(self.hub.find(name).id)
        return {row.number: (row.key, row.state) for row in rows}

    def jobs(self) -> dict[str, int]:
        """Return state to count."""
        return dict(self.world.book.tally(self.world.clock()).jobs)

    def parked(self) -> list[Job]:
        return self.world.book.jobs(JobState.POISONED)

    def news(self) -> list[Exchange]:
        """Return what was asked of GitHub since this was called last."""
        found = self.hub.requests[self.seen :]
        self.seen = len(self.hub.requests)
        return found

    def writes(self) -> list[str]:
        """Return what was written to GitHub since; tokens and questions to git and GraphQL are no writes."""
        asked = (
            "git",
            "/graphql",
            "/app/installations/{installation_id}/access_tokens",
            "/installation/token",
        )
        return [f"{e.method} {e.path}" for e in self.news() if e.writes and e.template not in asked]

    def forget(self, path: Path) -> None:
        """Lose the ledger and start with an empty one."""
        self.world.book.close()
        url = f"sqlite:///{path}"
        ledger.migrate(url)
        object.__setattr__(self.world, "book", ledger.open(url))


@pytest.fixture
def road(github: LocalGitHub, sqlite_url: str, tmp_path: Path) -> Iterator[Road]:
    """A road without a repository on it yet; the App is installed on the whole organisation."""
    known = registry.catalogue()
    with LocalIndex({}) as index:
        for version in ("1.0", "2.0"):
            index.release("shelf", version)
        given = Settings(
            data_dir=tmp_path / "data",
            database_url=sqlite_url,
            github_api_url=github.api_url,
            index_url=index.url,
        )
        app = App(
            github.api_url, github.world.app.id, github.private_key, redact=logs.redact_passing, pace=0.0
        )
        hints: list[int] = []
        world = World(
            given,
            ledger.open(sqlite_url),
            app,
            {id_: known[id_] for id_ in (UTCNOW, JOB, "upgrade-dependency")},
            send=hints.append,
            clock=lambda: datetime.now(UTC) + made.ahead,
        )
        made = Road(github, index, world, github.install("acme"), hints)
        yield made
        # Whatever a test lived through, the history of each pull request comes to what its row says.
        told = world.book.history
        happened, stands = replayed(told.read()), told.state()
        app.close()
        world.book.close()
        assert happened == stands


@pytest.fixture
def told(road: Road, sqlite_url: str) -> Iterator[Server]:
    """A receiver that hears of what happens on the local GitHub."""
    with serving(sqlite_url) as server:
        road.hub.uninstall(road.installation)
        road.hub.world.webhook_secret = SECRET
        road.hub.webhook_url = f"{server.url}/webhooks/github"
        yield server
        road.hub.webhook_url = None


def checkout(repository: Repository, folder: Path) -> Path:
    """Clone a repository as a person would; return the work tree."""
    clone = ["git", "clone", "--quiet", "--branch", repository.default_branch]
    subprocess.run([*clone, repository.folder, folder], env=git.ENVIRONMENT, check=True)
    return folder
