"""Webhooks: what happened, written as GitHub writes it, signed, sent in order and remembered."""

from __future__ import annotations

import hmac
import http.client
import json
import time
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from demo.github import git
from demo.github.shapes import accounts, commits, issues, repositories
from demo.github.state import (
    Account,
    CheckRun,
    Delivery,
    Installation,
    Issue,
    Json,
    Repository,
    Status,
    World,
)

ZERO = "0" * 40
_TIMEOUT = 10.0


def deliver(
    world: World, event: str, payload: Json, *, guid: str | None = None, redelivery: bool = False
) -> Delivery:
    """Send one delivery now and remember what came of it; a receiver that is not there is an outcome."""
    body = json.dumps(payload).encode()
    delivery = Delivery(
        next(world.ids), guid or str(uuid.uuid4()), event, payload, world.now(), redelivery=redelivery
    )
    delivery.request = _headers(world, delivery, body)
    started = time.monotonic()
    try:
        delivery.status, delivery.response = _post(world.webhook_url or "", body, dict(delivery.request))
    except (OSError, http.client.HTTPException) as error:
        delivery.response = str(error)
    delivery.duration = round(time.monotonic() - started, 3)
    with world.lock:
        world.deliveries.append(delivery)
    return delivery


def sign(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    """Return the value of a signature header."""
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


def _headers(world: World, delivery: Delivery, body: bytes) -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(world.app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(world.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": sign(world.webhook_secret, body, "sha1"),
        "X-Hub-Signature-256": sign(world.webhook_secret, body),
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=_TIMEOUT)
    try:
        connection.request("POST", target.path or "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read(65536).decode(errors="replace")
    finally:
        connection.close()


def emit(world: World, event: str, installation: Installation | None, payload: Json) -> None:
    """Put a delivery in the queue, if the App would hear of it; it is sent after what caused it is done."""
    always = event.startswith("installation")
    if not world.webhook_url or installation is None or not (always or event in world.app.events):
        return
    if installation.suspended_at and event != "installation":
        return
    world.errands.put(lambda: deliver(world, event, payload))


def installed(world: World, installation: Installation, action: str, who: Account) -> None:
    """Tell that the App was installed, suspended, unsuspended or deleted."""
    covered = [r for r in world.repositories.values() if world.covers(installation, r)]
    payload = {
        "action": action,
        "installation": accounts.installation(world, installation),
        "repositories": [repositories.brief(r) for r in covered],
        "requester": None,
        "sender": accounts.user(world, who),
    }
    emit(world, "installation", installation, payload)


def selected(
    world: World,
    installation: Installation,
    added: Sequence[Repository],
    removed: Sequence[Repository],
    who: Account,
) -> None:
    """Tell that repositories were added to or removed from an installation."""
    payload = {
        "action": "added" if added else "removed",
        "installation": accounts.installation(world, installation),
        "repository_selection": "all" if installation.repositories is None else "selected",
        "repositories_added": [repositories.brief(r) for r in added],
        "repositories_removed": [repositories.brief(r) for r in removed],
        "requester": None,
        "sender": accounts.user(world, who),
    }
    emit(world, "installation_repositories", installation, payload)


def _beside(world: World, repository: Repository, who: Account) -> tuple[Installation | None, Json]:
    installation = world.installation_of(repository)
    shape: Json = {
        "repository": repositories.repository(world, repository),
        "sender": accounts.user(world, who),
    }
    if installation:
        shape["installation"] = {"id": installation.id, "node_id": accounts.node("I", installation.id)}
    if repository.owner.type == "Organization":
        shape["organization"] = accounts.user(world, repository.owner)
    return installation, shape


def happened(world: World, event: str, repository: Repository, who: Account, payload: Json) -> None:
    """Tell of something in a repository."""
    installation, beside = _beside(world, repository, who)
    emit(world, event, installation, {**payload, **beside})


def pushed(world: World, repository: Repository, ref: str, before: str | None, who: Account) -> None:
    """Tell that a ref was created, moved or deleted; ``before`` is where it stood."""
    after = git.resolve(repository.folder, ref)
    installation, beside = _beside(world, repository, who)
    forced = bool(before and after and not git.is_ancestor(repository.folder, before, after))
    span = f"{before}..{after}" if before and not forced else after
    new = git.log(repository.folder, span, limit=20) if span and after else []
    listed = [_commit(world, repository, commit) for commit in reversed(new)]
    html = f"{world.url}/{repository.full_name}"
    # In this event alone the repository's times are seconds, and its owner has a name.
    beside["repository"] |= {
        "created_at": int(repository.created_at.timestamp()),
        "pushed_at": int(world.now().timestamp()),
        "master_branch": repository.default_branch,
    }
    beside["repository"]["owner"] |= {"name": repository.owner.login, "email": None}
    payload = {
        "ref": ref,
        "before": before or ZERO,
        "after": after or ZERO,
        "created": before is None,
        "deleted": after is None,
        "forced": forced,
        "base_ref": None,
        "compare": f"{html}/compare/{(before or ZERO)[:12]}...{(after or ZERO)[:12]}",
        "commits": listed,
        "head_commit": listed[-1] if listed else None,
        "pusher": {"name": who.login, "email": f"{who.login}@users.noreply.github.com"},
    }
    emit(world, "push", installation, {**payload, **beside})


def _commit(world: World, repository: Repository, commit: git.Commit) -> Json:
    changed = git.changes(repository.folder, commit.parents[0], commit.sha) if commit.parents else []
    names = {"added": "A", "removed": "D", "modified": "M"}
    person = commits.person(commit.author)
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": commit.committer.date.isoformat(),
        "url": f"{world.url}/{repository.full_name}/commit/{commit.sha}",
        "author": {**person, "username": commit.author.name},
        "committer": {**person, "username": commit.committer.name},
        **{
            word: [path for path, letter, _, _ in changed if letter == sign_] for word, sign_ in names.items()
        },
    }


def pull(
    world: World, repository: Repository, issue: Issue, action: str, who: Account, **beside: object
) -> None:
    """Tell of something that was done with a pull request."""
    if not world.webhook_url:
        return
    shape = issues.full_pull(world, repository, issue)
    payload = {"action": action, "number": issue.number, "pull_request": shape, **beside}
    happened(world, "pull_request", repository, who, payload)


def checked(world: World, repository: Repository, check: CheckRun, who: Account) -> None:
    """Tell that a check run and, as there is one, its suite are finished."""
    shape = issues.check(world, repository, check)
    happened(world, "check_run", repository, who, {"action": check.status, "check_run": shape})
    suite = {
        "id": shape["check_suite"]["id"],
        "head_branch": _branch(repository, check.head_sha),
        "head_sha": check.head_sha,
        "status": check.status,
        "conclusion": check.conclusion,
        "pull_requests": [],
        "app": accounts.app(world),
    }
    happened(world, "check_suite", repository, who, {"action": "completed", "check_suite": suite})


def _branch(repository: Repository, sha: str) -> str | None:
    """Return the branch on which a commit is the newest, that of a pull request first."""
    found = [pull.pull.head for pull in repository.pulls if pull.pull and pull.pull.head_sha == sha]
    tips = (ref for ref, tip in git.refs(repository.folder).items() if tip == sha)
    return next(iter((*found, *(ref.removeprefix("refs/heads/") for ref in tips))), None)


def status(world: World, repository: Repository, made: Status, who: Account) -> None:
    """Tell that a commit status was set."""
    branch = _branch(repository, made.sha)
    payload = {
        "id": made.id,
        "sha": made.sha,
        "name": repository.full_name,
        "context": made.context,
        "state": made.state,
        "description": made.description,
        "target_url": None,
        "branches": [{"name": branch, "commit": {"sha": made.sha}, "protected": False}] if branch else [],
        "created_at": made.created_at.isoformat(),
        "updated_at": made.created_at.isoformat(),
    }
    happened(world, "status", repository, who, payload)
