"""The receiver: what is recorded, what is refused, and how fast, over real sockets."""

from __future__ import annotations

import asyncio
import hmac
import io
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine.default import DefaultDialect

from app import hints
from app.recorder import Recorder
from tests.app.serving import HEADERS, OLD_SECRET, SECRET, Server, head, raw, serving, signature
from tests.app.test_events import EXAMPLES, push, recorded
from tests.fleet import NOW, Broker, Postgres, eventually
from workers import logs, queue
from workers.ledger import JobState, Ledger, Recorded
from workers.messages import Event

MEGABYTE = 1024 * 1024


@contextmanager
def quickly(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


# --- what is taken


def test_a_delivery_is_recorded_before_it_is_answered(server: Server) -> None:
    answer = server.post(push())
    assert answer.status_code == 202
    job = server.book.job(answer.json()["job"])
    assert job is not None
    assert (answer.json()["delivery"], job.key, job.state) == ("guid-1", "scan:11", JobState.QUEUED)
    assert eventually(lambda: server.hinted == [job.id])


def test_the_answer_comes_in_milliseconds(server: Server) -> None:
    server.post(push(), X_GitHub_Delivery="warm")
    times = []
    for number in range(15):
        begun = time.perf_counter()
        assert server.post(push(), X_GitHub_Delivery=f"g{number}").status_code == 202
        times.append(time.perf_counter() - begun)
    assert sorted(times)[7] < 0.1


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_either_secret_is_taken_while_they_are_exchanged(server: Server, secret: str) -> None:
    assert server.post(push(), secret=secret).status_code == 202


def test_an_event_that_asks_nothing_is_recorded_without_a_job(server: Server) -> None:
    answer = server.post({"zen": "Keep it logically awesome.", "hook": {}}, X_GitHub_Event="ping")
    assert (answer.status_code, answer.json()) == (202, {"delivery": "guid-1", "job": None})
    assert server.hinted == []


@pytest.mark.parametrize("count", [2, 60])
def test_the_same_delivery_many_times_at_once_is_one_job(database_url: str, count: int) -> None:
    with serving(database_url) as server, ThreadPoolExecutor(count) as threads:
        answers = list(threads.map(lambda _: server.post(push()), range(count)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["job"] for answer in answers}) == 1
        assert server.jobs() == 1
        assert server.counted("push", "repeated") == count - 1


def test_a_redelivery_after_we_failed_is_served(server: Server) -> None:
    server.post(push())
    job = server.book.claim("w", NOW.replace(year=2100), timedelta(minutes=5))
    assert job is not None
    server.book.fail(job, "It broke.", NOW)
    again = server.post(push())
    assert again.status_code == 202
    assert again.json()["job"] != job.id
    assert eventually(lambda: server.hinted == [job.id, again.json()["job"]])


@pytest.mark.skipif(not EXAMPLES.exists(), reason="npm ci brings the recorded payloads")
def test_every_recorded_payload_is_taken(server: Server) -> None:
    examples = recorded()
    assert len(examples) > 300
    for number, (name, example) in enumerate(examples):
        answer = server.post(example, X_GitHub_Event=name, X_GitHub_Delivery=f"example-{number}")
        assert answer.status_code == 202, (name, answer.text)


# --- what is refused


@pytest.mark.parametrize(
    "given", [None, "", "sha256=", "sha256=" + "0" * 63, "sha256=" + "A" * 64, "sha1=" + "0" * 40, "é" * 4]
)
def test_a_missing_or_malformed_signature_is_refused(server: Server, given: str | None) -> None:
    body = json.dumps(push()).encode()
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    if given is not None:
        lines.append(f"X-Hub-Signature-256: {given}")
    status, text = raw(server.port, lines, body)
    assert (status, text) == (401, "The signature does not match.\n")
    assert server.jobs() == 0
    assert server.counted("other", "unsigned") == 1


def test_a_sha1_signature_alone_is_refused(server: Server) -> None:
    body = json.dumps(push()).encode()
    old = "sha1=" + hmac.new(SECRET.encode(), body, "sha1").hexdigest()
    answer = server.post(body, X_Hub_Signature_256=None, X_Hub_Signature=old)
    assert answer.status_code == 401


@pytest.mark.parametrize("change", [b"\n", b" ", b"\0"])
def test_a_body_with_one_more_byte_is_refused(server: Server, change: bytes) -> None:
    body = json.dumps(push()).encode()
    answer = server.post(body + change, X_Hub_Signature_256=signature(body))
    assert (answer.status_code, server.jobs()) == (401, 0)


def test_another_charset_is_another_body(server: Server) -> None:
    text = json.dumps({"title": "café"}, ensure_ascii=False)
    signed = signature(text.encode("utf-8"))
    assert server.post(text.encode("latin-1"), X_Hub_Signature_256=signed).status_code == 401


def test_a_third_secret_is_refused(server: Server) -> None:
    assert server.post(push(), secret="canary-secret-three").status_code == 401


def test_githubs_own_test_vector_is_signed_rightly(sqlite_url: str) -> None:
    secret = "It's a Secret to Everybody"
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature(b"Hello, World!", secret) == expected
    with serving(sqlite_url, secrets=(secret,)) as server:
        answer = server.post(b"Hello, World!", X_Hub_Signature_256=expected)
    assert (answer.status_code, answer.text) == (400, "The body is not JSON.\n")


@pytest.mark.parametrize("header", ["X-GitHub-Event", "X-GitHub-Delivery"])
@pytest.mark.parametrize("value", [None, "", "a b", "x" * 10_000, "a\tb", "../../etc", "<script>"])
def test_a_missing_or_odd_header_is_refused_by_its_name(
    server: Server, header: str, value: str | None
) -> None:
    answer = server.post(push(), **{header: value})  # type: ignore[arg-type]  # never the keyword "secret"
    assert (answer.status_code, server.jobs()) == (400, 0)
    assert header in answer.text


def test_a_form_is_refused_with_the_setting_to_change(server: Server) -> None:
    answer = server.post(b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert "content type to application/json" in answer.text


def test_a_compressed_body_is_refused_unread(server: Server) -> None:
    assert server.post(b"\x1f\x8b" + b"\0" * 100, Content_Encoding="gzip").status_code == 415


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"a": 1, "a": 2}', "names a key twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "too long"),
        (b'{"a": 0.' + b"9" * 10_000_000 + b"}", "too long"),
        (b'{"a": "\\ud800"}', "not UTF-8"),
        (b'{"\\uDC00": 1}', "not UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
    ],
    ids=lambda given: given[:12] if isinstance(given, bytes) else given,
)
def test_a_body_that_only_mischief_sends_is_refused_at_once(server: Server, body: bytes, words: str) -> None:
    begun = time.process_time()
    answer = server.post(body)
    assert (answer.status_code, server.jobs()) == (400, 0)
    assert words in answer.text
    assert time.process_time() - begun < 1.5


