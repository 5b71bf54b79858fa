"""Who may come in, and how far."""

from __future__ import annotations

import time
from typing import Any

import pytest

from demo.github.state import Installation
from tests.demo.client import REPO, Client


def test_the_app_sees_itself_and_its_installations(client: Client, installation: Installation) -> None:
    assert client.http.get("/app", headers=client.app()).json()["slug"] == "kotsu"
    listed = client.http.get("/app/installations", headers=client.app()).json()
    assert [i["id"] for i in listed] == [installation.id]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) + 3600},
        {"exp": int(time.time()) - 5},
        {"iss": "1"},
        {"iat": int(time.time()) + 900},
    ],
)
def test_a_jwt_that_is_too_long_too_old_or_anothers_is_refused(
    client: Client, claims: dict[str, Any]
) -> None:
    assert client.http.get("/app", headers=client.app(**claims)).status_code == 401


def test_a_jwt_signed_with_another_key_is_refused(client: Client) -> None:
    forged = client.app()["Authorization"][:-8] + "AAAAAAAA"
    assert client.http.get("/app", headers={"Authorization": forged}).status_code == 401


def test_a_token_is_as_long_as_they_are_today_and_never_logged(
    client: Client, installation: Installation
) -> None:
    token = client.token(installation)
    client.use(token).call("GET", REPO)
    assert len(token) == 520
    assert not any("authorization" in e.headers for e in client.hub.requests)
    assert token not in repr(client.hub.requests)


def test_a_narrowed_token_reaches_only_its_repositories(client: Client, installation: Installation) -> None:
    client.use(client.token(installation, repositories=["gadgets"]))
    assert client.call("GET", "/repos/acme/gadgets").status_code == 200
    refused = client.call("GET", REPO)
    assert refused.status_code == 404
    assert refused.json()["message"] == "Not Found"
    assert client.call("GET", "/installation/repositories").json()["total_count"] == 1


def test_a_narrowed_token_may_only_do_what_it_asked_for(client: Client, installation: Installation) -> None:
    client.use(client.token(installation, permissions={"contents": "read"}))
    assert client.call("GET", f"{REPO}/git/ref/heads/main").status_code == 200
    refused = client.call("POST", f"{REPO}/git/blobs", content="x", encoding="utf-8")
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")


def test_a_workflow_is_not_written_without_the_permission_for_workflows(
    client: Client, installation: Installation
) -> None:
    client.use(client.token(installation, permissions={"contents": "write"}))
    head = client.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    entry = {"path": ".github/workflows/ci.yml", "mode": "100644", "type": "blob", "content": "on: push\n"}
    assert client.call("POST", f"{REPO}/git/trees", base_tree=head, tree=[entry]).status_code == 403


def test_more_than_the_installation_has_cannot_be_asked_for(
    client: Client, installation: Installation
) -> None:
    url = f"/app/installations/{installation.id}/access_tokens"
    for wanted in ({"permissions": {"pages": "write"}}, {"repository_ids": [1]}):
        assert client.http.post(url, headers=client.app(), json=wanted).status_code == 422


def test_a_suspended_installation_sleeps_and_a_deleted_one_is_gone(
    client: Client, installation: Installation
) -> None:
    url = f"/app/installations/{installation.id}/access_tokens"
    client.hub.suspend(installation)
    assert client.call("GET", REPO).json()["message"] == "This installation has been suspended"
    assert client.http.post(url, headers=client.app(), json={}).status_code == 403
    client.hub.uninstall(installation)
    assert client.call("GET", REPO).status_code == 401
    assert client.http.post(url, headers=client.app(), json={}).status_code == 404


def test_a_revoked_token_opens_nothing(client: Client) -> None:
    assert client.call("DELETE", "/installation/token").status_code == 204
    assert client.call("GET", REPO).status_code == 401
