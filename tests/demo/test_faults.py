"""What goes wrong goes wrong as ordered: before or after the effect, and as often."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from tests.demo.client import REPO, Client


def test_a_reset_after_the_effect_leaves_the_pull_request_behind(client: Client) -> None:
    client.branch("kotsu/x")
    client.hub.reset("POST", "/pulls$", after_effect=True)
    with pytest.raises(httpx.TransportError):
        client.pull("kotsu/x")
    assert len(client.hub.pulls("acme/widgets")) == 1
    assert client.pull("kotsu/x").status_code == 422


def test_faults_before_the_effect_leave_nothing(client: Client) -> None:
    client.branch("kotsu/x")
    client.hub.fail("POST", "/pulls$", 502, times=2)
    client.hub.secondary_limit(7)
    assert [client.pull("kotsu/x").status_code for _ in range(2)] == [502, 502]
    limited = client.pull("kotsu/x")
    assert (limited.status_code, limited.headers["retry-after"]) == (403, "7")
    assert client.hub.pulls("acme/widgets") == []
    assert client.pull("kotsu/x").status_code == 201


def test_a_used_up_hour_says_when_it_is_over(client: Client) -> None:
    client.hub.primary_limit(90)
    refused = client.call("GET", REPO)
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    assert int(refused.headers["x-ratelimit-reset"]) > time.time() + 60


def test_a_delay_is_felt_once(client: Client) -> None:
    client.hub.delay("GET", "/widgets$", 0.2)
    started = time.monotonic()
    client.call("GET", REPO)
    assert time.monotonic() - started >= 0.2


def test_many_callers_at_once_get_one_pull_request(client: Client) -> None:
    client.branch("kotsu/x")
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.pull("kotsu/x").status_code)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] + [422] * 7
