"""What the doctor says of the App on GitHub: who it is, what it may do, and whether webhooks arrive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from app import events
from app.doctor import github as checks
from app.doctor import needs
from app.doctor.findings import Finding, Patient, State
from demo.github import LocalGitHub, keys
from demo.github.hub import EVENTS
from demo.github.shapes import accounts
from tests.fleet import NOW
from workers.github import PERMISSIONS
from workers.github.hook import Target
from workers.settings import Settings

PAGE = "https://github.example/settings/apps/kotsu"


def patient(hub: LocalGitHub, **more: object) -> Patient:
    given = {
        "app_id": hub.world.app.id,
        "private_key": hub.private_key,
        "github_api_url": hub.api_url,
        **more,
    }
    return Patient(Settings(Path(), "sqlite://", **given), (), {}, NOW)  # type: ignore[arg-type]  # handed on


def told(findings: Iterable[Finding], state: State = State.WRONG) -> list[tuple[str, str]]:
    return [(one.says, one.fix) for one in findings if one.state is state]


# --- the App


def test_the_needs_are_those_of_the_app() -> None:
    assert needs.LOST_PERMISSIONS.keys() == PERMISSIONS.keys()
    assert set(EVENTS) == needs.LOST_EVENTS.keys()
    assert needs.LOST_EVENTS.keys() <= events.NAMES


def test_a_key_of_another_app_is_told(github: LocalGitHub) -> None:
    found = told(checks.app(patient(github, private_key=keys.pair()[0])))
    assert len(found) == 1
    assert "GitHub does not let the App in: GET /app: 401" in found[0][0]
    assert "compare KOTSU_GITHUB_APP_ID and the private key" in found[0][1]


def test_a_number_of_another_app_is_told(github: LocalGitHub) -> None:
    found = told(checks.app(patient(github, app_id=1)))
    assert "KOTSU_GITHUB_APP_ID" in found[0][1]


def test_a_github_that_cannot_be_reached_is_told(github: LocalGitHub) -> None:
    found = told(checks.app(patient(github, github_api_url="http://127.0.0.1:1")))
    assert len(found) == 1
    assert "GitHub does not answer" in found[0][0]
    assert "KOTSU_GITHUB_API_URL" in found[0][1]


def test_what_needs_a_key_is_skipped_without_one_that_can_sign(github: LocalGitHub) -> None:
    for check in (checks.app, checks.installations, checks.webhook):
        for sick in ({"app_id": None}, {"private_key": ""}, {"private_key": "damaged"}):
            assert [one.state for one in check(patient(github, **sick))] == [State.SKIPPED]


def test_a_clock_that_differs_from_githubs_is_told(github: LocalGitHub) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=2), usegmt=True)
    body = json.dumps(accounts.app(github.world)).encode()
    github.fail("GET", "/app$", 200, body=body, headers={"Date": date})
    (found,) = told(checks.app(patient(github)))
    assert "s ahead of that of GitHub" in found[0]


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_permission_that_the_app_lacks_is_told_with_what_it_costs(github: LocalGitHub, name: str) -> None:
    level = github.world.app.permissions.pop(name)
    state = State.WRONG if name in needs.NEEDED else State.NOTE
    (found,) = told(checks.app(patient(github)), state)
    assert found[0] == f"the App lacks {name}: {level}: {needs.LOST_PERMISSIONS[name]}"
    assert found[1].startswith(f"grant it on {github.url}/organizations/acme/settings/apps/kotsu/permissions")


def test_a_permission_to_read_where_writing_is_needed_is_too_low(github: LocalGitHub) -> None:
    github.world.app.permissions["contents"] = "read"
    (found,) = told(checks.app(patient(github)))
    assert "lacks contents: write" in found[0]


def test_what_nothing_uses_is_told(github: LocalGitHub) -> None:
    github.world.app.permissions |= {"secrets": "admin", "members": "write"}
    (found,) = told(checks.app(patient(github)), State.NOTE)
    assert found[0] == "the App may do more than it needs (members: write, secrets: admin)"


def test_an_event_that_is_not_heard_is_told_with_what_it_costs(github: LocalGitHub) -> None:
    github.world.app.events.remove("issue_comment")
    (found,) = told(checks.app(patient(github)), State.NOTE)
    assert found[0] == "the App is not told of issue_comment: commands in comments are not heard"


# --- installations


def test_an_app_that_is_installed_nowhere_is_told(github: LocalGitHub) -> None:
    (found,) = told(checks.installations(patient(github)), State.NOTE)
    assert found[1] == f"install it: {github.url}/apps/kotsu/installations/new"


def test_what_an_owner_has_not_accepted_is_told_with_the_page(github: LocalGitHub) -> None:
    one = github.install("acme")
    del one.permissions["checks"]
    one.permissions["contents"] = "read"
    found = list(checks.installations(patient(github)))
    page = f"an owner accepts it on {github.url}/organizations/acme/settings/installations/{one.id}"
    assert told(found) == [("acme has not granted contents: write: nothing can be read or proposed", page)]
    (lost,) = told(found, State.NOTE)
    assert lost[0].startswith("acme has not granted checks: write: ")


def test_what_the_app_itself_lacks_is_not_told_of_each_installation(github: LocalGitHub) -> None:
    one = github.install("acme")
    del one.permissions["checks"]
    del github.world.app.permissions["checks"]
    assert told(checks.installations(patient(github)), State.NOTE) == []


def test_a_suspended_installation_is_told_and_asked_for_nothing(github: LocalGitHub) -> None:
    github.suspend(github.install("acme"))
    (found,) = told(checks.installations(patient(github)), State.NOTE)
    assert found[0] == "the App is suspended on acme"
    assert not [e for e in github.requests if e.writes]


def test_requests_that_are_nearly_used_up_are_told(github: LocalGitHub) -> None:
    github.install("acme")
    core = {"limit": 5000, "used": 4900, "remaining": 100, "reset": 1}
    body = json.dumps({"resources": {"core": core}, "rate": core}).encode()
    github.fail("GET", "/rate_limit", 200, body=body)
    (found,) = told(checks.installations(patient(github)), State.NOTE)
    assert found[0] == "acme has 100 of 5000 requests left in this hour"


def test_where_nobody_counts_requests_that_is_fine(github: LocalGitHub) -> None:
    github.install("acme")
    github.fail("GET", "/rate_limit", 404, body=b'{"message":"Rate limiting is not enabled."}')
    assert told(checks.installations(patient(github)), State.FINE) == [("acme has no limit", "")]


def test_a_token_that_is_not_given_is_told(github: LocalGitHub) -> None:
    github.install("acme")
    github.fail("POST", "access_tokens", 422, body=b'{"message":"no"}')
    (found,) = told(checks.installations(patient(github)))
    assert "no token for acme" in found[0]


# --- webhooks


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target("", "json", secret=True, checked=True), ["the App tells nobody of anything"]),
        (
            Target("https://a/hook", "json", secret=True, checked=True),
            ["its path has to be /webhooks/github"],
        ),
        (
            Target("https://a/webhooks/github", "form", secret=True, checked=True),
            ["set the content type to application/json"],
        ),
        (
            Target("https://a/webhooks/github", "form", secret=False, checked=False),
            ["application/json", "KOTSU_WEBHOOK_SECRET", "enable SSL verification"],
        ),
        (Target("https://a/webhooks/github", "json", secret=True, checked=True), []),
    ],
)
def test_where_webhooks_go_is_judged(target: Target, words: list[str]) -> None:
    found = told(checks.addressed(target, PAGE))
    assert len(found) == len(words)
    assert all(word in " ".join(one) and PAGE in one[1] for word, one in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [
        ([], State.NOTE, "GitHub has delivered nothing yet"),
        ([202, 202], State.FINE, "the last 2 deliveries arrived"),
        ([202, 502], State.NOTE, "1 of the last 2 deliveries failed at first"),
        ([502, 202], State.WRONG, "the last delivery did not arrive: the receiver answered 502"),
        ([0], State.WRONG, "the last delivery did not arrive: the receiver did not answer"),
    ],
)
def test_whether_webhooks_arrive_is_judged(statuses: list[int], state: State, words: str) -> None:
    (found,) = checks.arrived(statuses, PAGE)
    assert (found.state, found.says) == (state, words)


def test_webhooks_that_nobody_takes_are_told(github: LocalGitHub) -> None:
    github.webhook_url = "http://127.0.0.1:1/webhooks/github"
    github.install("acme")
    github.settle()
    (found,) = told(checks.webhook(patient(github)))
    assert found[0] == "the last delivery did not arrive: the receiver did not answer"
    github.webhook_url = None


def test_a_github_that_fails_is_told_once(github: LocalGitHub) -> None:
    github.install("acme")
    for check in (checks.installations, checks.webhook):
        github.fail("GET", "/app$", 500, times=3)
        assert [one.state for one in check(patient(github))] == [State.SKIPPED]