def test_an_escaped_character_beyond_the_basic_plane_is_ordinary_text(server: Server) -> None:
    assert server.post(json.dumps(push(note="\U0001f600")).encode()).status_code == 202


# --- large and slow


def test_25_megabytes_are_taken_and_one_byte_more_is_not(server: Server) -> None:
    frame = len(json.dumps(push(filler="")))
    largest = json.dumps(push(filler="x" * (25 * MEGABYTE - frame))).encode()
    assert len(largest) == 25 * MEGABYTE
    assert server.post(largest).status_code == 202
    assert server.post(largest + b" ", X_GitHub_Delivery="guid-2").status_code == 413


def test_a_body_of_unknown_length_is_cut_at_the_limit(server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(27):
            yield b"x" * MEGABYTE

    sent = HEADERS | {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    try:
        answer = server.client.post(f"{server.url}/webhooks/github", content=chunks(), headers=sent)
        assert answer.status_code == 413
    except httpx.WriteError:
        pass  # the server closed the connection while we were still sending, as it may
    assert eventually(lambda: server.counted("push", "too-large") == 1)


def test_a_lie_about_the_length_is_refused_unread(server: Server) -> None:
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    lines += [f"X-Hub-Signature-256: {signature(b'')}", f"Content-Length: {26 * MEGABYTE}"]
    assert raw(server.port, lines, b"", length=False)[0] == 413


def test_a_slow_body_ends_and_others_are_served_meanwhile(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.receive._BODY_SECONDS", 0.6)
    body = json.dumps(push()).encode()
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    lines += [f"X-Hub-Signature-256: {signature(body)}", f"Content-Length: {len(body)}"]
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(head(lines) + body[:5])
        assert server.post(push(), X_GitHub_Delivery="quick").status_code == 202
        slow.settimeout(5)
        assert b" 408 " in slow.recv(1000)


def test_a_burst_is_taken_though_it_queues(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    # The last of them waits longer than a ledger may stand still, but the ledger moves all the time.
    monkeypatch.setattr("app.recorder._STANDSTILL", 1.0)
    monkeypatch.setattr("app.recorder._TOGETHER", 1)
    slow = Ledger.record_all

    def slowly(book: Ledger, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
        time.sleep(0.05)
        return slow(book, events, now)

    monkeypatch.setattr(Ledger, "record_all", slowly)
    assert _burst(server, 40) == {202}


def test_deliveries_that_wait_for_the_disk_share_the_next_transaction(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, together, first = Ledger.record_all, [], threading.Event()

    def counted(book: Ledger, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
        together.append(len(events))
        if len(together) == 1:
            assert first.wait(10)
        return written(book, events, now)

    go_on = Recorder._go_on

    def noticed(recorder: Recorder, loop: asyncio.AbstractEventLoop) -> None:
        go_on(recorder, loop)
        if len(recorder._waiting) == 39:
            first.set()

    monkeypatch.setattr(Ledger, "record_all", counted)
    monkeypatch.setattr(Recorder, "_go_on", noticed)
    assert _burst(server, 40) == {202}
    assert together == [1, 39]
    assert server.jobs() == 1


def _burst(server: Server, count: int) -> set[int]:
    """Send so many deliveries at once, and return the answers' statuses."""
    with ThreadPoolExecutor(count) as threads:
        answers = threads.map(lambda n: server.post(push(), X_GitHub_Delivery=f"g{n}"), range(count))
        return {answer.status_code for answer in answers}


# --- the database and the broker


def test_a_locked_database_is_told_within_two_seconds_and_heals(server: Server, tmp_path: Path) -> None:
    lock = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with quickly(2.0):
        answer = server.post(push())
    assert answer.status_code == 503
    assert server.counted("push", "unavailable") == 1
    assert server.get("/healthz").status_code == 200
    lock.execute("ROLLBACK")
    lock.close()
    assert server.post(push()).status_code == 202
    assert server.jobs() == 1


def test_a_read_only_database_is_told_at_once(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with serving(f"sqlite:///file:{path}?mode=ro&uri=true") as server, quickly(2.0):
        assert server.post(push()).status_code == 503
    assert not Path("file:").exists()


def test_a_full_disk_is_told_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch, quickly(2.0):
        patch.setattr(DefaultDialect, "do_commit", full)
        assert server.post(push()).status_code == 503
    assert server.post(push()).status_code == 202


@pytest.mark.fleet
def test_a_postgresql_that_holds_a_lock_is_told_within_two_seconds(postgres: Postgres) -> None:
    url = postgres.database()
    with serving(url) as server:
        assert server.post(push()).status_code == 202
        with server.book._write() as connection:
            connection.exec_driver_sql("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE")
            with quickly(2.0):
                assert server.post(push(), X_GitHub_Delivery="guid-2").status_code == 503
        assert server.post(push(), X_GitHub_Delivery="guid-2").status_code == 202


def test_a_database_that_is_not_there_is_told_within_two_seconds() -> None:
    with serving("postgresql://127.0.0.1:9/kotsu") as server, quickly(2.0):
        assert server.post(push()).status_code == 503


@pytest.mark.fleet
def test_a_frozen_broker_makes_nobody_wait_and_nothing_is_lost(broker: Broker, database_url: str) -> None:
    with serving(database_url, hints.celery(broker.url), broker.url) as server:
        server.post(push(), X_GitHub_Delivery="warm")
        assert eventually(lambda: broker.client.llen("kotsu") == 1)
        broker.freeze()
        for number in range(5):
            given = push(repository={**push()["repository"], "id": number + 100})
            with quickly(0.5):
                assert server.post(given, X_GitHub_Delivery=f"g{number}").status_code == 202
        assert len(server.book.due(NOW.replace(year=2100))) == 6
        broker.thaw()
    queue._hints.drop()
    queue._hints.silent_until = 0.0
    queue.serve("")


# --- what is said about it


def test_a_line_is_written_for_a_refusal_and_no_secret_in_it(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    written = io.StringIO()
    logs.redact(SECRET, OLD_SECRET)
    logs.set_up(written, json=True)
    try:
        server.post(push(), X_GitHub_Delivery=SECRET, secret="wrong")
        server.post(push(), X_GitHub_Event="x" * 10_000)
    finally:
        logs.set_up(json=True)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["status"], line["outcome"]) for line in lines] == [(401, "unsigned"), (400, "malformed")]
    assert all(len(line) < 1000 for line in written.getvalue().splitlines())
    assert SECRET not in written.getvalue() + "".join(capfd.readouterr())
