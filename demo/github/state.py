"""What the stand-in remembers: installations, repositories, pull requests, tokens and the road outside."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from demo.github import git

Json = dict[str, Any]


@dataclass(slots=True)
class Account:
    """A person, an organisation or the App's bot."""

    id: int
    login: str
    type: str = "User"


@dataclass(slots=True)
class Installation:
    """The App on one account; ``repositories`` None stands for all of them."""

    id: int
    account: Account
    permissions: dict[str, str]
    repositories: set[int] | None
    created_at: datetime
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token and what it may do; ``repositories`` None stands for the installation's."""

    value: str
    installation: int
    permissions: Mapping[str, str]
    repositories: frozenset[int] | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What a browser brings back from GitHub: whose it is, and what it was asked for with."""

    who: Account
    challenge: str
    redirect: str


@dataclass(slots=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody's reaction to a comment."""

    id: int
    who: Account
    content: str
    created_at: datetime


@dataclass(slots=True)
class Comment:
    """A comment of an issue or a pull request."""

    id: int
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    edited: bool = False
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True)
class Review:
    """What a person thinks of a pull request: ``approved``, ``changes_requested``, ``commented``."""

    id: int
    author: Account
    state: str
    body: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a pull request, by GitHub's word for it; ``about`` is whom it was about."""

    id: int
    kind: str
    who: Account
    at: datetime
    about: Account | str | None = None


@dataclass(slots=True)
class Pull:
    """What a pull request has beyond an issue; ``head_sha`` is where the branch stood last.

    ``judged`` are the base and the head of which somebody wanted to know whether they can be merged.
    """

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_sha: str | None = None
    reviewers: list[Account] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    auto_merge: tuple[Account, str] | None = None
    queued: bool = False
    judged: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Issue:
    """An issue, or a pull request when ``pull`` is there."""

    id: int
    number: int
    author: Account
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    gone: bool = False
    pull: Pull | None = None


@dataclass(slots=True)
class CheckRun:
    """One check of one commit."""

    id: int
    name: str
    head_sha: str
    status: str
    started_at: datetime
    app: str
    conclusion: str | None = None
    completed_at: datetime | None = None
    output: Json = field(default_factory=dict)
    details_url: str | None = None
    external_id: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One word of a commit status: the newest of a context holds."""

    id: int
    context: str
    sha: str
    state: str
    created_at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class RanJob:
    """A job of a workflow that ended; each of ``steps`` is a name and its seconds, one after the other."""

    id: int
    name: str
    conclusion: str
    started_at: datetime
    completed_at: datetime
    labels: tuple[str, ...] = ("ubuntu-latest",)
    group: str = "GitHub Actions"
    steps: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class WorkflowRun:
    """One run of a workflow's ``file``; its conclusion is None while it runs."""

    id: int
    file: str
    event: str
    branch: str
    sha: str
    created_at: datetime
    updated_at: datetime
    conclusion: str | None = "success"
    attempt: int = 1
    jobs: tuple[RanJob, ...] = ()


@dataclass(slots=True)
class Release:
    """What people publish of a tag: a name and notes."""

    id: int
    tag: str
    name: str | None
    body: str | None
    author: Account
    published_at: datetime
    prerelease: bool = False


@dataclass(slots=True)
class Merging:
    """How a repository lets pull requests be merged: its settings and what its default branch asks for."""

    methods: set[str] = field(default_factory=lambda: {"merge", "squash", "rebase"})
    waits: bool = False
    approvals: int = 0
    strict: bool = False
    queue: bool = False


@dataclass(slots=True)
class Repository:
    """A repository; its git objects are on disk below ``folder``."""

    id: int
    owner: Account
    name: str
    folder: Path
    default_branch: str
    created_at: datetime
    pushed_at: datetime
    private: bool = True
    archived: bool = False
    disabled: bool = False
    fork: bool = False
    old_names: list[str] = field(default_factory=list)
    collaborators: dict[str, str] = field(default_factory=dict)
    teams: set[str] = field(default_factory=set)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    checks: list[CheckRun] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    jobs: list[Any] = field(default_factory=list)
    runs: list[WorkflowRun] = field(default_factory=list)
    protected: list[str] = field(default_factory=list)
    ruled: list[str] = field(default_factory=list)
    drafts: bool = True
    releases: list[Release] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)
    merging: Merging = field(default_factory=Merging)

    @property
    def full_name(self) -> str:
        """Return owner/name."""
        return f"{self.owner.login}/{self.name}"

    @property
    def pulls(self) -> list[Issue]:
        """Return the pull requests, oldest first."""
        return [issue for issue in self.issues.values() if issue.pull]

    def branch(self, name: str) -> str | None:
        """Return the commit at the tip of a branch."""
        return git.resolve(self.folder, f"refs/heads/{name}")


