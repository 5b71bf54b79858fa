"""Events: what a payload asks of us, and that no payload at all is an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import events
from workers.messages import Event, Kind, Priority, Repository

EXAMPLES = Path(__file__).parents[2] / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"

REPOSITORY = {
    "id": 11,
    "name": "hello",
    "full_name": "octo/hello",
    "owner": {"login": "octo", "id": 2},
    "default_branch": "main",
}


def payload(**more: Any) -> dict[str, Any]:
    return {"installation": {"id": 7}, "repository": copy.deepcopy(REPOSITORY), **more}


def push(**more: Any) -> dict[str, Any]:
    return payload(ref="refs/heads/main", after=SHA, deleted=False, commits=[]) | more


def pull_request(action: str = "closed", **more: Any) -> dict[str, Any]:
    request = {
        "number": 5,
        "merged": True,
        "user": {"id": 99},
        "head": {"ref": "kotsu/aware-utcnow", "repo": {"id": 11}},
    }
    return payload(action=action, sender={"id": 1, "type": "User"}, pull_request=request | more)


def read(name: str, given: object) -> Event:
    return events.read(name, "guid", given)


def recorded() -> list[tuple[str, dict[str, Any]]]:
    if not EXAMPLES.exists():
        return []
    groups = json.loads(EXAMPLES.read_text("utf-8"))
    return [(group["name"], example) for group in groups for example in group["examples"]]


# --- pushes


def test_a_push_to_the_default_branch_asks_for_a_scan() -> None:
    event = read("push", push())
    assert (event.kind, event.key, event.priority) == (Kind.SCAN, "scan:11", Priority.MERGE)
    assert event.repository == Repository(11, "octo", "hello", "main", 7)
    assert event.detail == {"head": SHA}


@pytest.mark.parametrize(
    "change",
    [
        {"ref": "refs/heads/feature"},
        {"ref": "refs/heads/kotsu/aware-utcnow"},
        {"ref": "refs/tags/main"},
        {"ref": "main"},
        {"after": "0" * 40},
        {"after": "0" * 64},
        {"after": ""},
        {"deleted": True},
        {"installation": None},
        {"repository": None},
        {"repository": REPOSITORY | {"default_branch": ""}},
    ],
    ids=str,
)
def test_a_push_to_anything_else_asks_nothing(change: dict[str, Any]) -> None:
    assert read("push", push() | change).kind is None


@pytest.mark.parametrize("path", [".github/kotsu.yml", "kotsu.yml"])
@pytest.mark.parametrize("change", ["added", "modified", "removed"])
def test_a_push_that_touches_the_configuration_is_more_urgent(path: str, change: str) -> None:
    commits = [{"added": ["other.py"]}, {change: ["a", path]}]
    assert read("push", push(commits=commits)).priority == Priority.CONFIGURATION


def test_a_file_of_that_name_elsewhere_is_no_configuration() -> None:
    commits = [{"modified": ["docs/kotsu.yml", ".github/kotsu.yml.orig"]}]
    assert read("push", push(commits=commits)).priority == Priority.MERGE


def test_the_organisation_s_defaults_concern_every_repository() -> None:
    commits = [{"modified": [".github/kotsu.yml"]}]
    event = read("push", push(commits=commits, repository=REPOSITORY | {"name": ".github"}))
    assert (event.kind, event.key) == (Kind.INSTALL, "install:7")


def test_a_push_of_very_many_commits_is_one_event() -> None:
    commits = [{"modified": [f"file-{number}.py"]} for number in range(2048)]
    assert read("push", push(commits=commits, forced=True)).kind is Kind.SCAN


# --- installations


@pytest.mark.parametrize("action", ["created", "unsuspend", "new_permissions_accepted"])
def test_an_installation_is_synchronised_while_a_person_waits(action: str) -> None:
    event = read("installation", {"action": action, "installation": {"id": 7, "account": {"login": "octo"}}})
    assert (event.kind, event.key, event.priority) == (Kind.INSTALL, "install:7", Priority.PERSON)
    assert (event.account, event.state) == ("octo", "active")


def test_a_suspension_asks_nothing_but_is_known() -> None:
    event = read("installation", {"action": "suspend", "installation": {"id": 7}})
    assert (event.kind, event.state) == (None, "suspended")


def test_an_uninstalled_app_cleans_up() -> None:
    event = read("installation", {"action": "deleted", "installation": {"id": 7}})
    assert (event.kind, event.key, event.state) == (Kind.REMOVE, "remove:7", "removed")


def test_added_repositories_synchronise_the_installation() -> None:
    assert read("installation_repositories", payload(action="added")).kind is Kind.INSTALL


def test_removed_repositories_are_named() -> None:
    gone = [{"id": 1}, {"id": "x"}, None, {"id": 2}]
    event = read("installation_repositories", payload(action="removed", repositories_removed=gone))
    assert (event.kind, event.removed, event.detail) == (Kind.REMOVE, (1, 2), {"repositories": [1, 2]})


# --- repositories


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("renamed", Kind.SCAN),
        ("archived", Kind.SCAN),
        ("unarchived", Kind.SCAN),
        ("transferred", Kind.INSTALL),
        ("deleted", Kind.REMOVE),
        ("publicized", None),
        ("edited", None),
    ],
)
def test_a_repository_that_changed(action: str, kind: Kind | None) -> None:
    assert read("repository", payload(action=action, changes={"topics": {}})).kind is kind


def test_another_default_branch_asks_for_a_scan() -> None:
    changes = {"default_branch": {"from": "master"}}
    assert read("repository", payload(action="edited", changes=changes)).kind is Kind.SCAN


# --- pull requests


@pytest.mark.parametrize("action", ["closed", "reopened", "edited"])
def test_our_pull_request_is_followed(action: str) -> None:
    event = read("pull_request", pull_request(action))
    assert (event.kind, event.key) == (Kind.FOLLOW_UP, "follow-up:11:5")
    assert event.detail == {"number": 5, "merged": True, "action": action}


@pytest.mark.parametrize("action", ["opened", "labeled", "assigned", ""])
def test_other_actions_are_not_followed(action: str) -> None:
    assert read("pull_request", pull_request(action)).kind is None


def test_the_pull_requests_of_others_are_not_followed() -> None:
    assert read("pull_request", pull_request(head={"ref": "feature/kotsu/x"})).kind is None


def test_a_fork_may_name_its_branch_like_ours() -> None:
    assert read("pull_request", pull_request(head={"ref": "kotsu/x", "repo": {"id": 12}})).kind is None


def test_what_our_own_bot_did_to_its_pull_request_is_not_followed() -> None:
    given = pull_request("edited") | {"sender": {"id": 99, "type": "Bot"}}
    assert read("pull_request", given).kind is None


def test_what_another_bot_did_to_our_pull_request_is_followed() -> None:
    given = pull_request("closed") | {"sender": {"id": 98, "type": "Bot"}}
    assert read("pull_request", given).kind is Kind.FOLLOW_UP


# --- what is said to us


def comment(body: str = "/kotsu rebase", action: str = "created", **more: Any) -> dict[str, Any]:
    said = {"comment": {"id": 31, "body": body}, "issue": {"number": 5}}
    return payload(action=action, sender={"id": 1, "type": "User"}, **said) | more


def board(action: str = "edited", **sender: Any) -> dict[str, Any]:
    issue = {"number": 6, "body": "<!-- kotsu-dashboard: {} -->\n", "user": {"id": 99}}
    return payload(action=action, sender={"id": 1, "type": "User"} | sender, issue=issue)


@pytest.mark.parametrize("body", ["/kotsu", "/kotsu rebase\nplease", "/Kotsu why django"])
def test_a_comment_that_speaks_to_us_is_answered_first_of_all(body: str) -> None:
    event = read("issue_comment", comment(body))
    assert (event.kind, event.key, event.priority) == (Kind.COMMAND, "command:11:31", Priority.PERSON)
    assert event.detail == {"number": 5, "comment": 31}


@pytest.mark.parametrize(
    "body", ["> /kotsu never", "Thanks!\n/kotsu never", " /kotsu never", "/kotsudo", "", None]
)
def test_what_is_quoted_or_said_later_is_not_for_us(body: Any) -> None:
    assert read("issue_comment", comment(body)).kind is None


@pytest.mark.parametrize("action", ["edited", "deleted", ""])
def test_a_comment_counts_as_it_was_written_first(action: str) -> None:
    assert read("issue_comment", comment(action=action)).kind is None


def test_a_bot_tells_us_nothing() -> None:
    assert read("issue_comment", comment(sender={"id": 98, "type": "Bot"})).kind is None


def test_a_person_s_edit_of_the_dashboard_is_read() -> None:
    event = read("issues", board())
    assert (event.kind, event.key, event.detail) == (Kind.DASHBOARD, "dashboard:11", {"number": 6})


def test_our_own_edit_of_the_dashboard_is_not() -> None:
    assert read("issues", board(id=99, type="Bot")).kind is None
    assert read("issues", board("closed")).kind is None


def test_another_issue_is_none_of_ours() -> None:
    given = board()
    given["issue"]["body"] = "See <!-- kotsu-dashboard: {} -->"
    assert read("issues", given).kind is None


# --- everything else


@pytest.mark.parametrize("name", ["ping", "check_run", "unheard_of", ""])
def test_other_events_ask_nothing(name: str) -> None:
    assert read(name, payload(action="created")).kind is None


@pytest.mark.parametrize(
    "given", [None, [], "text", 3, {}, {"installation": []}, {"installation": {"id": True}}]
)
@pytest.mark.parametrize(
    "name", ["push", "installation", "repository", "pull_request", "issue_comment", "issues"]
)
def test_a_shape_that_nobody_knows_asks_nothing(name: str, given: object) -> None:
    assert read(name, given).kind is None


@pytest.mark.parametrize("identity", [0, -1, 2**63, 10**30, 1.5, "11", None, True, [11]])
def test_an_identity_that_is_none_asks_nothing(identity: object) -> None:
    assert read("push", push(repository=REPOSITORY | {"id": identity})).kind is None


@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 256, None, 5, {}])
def test_a_name_that_no_repository_has_asks_nothing(name: object) -> None:
    assert read("push", push(repository=REPOSITORY | {"name": name})).kind is None


@pytest.mark.parametrize("junk", [None, 0, "", [], {}, "a\0", 10**40], ids=repr)
def test_the_recorded_examples_survive_the_loss_or_change_of_any_key(junk: object) -> None:
    seen = 0
    for name, example in recorded():
        read(name, example)
        for holder, key in _places(example):
            kept = holder[key]
            holder[key] = junk
            read(name, example)
            if isinstance(holder, dict):
                del holder[key]
                read(name, example)
            holder[key] = kept
            seen += 1
    assert seen > 1000 or not EXAMPLES.exists()


def _places(example: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Every key down to the depth that we read."""
    level: list[Any] = [example]
    for _ in range(4):
        deeper = []
        for holder in level:
            keys = list(holder) if isinstance(holder, dict) else range(min(len(holder), 3))
            for key in keys:
                yield holder, key
                if isinstance(holder[key], (dict, list)):
                    deeper.append(holder[key])
        level = deeper


# --- consent that was taken back


def test_who_takes_back_their_consent_is_named() -> None:
    event = read("github_app_authorization", {"action": "revoked", "sender": {"id": 5, "login": "octocat"}})
    assert (event.parted, event.kind, event.installation_id) == (5, None, None)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("github_app_authorization", {"action": "granted", "sender": {"id": 5}}),
        ("github_app_authorization", {"action": "revoked", "sender": {"id": "5"}}),
        ("github_app_authorization", {"action": "revoked"}),
        ("push", {"action": "revoked", "sender": {"id": 5}}),
    ],
)
def test_any_other_event_parts_nobody(name: str, given: object) -> None:
    assert read(name, given).parted is None
