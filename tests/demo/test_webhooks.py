"""What happens on the local GitHub is told to the App, signed and in order."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from demo.github import LocalGitHub, webhooks
from demo.github.state import Installation
from demo.loopback import Answer, Loopback, Request
from tests.demo.client import REPO, Client


@pytest.fixture
def received(github: LocalGitHub) -> Iterator[list[Request]]:
    kept: list[Request] = []

    def answer(request: Request) -> Answer:
        kept.append(request)
        return Answer(202)

    with Loopback(answer) as receiver:
        github.webhook_url = f"{receiver.url}/webhooks/github"
        yield kept
        github.settle()


def test_deliveries_are_signed_and_come_in_order(
    received: list[Request], client: Client, installation: Installation
) -> None:
    client.hub.push("acme/widgets", {"src/b.py": b"y = 1\n"}, "feat: b")
    client.branch("kotsu/x")
    client.pull("kotsu/x")
    client.hub.merge("acme/widgets", 1)
    client.hub.settle()
    events = [(r.headers["x-github-event"], json.loads(r.body).get("action")) for r in received]
    assert events == [
        ("installation", "created"),
        ("push", None),
        ("push", None),
        ("pull_request", "opened"),
        ("push", None),
        ("pull_request", "closed"),
    ]
    for request in received:
        assert request.headers["x-hub-signature-256"] == webhooks.sign(
            client.hub.world.webhook_secret, request.body
        )
    pushed, closed = json.loads(received[1].body), json.loads(received[-1].body)
    assert pushed["commits"][0]["added"] == ["src/b.py"]
    assert pushed["installation"]["id"] == installation.id
    assert closed["pull_request"]["merged"] is True


def test_deliveries_can_be_listed_and_sent_again(received: list[Request], client: Client) -> None:
    client.hub.push("acme/widgets", {"src/b.py": b"y = 1\n"})
    client.hub.settle()
    listed = client.http.get("/app/hook/deliveries?per_page=1", headers=client.app())
    assert "next" in listed.links
    newest = listed.json()[0]
    assert (newest["event"], newest["status"], newest["redelivery"]) == ("push", "OK", False)
    client.http.post(f"/app/hook/deliveries/{newest['id']}/attempts", headers=client.app())
    client.hub.settle()
    guids = [r.headers["x-github-delivery"] for r in received]
    assert guids[-1] == guids[-2] == newest["guid"]
    shown = client.http.get(f"/app/hook/deliveries/{newest['id']}", headers=client.app()).json()
    assert shown["request"]["payload"]["ref"] == "refs/heads/main"


def test_a_receiver_that_is_down_is_an_outcome(client: Client) -> None:
    client.hub.webhook_url = "http://127.0.0.1:9/"
    delivery = client.hub.deliver("ping", {"zen": "Keep it logically awesome."})
    assert delivery.status == 0
    listed = client.http.get("/app/hook/deliveries", headers=client.app()).json()
    assert listed[0]["status_code"] == 0


def test_checks_pass_when_everything_parses_and_fail_otherwise(client: Client) -> None:
    client.hub.world.checks = True
    for name, content in (("good", "x = 2\n"), ("bad", "x = (\n")):
        client.branch(f"kotsu/{name}", content)
        client.pull(f"kotsu/{name}")
    client.hub.settle()
    for name, conclusion in (("good", "success"), ("bad", "failure")):
        runs = client.call("GET", f"{REPO}/commits/kotsu/{name}/check-runs").json()["check_runs"]
        assert [r["conclusion"] for r in runs] == [conclusion]


def test_closing_by_deleting_the_branch_is_closing(client: Client) -> None:
    client.branch("kotsu/x")
    client.pull("kotsu/x")
    client.hub.delete_branch("acme/widgets", "kotsu/x")
    pull = client.call("GET", f"{REPO}/pulls/1").json()
    assert (pull["state"], pull["merged"]) == ("closed", False)
