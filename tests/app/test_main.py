"""The web process: light to start, honest about its state, silent about everything else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import events
from app.metrics import Metrics
from tests.app.serving import SECRET, Server, serving
from tests.app.test_events import push
from tests.fleet import Broker, Postgres
from workers import ledger
from workers.messages import Kind, Priority


def test_it_is_alive_and_ready(server: Server) -> None:
    assert server.get("/healthz").json() == {"status": "alive"}
    answer = server.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ready", "broker": "embedded"})


@pytest.mark.fleet
def test_it_is_ready_on_postgresql(postgres: Postgres) -> None:
    with serving(postgres.database()) as server:
        assert server.get("/readyz").status_code == 200


def test_an_old_schema_is_not_ready_and_says_what_to_do(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'empty.db'}") as server:
        answer = server.get("/readyz")
        assert (answer.status_code, server.get("/healthz").status_code) == (503, 200)
        assert "run `kotsu db upgrade`" in answer.json()["database"]


def test_a_database_that_is_gone_is_not_ready_and_measured(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}") as server:
        assert server.get("/readyz").status_code == 503
        assert "kotsu_database_reachable 0.0" in server.get("/metrics").text


def test_a_broker_that_is_down_is_told_but_deliveries_are_still_taken(sqlite_url: str) -> None:
    gone = "redis://127.0.0.1:9/0"
    with serving(sqlite_url, broker_url=gone) as server:
        answer = server.get("/readyz")
        assert answer.status_code == 200
        assert "unreachable" in answer.json()["broker"]
        assert server.post(push()).status_code == 202


@pytest.mark.fleet
def test_a_broker_that_answers_is_reachable(sqlite_url: str, broker: Broker) -> None:
    with serving(sqlite_url, broker_url=broker.url) as server:
        assert server.get("/readyz").json()["broker"] == "reachable"


def test_the_measures_tell_of_deliveries_jobs_and_hints(server: Server) -> None:
    server.post(push())
    server.post(push())
    server.post(push(), secret="wrong")
    text = server.get("/metrics").text
    for line in (
        'kotsu_deliveries_total{event="push",outcome="recorded"} 1.0',
        'kotsu_deliveries_total{event="push",outcome="repeated"} 1.0',
        'kotsu_deliveries_total{event="other",outcome="unsigned"} 1.0',
        'kotsu_jobs{state="queued"} 1.0',
        'kotsu_jobs{state="poisoned"} 0.0',
        'kotsu_proposals{state="open"} 0.0',
        'kotsu_hints_total{outcome="sent"} 1.0',
        "kotsu_database_reachable 1.0",
    ):
        assert line in text
    assert "kotsu_oldest_job_seconds " in text


def test_the_measures_tell_who_waits_and_who_rests(server: Server) -> None:
    now = datetime.now(UTC)
    server.book.enqueue(Kind.SCAN, "scan:1", now - timedelta(hours=2), priority=Priority.SCHEDULE)
    server.book.quotas.rest(7, now + timedelta(hours=1), "GitHub has had enough.")
    text = server.get("/metrics").text
    waits = dict(re.findall(r'kotsu_waiting_job_seconds{priority="(.+)"} ([0-9.]+)', text))
    assert {name: float(wait) // 3600 for name, wait in waits.items()} == {
        "person": 0,
        "configuration": 0,
        "merge": 0,
        "schedule": 2,
    }
    assert "kotsu_resting_installations 1.0" in text


@pytest.mark.parametrize("name", sorted(events.NAMES))
def test_every_event_that_is_read_is_counted_under_its_own_name(name: str) -> None:
    measures = Metrics()
    measures.delivery(name, "recorded")
    measures.delivery("made_up", "ignored")
    text = measures.render(None).decode()
    assert f'kotsu_deliveries_total{{event="{name}",outcome="recorded"}} 1.0' in text
    assert 'kotsu_deliveries_total{event="other",outcome="ignored"} 1.0' in text


def test_the_front_page_loads_nothing_from_elsewhere(server: Server) -> None:
    answer = server.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "http" not in answer.text
    assert all(path.startswith(("/", "#")) for path in re.findall(r'(?:src|href)="([^"]*)"', answer.text))
    assert re.findall(r"<script(?! src=)", answer.text) == []


def test_measures_are_for_this_machine_or_with_the_token(sqlite_url: str) -> None:
    proxied = {"X-Forwarded-For": "203.0.113.7"}
    token = "a-token-of-enough-characters"
    with serving(sqlite_url, api_token=token) as server:
        assert server.get("/metrics").status_code == 200
        address = f"{server.url}/metrics"
        assert server.client.get(address, headers=proxied).status_code == 401
        known = proxied | {"Authorization": f"Bearer {token}"}
        assert server.client.get(address, headers=known).status_code == 200
    with serving(sqlite_url) as server:
        empty = proxied | {"Authorization": "Bearer x"}
        assert server.client.get(f"{server.url}/metrics", headers=empty).status_code == 401


def test_measures_of_a_database_that_is_gone_are_still_there_with_the_token(tmp_path: Path) -> None:
    token = "a-token-of-enough-characters"
    with serving(f"sqlite:///{tmp_path}", api_token=token) as server:
        for brought, status in ((token, 200), ("of-whom-nobody-can-say", 503)):
            headers = {"X-Forwarded-For": "203.0.113.7", "Authorization": f"Bearer {brought}"}
            assert server.client.get(f"{server.url}/metrics", headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/debug", "/webhooks", "/.env"])
def test_nothing_else_is_there(server: Server, path: str) -> None:
    assert server.get(path).status_code == 404


def test_a_delivery_must_be_posted(server: Server) -> None:
    assert server.get("/webhooks/github").status_code == 405


def test_no_page_shows_a_secret(server: Server) -> None:
    server.post(push())
    for path in ("/", "/readyz", "/metrics", "/healthz"):
        assert SECRET not in server.get(path).text


def test_without_a_webhook_secret_deliveries_are_left_to_github(sqlite_url: str) -> None:
    with serving(sqlite_url, secrets=()) as server:
        answer = server.post(push())
        assert answer.status_code == 503
        assert "kotsu setup" in answer.text
        assert server.jobs() == 0


def test_the_web_process_starts_without_the_hands(tmp_path: Path) -> None:
    probe = (
        "import sys; from app.main import create_app; app = create_app();"
        "heavy = ('fastapi', 'pydantic', 'libcst', 'githubkit', 'celery', 'kombu', 'alembic', 'yaml',"
        " 'httpx', 'cryptography', 'jinja2', 'workers.tasks', 'workers.queue', 'workers.config');"
        "print([name for name in heavy if name in sys.modules])"
    )
    ledger.migrate(f"sqlite:///{tmp_path / 'kotsu.db'}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOTSU_")}
    environment = kept | {"KOTSU_DATA_DIR": str(tmp_path), "KOTSU_WEBHOOK_SECRET": SECRET}
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"


_LARGE_BODY = """
import hashlib, hmac, http.client, os, re, threading, time
from pathlib import Path
import uvicorn
from app.main import create_app

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

