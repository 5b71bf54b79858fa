"""What a webhook means: careful reads of a payload, and never an exception."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workers.messages import (
    DASHBOARD,
    Event,
    Kind,
    Priority,
    Repository,
    branch_key,
    command_key,
    configuration_key,
    dashboard_key,
    follow_up_key,
    install_key,
    remove_key,
    scan_key,
)

BRANCHES = "kotsu/"
"""The branches of our pull requests begin with this."""
CONFIGURATION = frozenset({".github/kotsu.yml", "kotsu.yml"})
_FOLLOWED = frozenset(
    {
        "closed",
        "reopened",
        "edited",
        "synchronize",
        "converted_to_draft",
        "ready_for_review",
        "review_requested",
        "review_request_removed",
        "auto_merge_disabled",
        # Of reviews:
        "submitted",
        "dismissed",
    }
)
_TO_US = re.compile(r"/kotsu(?![\w/-])", re.IGNORECASE)
_WORDS = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
_LARGEST = 2**63 - 1
_CONSENT = "github_app_authorization"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What nearly every payload names; fields are ``None`` where it does not, or in a shape nobody knows."""

    action: str
    payload: Mapping[str, object]
    installation_id: int
    repository: Repository | None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be done about an event."""

    kind: Kind | None = None
    key: str = ""
    priority: int = Priority.SCHEDULE
    detail: Mapping[str, object] = field(default_factory=dict)
    state: str = ""
    removed: tuple[int, ...] = ()


_NOTHING = _Task()


def read(name: str, guid: str, payload: object) -> Event:
    """Read one delivery; ``kind`` is ``None`` for everything that asks nothing of us."""
    given = _mapping(payload)
    action = _text(given, "action")
    event = Event(guid, name, action, parted=_parted(name, given))
    installation = _mapping(given.get("installation"))
    installation_id = _number(installation, "id")
    meaning = _MEANINGS.get(name)
    if meaning is None or installation_id is None:
        return event
    repository = _repository(_mapping(given.get("repository")), installation_id)
    task = meaning(_Seen(action, given, installation_id, repository))
    return replace(
        event,
        kind=task.kind,
        key=task.key,
        installation_id=installation_id,
        repository=repository,
        priority=task.priority,
        detail=task.detail,
        account=_text(_mapping(installation.get("account")), "login"),
        state=task.state,
        removed=task.removed,
    )


def _push(seen: _Seen) -> _Task:
    """Take pushes to the default branch, and to others where kotsu.yml changes; no tags, no deleted ones."""
    head, ref = _text(seen.payload, "after"), _text(seen.payload, "ref")
    repository, branch = seen.repository, ref.removeprefix("refs/heads/")
    if repository is None or seen.payload.get("deleted") is True or not head.strip("0"):
        return _NOTHING
    if not repository.default_branch or branch == ref:
        return _NOTHING
    configures = _touches_configuration(seen.payload)
    if branch == repository.default_branch:
        return _pushed_default(seen, repository, head, configures=configures)
    key, detail = configuration_key(repository.id, branch), {"branch": branch, "head": head}
    return _Task(Kind.CONFIGURATION, key, Priority.CONFIGURATION, detail) if configures else _NOTHING


def _pushed_default(seen: _Seen, repository: Repository, head: str, *, configures: bool) -> _Task:
    if configures and repository.name == ".github":
        # The organisation's defaults: every repository inherits them.
        return _install(seen, Priority.CONFIGURATION)
    return _scan(repository, Priority.CONFIGURATION if configures else Priority.MERGE, head)


def _touches_configuration(payload: Mapping[str, object]) -> bool:
    paths = (
        path
        for commit in _list(payload.get("commits"))
        for change in ("added", "modified", "removed")
        for path in _list(_mapping(commit).get(change))
    )
    return any(isinstance(path, str) and path in CONFIGURATION for path in paths)


def _installation(seen: _Seen) -> _Task:
    if seen.action in ("created", "unsuspend", "new_permissions_accepted"):
        return replace(_install(seen, Priority.PERSON), state="active")
    if seen.action == "suspend":
        return _Task(state="suspended")
    if seen.action == "deleted":
        return _Task(Kind.REMOVE, remove_key(seen.installation_id), Priority.PERSON, state="removed")
    return _NOTHING


def _installation_repositories(seen: _Seen) -> _Task:
    if seen.action == "added":
        return _install(seen, Priority.PERSON)
    if seen.action == "removed":
        listed = (_number(_mapping(one), "id") for one in _list(seen.payload.get("repositories_removed")))
        return _remove(seen, [found for found in listed if found is not None])
    return _NOTHING


def _repository_changed(seen: _Seen) -> _Task:
    if seen.repository is None:
        return _NOTHING
    if seen.action in ("created", "transferred"):
        return _install(seen, Priority.MERGE)
    if seen.action == "deleted":
        return _remove(seen, [seen.repository.id])
    new_default = "default_branch" in _mapping(seen.payload.get("changes"))
    if seen.action in ("renamed", "archived", "unarchived") or (seen.action == "edited" and new_default):
        return _scan(seen.repository, Priority.MERGE)
    return _NOTHING


def _pull_request(seen: _Seen) -> _Task:
    """Follow pull requests from our branches, but not what we did to them ourselves."""
    request = _mapping(seen.payload.get("pull_request"))
    head = _mapping(request.get("head"))
    number = _number(request, "number")
    if seen.repository is None or number is None or seen.action not in _FOLLOWED:
        return _NOTHING
    ours = _text(head, "ref").startswith(BRANCHES)
    here = _number(_mapping(head.get("repo")), "id") in (seen.repository.id, None)
    if not ours or not here or _by_ourselves(seen.payload, request):
        return _NOTHING
    detail = {"number": number, "merged": request.get("merged") is True, "action": seen.action}
    if who := _text(_mapping(seen.payload.get("sender")), "login"):
        detail["who"] = who
    return _Task(Kind.FOLLOW_UP, follow_up_key(seen.repository.id, number), Priority.MERGE, detail)


def _check_suite(seen: _Seen) -> _Task:
    """Follow the branches of ours whose checks have ended."""
    suite = _mapping(seen.payload.get("check_suite"))
    return _checked(seen, [_text(suite, "head_branch")] if seen.action == "completed" else [])


def _status(seen: _Seen) -> _Task:
    """Follow the branches of ours on which something that is no check has ended."""
    if seen.payload.get("state") == "pending":
        return _NOTHING
    return _checked(seen, [_text(_mapping(b), "name") for b in _list(seen.payload.get("branches"))])


def _checked(seen: _Seen, branches: Sequence[str]) -> _Task:
    branch = next((b for b in branches if b.startswith(BRANCHES)), None)
    if seen.repository is None or branch is None:
        return _NOTHING
    detail = {"branch": branch}
    return _Task(Kind.FOLLOW_UP, branch_key(seen.repository.id, branch), Priority.MERGE, detail)


def _issue_comment(seen: _Seen) -> _Task:
    """Take a comment that speaks to us, as it was written first: one that is edited later says nothing."""
    comment, issue = _mapping(seen.payload.get("comment")), _mapping(seen.payload.get("issue"))
    identity, number = _number(comment, "id"), _number(issue, "number")
    person = _mapping(seen.payload.get("sender")).get("type") != "Bot"
    body = comment.get("body")
    if seen.repository is None or identity is None or number is None or seen.action != "created":
        return _NOTHING
    if not person or not isinstance(body, str) or not _TO_US.match(body):
        return _NOTHING
    detail = {"number": number, "comment": identity}
    return _Task(Kind.COMMAND, command_key(seen.repository.id, identity), Priority.PERSON, detail)


def _parted(name: str, given: Mapping[str, object]) -> int | None:
    """Return who took back their consent to sign in here: this event alone is of no installation."""
    taken_back = name == _CONSENT and given.get("action") == "revoked"
    return _number(_mapping(given.get("sender")), "id") if taken_back else None


def _issues(seen: _Seen) -> _Task:
    """Take edits of the dashboard by people."""
    issue = _mapping(seen.payload.get("issue"))
    number, body = _number(issue, "number"), issue.get("body")
    if seen.repository is None or number is None or seen.action != "edited":
        return _NOTHING
    if not isinstance(body, str) or not body.startswith(DASHBOARD) or _by_ourselves(seen.payload, issue):
        return _NOTHING
    detail = {"number": number}
    return _Task(Kind.DASHBOARD, dashboard_key(seen.repository.id), Priority.PERSON, detail)


def _by_ourselves(payload: Mapping[str, object], request: Mapping[str, object]) -> bool:
    """Tell whether the bot that opened the pull request did this too."""
    sender, author = _mapping(payload.get("sender")), _mapping(request.get("user"))
    known = _number(sender, "id")
    return known is not None and sender.get("type") == "Bot" and known == _number(author, "id")


def _scan(repository: Repository, priority: int, head: str = "") -> _Task:
    return _Task(Kind.SCAN, scan_key(repository.id), priority, {"head": head} if head else {})


def _install(seen: _Seen, priority: int) -> _Task:
    return _Task(Kind.INSTALL, install_key(seen.installation_id), priority)


def _remove(seen: _Seen, ids: Sequence[int]) -> _Task:
    if not ids:
        return _NOTHING
    key = remove_key(seen.installation_id, repositories=True)
    return _Task(Kind.REMOVE, key, Priority.PERSON, {"repositories": list(ids)}, removed=tuple(ids))


_MEANINGS: Mapping[str, Callable[[_Seen], _Task]] = {
    "push": _push,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
    "repository": _repository_changed,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request,
    "check_suite": _check_suite,
    "status": _status,
    "issue_comment": _issue_comment,
    "issues": _issues,
}
NAMES = frozenset(_MEANINGS) | {_CONSENT}
"""The events that ask something of us, by the names that GitHub gives them."""


def _repository(given: Mapping[str, object], installation_id: int) -> Repository | None:
    identity, name = _number(given, "id"), _text(given, "name")
    owner = _text(_mapping(given.get("owner")), "login") or _text(_mapping(given.get("owner")), "name")
    if identity is None or not name or not owner:
        return None
    return Repository(identity, owner, name, _text(given, "default_branch"), installation_id)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _text(given: Mapping[str, object], name: str) -> str:
    """Return one line of text, ``""`` for anything that no name of GitHub's can be."""
    value = given.get(name)
    return value if isinstance(value, str) and _WORDS.fullmatch(value) else ""


def _number(given: Mapping[str, object], name: str) -> int | None:
    """Return an identity as the database can hold it."""
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= _LARGEST else None
