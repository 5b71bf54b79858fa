"""The stand-in as its users hold it: started and stopped, with what people and GitHub itself would do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from demo import faults
from demo.github import git, keys, moves, webhooks
from demo.github.api import Api, Exchange
from demo.github.ci import Ci
from demo.github.people import People
from demo.github.reviewing import Reviewing
from demo.github.state import (
    Account,
    App,
    Comment,
    Delivery,
    Installation,
    Issue,
    Json,
    Release,
    Repository,
    World,
)
from demo.loopback import Answer, Loopback, Wire

PERMISSIONS = {
    "actions": "read",
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "statuses": "read",
    "members": "read",
    "workflows": "write",
}
EVENTS = [
    "check_suite",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review",
    "push",
    "repository",
    "status",
]
_SLOW_DOWN = (
    b'{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",'
    b'"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}'
)
_USED_UP = b'{"message":"API rate limit exceeded for installation ID 1."}'
_BORN = datetime(2024, 1, 8, 9, 0, tzinfo=UTC)


class LocalGitHub:
    """GitHub on 127.0.0.1; use it as a context manager.

    Repositories live below ``data_dir``. ``webhook_url`` None means that nobody is told of anything.
    ``key_pair`` is the App's (private, public) in PEM; a new one is made when it is missing.
    ``checks`` switches the stand-in for continuous integration on.
    """

    def __init__(  # noqa: PLR0913 -- the settings of an App, all with defaults
        self,
        data_dir: Path,
        webhook_url: str | None = None,
        *,
        webhook_secret: str = "a webhook secret",  # noqa: S107 -- of a stand-in
        app_id: int = 424242,
        slug: str = "kotsu",
        key_pair: tuple[str, str] | None = None,
        permissions: Mapping[str, str] = PERMISSIONS,
        checks: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.private_key, public_key = key_pair or keys.pair()
        bot = Account(app_id + 1, f"{slug}[bot]", "Bot")
        app = App(app_id, slug, public_key, dict(permissions), list(EVENTS), bot)
        self.world = World(data_dir, "", app, now, checks, webhook_url, webhook_secret)
        self.world.accounts[bot.login] = bot
        self.ci = Ci(self.world)
        self.reviewing = Reviewing(self.world)
        self.people = People(self.world)
        self._api = Api(self.world)
        self.server = Loopback(self._api.answer)
        self.world.url = self.server.url
        self._courier = threading.Thread(target=self._run_errands, daemon=True)

    @property
    def url(self) -> str:
        """Return the address of the web pages and of git."""
        return self.world.url

    @property
    def api_url(self) -> str:
        """Return the address of the REST API (KOTSU_GITHUB_API_URL)."""
        return self.world.api

    @property
    def requests(self) -> list[Exchange]:
        """Return every exchange so far, git's included."""
        return self._api.log

    @property
    def deliveries(self) -> list[Delivery]:
        """Return every webhook delivery so far."""
        return self.world.deliveries

    @property
    def webhook_url(self) -> str | None:
        """Return where deliveries go; it may be set later, as the receiver's address is known late."""
        return self.world.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.world.webhook_url = url

    def __enter__(self) -> Self:
        """Start to answer and to deliver."""
        self.server.start()
        self._courier.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a crash of the stand-in itself comes up here."""
        self.world.errands.put(None)
        self._courier.join(timeout=15)
        self.server.stop()
        if self.world.crashes and error is None:
            raise self.world.crashes[0]

    def _run_errands(self) -> None:
        queue = self.world.errands
        while (errand := queue.get()) is not None:
            try:
                errand()
            except Exception as error:  # noqa: BLE001 -- shown when the stand-in stops
                self.world.crashes.append(error)
            finally:
                queue.task_done()
        queue.task_done()

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until every delivery and every check that was caused so far is done; False when too late."""
        queue = self.world.errands
        with queue.all_tasks_done:
            return queue.all_tasks_done.wait_for(lambda: not queue.unfinished_tasks, timeout)

    # What there is.

    def repository(  # noqa: PLR0913 -- what a repository can be, all with defaults
        self,
        full_name: str,
        files: Mapping[str, bytes] | None = None,
        *,
        default_branch: str = "main",
        history: Sequence[str] = ("Add the project",),
        author: str = "Ada Example",
        since: datetime = _BORN,
        modes: Mapping[str, str] | None = None,
        private: bool = True,
        archived: bool = False,
        disabled: bool = False,
        fork: bool = False,
    ) -> Repository:
        """Make a repository; without files it is empty.

        The first subject of ``history`` brings the files, each further one is a commit a week later that
        changes nothing. ``modes`` are git's for files that are not plain (100755, 120000).
        """
        world = self.world
        owner, _, name = full_name.partition("/")
        with world.lock:
            id_ = next(world.ids)
            folder = world.root / f"{id_}.git"
            account = world.account(owner, "Organization")
            made = Repository(id_, account, name, folder, default_branch, since, since)
            made.private, made.archived, made.disabled, made.fork = private, archived, disabled, fork
            git.create(folder, default_branch)
            if files is not None:
                email = f"{author.lower().replace(' ', '.')}@example.com"
                people = [git.Person(author, email, since + timedelta(weeks=n)) for n in range(len(history))]
                git.grow(folder, default_branch, files, list(zip(history, people, strict=True)), modes)
            world.repositories[id_] = made
            return made

    def install(
        self,
        account: str,
        repositories: Iterable[str] | None = None,
        *,
        permissions: Mapping[str, str] | None = None,
        sender: str = "octo-admin",
    ) -> Installation:
        """Install the App on an account, on all its repositories or on the full names given; tell the App."""
        world = self.world
        with world.lock:
            chosen = None if repositories is None else {self.find(name).id for name in repositories}
            granted = dict(permissions if permissions is not None else world.app.permissions)
            owner = world.account(account, "Organization")
            made = Installation(next(world.ids), owner, granted, chosen, world.now())
            world.installations[made.id] = made
            webhooks.installed(world, made, "created", world.account(sender))
            return made

    def suspend(self, installation: Installation, *, suspended: bool = True) -> None:
        """Suspend or unsuspend an installation and tell the App."""
        with self.world.lock:
            installation.suspended_at = self.world.now() if suspended else None
            action = "suspend" if suspended else "unsuspend"
            webhooks.installed(self.world, installation, action, self.world.account("octo-admin"))

    def uninstall(self, installation: Installation) -> None:
        """Delete an installation; its tokens are worthless from now on."""
        with self.world.lock:
            webhooks.installed(self.world, installation, "deleted", self.world.account("octo-admin"))
            del self.world.installations[installation.id]

    def find(self, full_name: str) -> Repository:
        """Return a repository; KeyError when there is none of that name."""
        found = self.world.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found

    def pulls(self, full_name: str, state: str = "all") -> list[Issue]:
        """Return the pull requests of a repository, oldest first."""
        return [pull for pull in self.find(full_name).pulls if state in ("all", pull.state)]

    def files(self, full_name: str, revision: str = "") -> dict[str, bytes]:
        """Return the files at a revision, the default branch's tip without one."""
        found = self.find(full_name)
        entries = git.tree(found.folder, revision or found.default_branch, recursive=True)
        return {e.path: git.blob(found.folder, e.sha) for e in entries if e.kind == "blob" and e.sha}

    # What people do.

    def push(
        self,
        full_name: str,
        files: Mapping[str, bytes | None],
        message: str = "Change something",
        *,
        branch: str = "",
        author: str = "Ada Example",
    ) -> str:
        """Commit files (None deletes one) to a branch as a person would, tell the App, return the commit."""
        with self.world.lock:
            found = self.find(full_name)
            name = branch or found.default_branch
            before = found.branch(name)
            login = author.lower().replace(" ", "-")
            person = git.Person(author, f"{login}@example.com", self.world.now())
            if before is None and (ground := found.branch(found.default_branch)):
                git.move_ref(found.folder, f"refs/heads/{name}", ground)
            git.grow(found.folder, name, files, [(message, person)])
            moves.ref_moved(self.world, found, f"refs/heads/{name}", before, self.world.account(login))
            return found.branch(name) or ""

    def close(self, full_name: str, number: int, *, who: str = "ada-example") -> None:
        """Close an issue or a pull request without merging it."""
        with self.world.lock:
            found = self.find(full_name)
            moves.close(self.world, found, found.issues[number], self.world.account(who))

    def draft(self, full_name: str, number: int, *, draft: bool = True, who: str = "ada-example") -> None:
        """Make a pull request a draft, or take it out of draft."""
        with self.world.lock:
            found = self.find(full_name)
            moves.draft(self.world, found, found.issues[number], self.world.account(who), draft=draft)

    def merge(self, full_name: str, number: int, *, who: str = "ada-example") -> str | None:
        """Merge a pull request; return the merge commit, None when it conflicts."""
        with self.world.lock:
            found = self.find(full_name)
            return moves.merge(self.world, found, found.issues[number], self.world.account(who))

    def release(self, full_name: str, tag: str, body: str, *, name: str | None = None) -> Release:
        """Publish a release with its notes."""
        with self.world.lock:
            found, who = self.find(full_name), self.world.account("ada-example")
            made = Release(next(self.world.ids), tag, name, body, who, self.world.now())
            found.releases.append(made)
            return made

    def comment(self, full_name: str, number: int, body: str, *, who: str = "ada-example") -> Comment:
        """Write a comment."""
        with self.world.lock:
            found = self.find(full_name)
            return moves.comment(self.world, found, found.issues[number], body, self.world.account(who))

    def delete_branch(self, full_name: str, branch: str, *, who: str = "ada-example") -> None:
        """Delete a branch; its open pull requests are closed."""
        with self.world.lock:
            moves.move_ref(
                self.world, self.find(full_name), f"refs/heads/{branch}", None, self.world.account(who)
            )

    def rename(self, full_name: str, name: str) -> None:
        """Give a repository another name; the old one redirects."""
        with self.world.lock:
            found = self.find(full_name)
            found.old_names.append(found.full_name.lower())
            changes = {"repository": {"name": {"from": found.name}}}
            found.name = name
            payload = {"action": "renamed", "changes": changes}
            webhooks.happened(self.world, "repository", found, self.world.account("octo-admin"), payload)

    def rename_default_branch(self, full_name: str, name: str) -> None:
        """Give the default branch another name; pull requests against it follow."""
        with self.world.lock:
            found, who = self.find(full_name), self.world.account("octo-admin")
            former, tip = found.default_branch, found.branch(found.default_branch)
            git.move_ref(found.folder, f"refs/heads/{name}", tip)
            git.run(found.folder, "symbolic-ref", "HEAD", f"refs/heads/{name}")
            git.move_ref(found.folder, f"refs/heads/{former}", None)
            found.default_branch = name
            for issue in found.pulls:
                if issue.pull and issue.pull.base == former:
                    issue.pull.base = name
            payload = {"action": "edited", "changes": {"default_branch": {"from": former}}}
            webhooks.happened(self.world, "repository", found, who, payload)

    def archive(self, full_name: str, *, archived: bool = True) -> None:
        """Archive a repository, or bring it back."""
        with self.world.lock:
            found = self.find(full_name)
            found.archived = archived
            payload = {"action": "archived" if archived else "unarchived"}
            webhooks.happened(self.world, "repository", found, self.world.account("octo-admin"), payload)

    def deliver(self, event: str, payload: Json, *, guid: str | None = None) -> Delivery:
        """Send a signed delivery now and return how it was answered."""
        return webhooks.deliver(self.world, event, payload, guid=guid)

    # What goes wrong: ``path`` is searched as a regular expression in paths, with their query, or mutation.

    def fail(  # noqa: PLR0913 -- what a fault can be, all with defaults
        self,
        method: str,
        path: str,
        status: int = 500,
        *,
        times: int = 1,
        after_effect: bool = False,
        body: bytes = b'{"message":"Server Error"}',
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer the next matching calls (method ``*``: any) with an error, before or after their effect."""
        answer = Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})
        self._order(method, path, answer, times, after_effect=after_effect)

    def reset(self, method: str, path: str, *, times: int = 1, after_effect: bool = False) -> None:
        """Close the connection of the next matching calls without an answer."""
        self._order(method, path, Answer(0, wire=Wire.RESET), times, after_effect=after_effect)

    def delay(self, method: str, path: str, seconds: float, *, times: int = 1) -> None:
        """Let the next matching calls wait before anything happens."""
        self._api.faults.order(faults.Fault(method, faults.pattern(path), None, times, delay=seconds))

    def meanwhile(self, method: str, path: str, happens: Callable[[], object]) -> None:
        """Let something happen just before the next matching call has its effect."""
        self._api.faults.order(faults.Fault(method, faults.pattern(path), None, 1, meanwhile=happens))

    def secondary_limit(
        self,
        retry_after: int = 60,
        *,
        method: str = "POST",
        path: str = "",
        status: int = 403,
        times: int = 1,
    ) -> None:
        """Answer the next matching calls with the secondary rate limit."""
        headers = {"Retry-After": str(retry_after)}
        self.fail(method, path, status, times=times, body=_SLOW_DOWN, headers=headers)

    def primary_limit(
        self, resets_in: int = 60, *, method: str = "*", path: str = "", times: int = 1
    ) -> None:
        """Answer the next matching calls as if the hour's requests were used up, for some seconds more."""
        reset = int(self.world.now().timestamp()) + resets_in
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        self.fail(method, path, 403, times=times, body=_USED_UP, headers=headers)

    def recover(self) -> None:
        """Forget the faults that have not come yet."""
        self._api.faults.forget()

    def _order(self, method: str, path: str, answer: Answer, times: int, *, after_effect: bool) -> None:
        fault = faults.Fault(method, faults.pattern(path), answer, times, after_effect)
        self._api.faults.order(fault)