config = uvicorn.Config(create_app(), host="127.0.0.1", port=0, log_config=None, access_log=False)
server = uvicorn.Server(config)
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
piece = b"x" * 65536
count = 25 * 1024 * 1024 // len(piece) - 1
top, end = b'{"a": "', b'"}'

def post(guid, count):
    signed = hmac.new(os.environ["KOTSU_WEBHOOK_SECRET"].encode(), digestmod=hashlib.sha256)
    def body():
        yield top
        for _ in range(count):
            yield piece
        yield end
    for part in body():
        signed.update(part)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": guid, "Content-Type": "application/json",
               "X-Hub-Signature-256": "sha256=" + signed.hexdigest()}
    connection.request("POST", "/webhooks/github", body(), headers, encode_chunked=True)
    return connection.getresponse().status

assert post("warm", 1) == 202
before = peak()
assert post("large", count) == 202
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_the_largest_body_costs_a_bounded_memory(tmp_path: Path) -> None:
    ledger.migrate(f"sqlite:///{tmp_path / 'kotsu.db'}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOTSU_")}
    environment = kept | {"KOTSU_DATA_DIR": str(tmp_path), "KOTSU_WEBHOOK_SECRET": SECRET}
    command = [sys.executable, "-c", _LARGE_BODY]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) < 60 * 1024
