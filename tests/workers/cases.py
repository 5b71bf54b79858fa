"""One open pull request whose checks have ended, on a Monday morning, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from demo.github.state import Issue, Pull, Repository
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers import configured, heeding
from workers.case import Case
from workers.checks import Colour, Verdict
from workers.config import Config
from workers.ledger import ProposalRow
from workers.messages import Kind, Priority, follow_up_key

MONDAY = datetime(2026, 6, 1, 10, tzinfo=UTC)
GREEN = Verdict(Colour.GREEN, "Everything passed.", proven=True)
LEASE = timedelta(minutes=5)


@dataclass
class Stand:
    """The one pull request, and what happens to it."""

    road: Road
    repository: Repository
    number: int = 1

    @property
    def issue(self) -> Issue:
        return self.repository.issues[self.number]

    @property
    def pull(self) -> Pull:
        assert self.issue.pull
        return self.issue.pull

    @property
    def row(self) -> ProposalRow:
        row = self.road.world.book.proposal(self.repository.id, self.number)
        assert row is not None
        return row

    @property
    def asked(self) -> list[str]:
        """Who is asked now."""
        return [*(account.login for account in self.pull.reviewers), *self.pull.teams]

    @property
    def comments(self) -> list[str]:
        return [comment.body for comment in self.issue.comments]

    def note(self, **columns: object) -> None:
        self.road.world.book.change_proposal(
            self.repository.id, self.number, self.road.world.clock(), **columns
        )

    def due(self) -> timedelta | None:
        """Return after how long since Monday it is looked at by itself."""
        return self.row.due - MONDAY if self.row.due else None

    @contextmanager
    def case(self, verdict: Verdict = GREEN) -> Iterator[Case]:
        """Open the case as a job does that holds its lease."""
        here, id_ = self.road.world, self.road.installation.id
        key = follow_up_key(self.repository.id, self.number)
        # Before whatever else waits: a worker gets the job whose turn it is.
        self.road.enqueue(Kind.FOLLOW_UP, key, self.name, priority=Priority.PERSON)
        job = here.book.claim("test", here.clock(), LEASE)
        assert job is not None
        with here.app.open(id_, self.repository.id) as repo:
            config = configured.of(here, repo)
            assert isinstance(config, Config)
            pull = repo.pull(self.number)
            talk = heeding.read(repo, pull)
            yield Case(here, job, repo, pull, self.row, config, verdict, talk)
        here.book.finish(job, here.clock())

    @property
    def name(self) -> str:
        return self.repository.full_name

    def pass_days(self, days: float) -> None:
        """Let days pass without a look at anything."""
        self.road.ahead += timedelta(days=days)


def opened(
    road: Road,
    config: bytes = b"",
    files: Mapping[str, bytes] | None = None,
    *,
    name: str = NAME,
    people: tuple[str, ...] = ("ada-example", "bob-example"),
) -> Stand:
    """Open the one pull request of a repository: it is ready, and its base was written by Ada Example."""
    object.__setattr__(road.world, "clock", lambda: MONDAY + road.ahead)
    road.hub.world.now = road.world.clock
    given = {"shop/clock.py": CLOCK, **(files or {}), CONFIG: PLENTY + config}
    repository = road.add(given, name)
    road.hub.reviewing.collaborators(name, *people)
    road.scan(name)
    found = Stand(road, repository)
    road.hub.draft(name, found.number, draft=False, who=road.hub.world.app.bot.login)
    assert found.pull.head == f"kotsu/{UTCNOW}"
    found.note(due=None)
    road.news()
    return found