@dataclass(slots=True)
class Delivery:
    """One webhook delivery and how the receiver answered; status 0 stands for no answer."""

    id: int
    guid: str
    event: str
    payload: Json
    delivered_at: datetime
    status: int = 0
    duration: float = 0.0
    redelivery: bool = False
    request: Mapping[str, str] = field(default_factory=dict)
    response: str = ""


@dataclass(slots=True)
class App:
    """The registered App; ``public_key`` is PEM, ``callbacks`` are where browsers may be sent back to.

    ``hook_kind`` is how webhooks are sent: json or form.
    """

    id: int
    slug: str
    public_key: str
    permissions: dict[str, str]
    events: list[str]
    bot: Account
    client_id: str = "Iv23likotsu"
    client_secret: str = "a client secret"  # noqa: S105 -- of a stand-in
    callbacks: list[str] = field(default_factory=list)
    hook_kind: str = "json"
    owner: str = "acme"


@dataclass(slots=True)
class World:
    """Everything there is; hold ``lock`` while reading or changing it.

    ``lazy`` is GitHub when it begins to find out whether branches can be merged only when it is asked.
    ``browser`` is the login of whoever is signed in there, ``people`` those who let the App act for them, by
    their tokens, and ``codes`` what the App may exchange for such a token, once; ``manifests`` are Apps
    that are to be, with their owners, by the codes that bring them. An installation may make ``limit``
    requests in an hour.
    """

    root: Path
    url: str
    app: App
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    checks: bool = False
    webhook_url: str | None = None
    webhook_secret: str = ""
    log_host: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    ids: Iterator[int] = field(default_factory=lambda: count(1001))
    accounts: dict[str, Account] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    limit: int = 5000
    revoked: set[str] = field(default_factory=set)
    deliveries: list[Delivery] = field(default_factory=list)
    errands: queue.Queue[Callable[[], object] | None] = field(default_factory=queue.Queue)
    crashes: list[BaseException] = field(default_factory=list)
    lazy: bool = False
    browser: str = "octo-admin"
    codes: dict[str, Code] = field(default_factory=dict)
    manifests: dict[str, tuple[str, Json]] = field(default_factory=dict)
    people: dict[str, Account] = field(default_factory=dict)
    machine: Callable[[], datetime] = lambda: datetime.now(UTC)

    def stamped(self) -> datetime:
        """Return the moment for what is signed or expires: the machine's, whatever time the story is at."""
        return self.machine()

    @property
    def api(self) -> str:
        """Return the address of the REST API, in the form that GitHub Enterprise Server has."""
        return f"{self.url}/api/v3"

    def account(self, login: str, type_: str = "User") -> Account:
        """Return the account with a login, made on first mention."""
        key = login.lower()
        if key not in self.accounts:
            self.accounts[key] = Account(next(self.ids), login, type_)
        return self.accounts[key]

    def find(self, full_name: str) -> Repository | None:
        """Return a repository by its present name."""
        name = full_name.lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == name), None)

    def find_former(self, full_name: str) -> Repository | None:
        """Return a repository by a name that it once had."""
        name = full_name.lower()
        return next((r for r in self.repositories.values() if name in r.old_names), None)

    def covers(self, installation: Installation, repository: Repository) -> bool:
        """Return whether the App is installed on a repository."""
        chosen = installation.repositories
        return installation.account is repository.owner and (chosen is None or repository.id in chosen)

    def installation_of(self, repository: Repository) -> Installation | None:
        """Return the installation that covers a repository."""
        return next((i for i in self.installations.values() if self.covers(i, repository)), None)
