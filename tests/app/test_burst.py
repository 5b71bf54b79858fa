"""A burst at the receiver: all of it is taken, and recorded once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from app import main
from tests.app.serving import SECRET, signature
from tests.app.test_events import push
from tests.fleet import NOW
from workers import ledger
from workers.ledger import Ledger, Recorded
from workers.messages import Event
from workers.settings import Settings

DELIVERIES, REPOSITORIES = 2_000, 300


def delivery(number: int) -> tuple[dict[str, Any], bytes]:
    """A signed delivery, as the server gives it to the application."""
    about = push()["repository"] | {"id": number % REPOSITORIES + 1, "name": f"shop-{number % REPOSITORIES}"}
    body = json.dumps(push(repository=about)).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "x-github-event": "push",
        "x-github-delivery": f"burst-{number}",
        "x-hub-signature-256": signature(body, SECRET),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/webhooks/github",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return scope, body


async def answered(application: Starlette, scope: dict[str, Any], body: bytes) -> int:
    """Return the status of the answer to a delivery."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    await application(scope, receive, send)
    return statuses[0]


async def burst(application: Starlette) -> Sequence[int]:
    """Send all deliveries before any is answered."""
    async with application.router.lifespan_context(application):
        return await asyncio.gather(
            *(answered(application, *delivery(number)) for number in range(DELIVERIES))
        )


def test_two_thousand_deliveries_at_once_are_all_taken_and_recorded_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How fast this machine is at this moment is nothing that a test can hold.
    monkeypatch.setattr("app.recorder._STANDSTILL", 300.0)
    monkeypatch.setattr("app.recorder._LONGEST", 300.0)
    given = Settings(Path(), sqlite_url, webhook_secrets=(SECRET,))
    written, together = Ledger.record_all, []

    def counted(book: Ledger, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
        together.append(len(events))
        return written(book, events, now)

    monkeypatch.setattr(Ledger, "record_all", counted)
    statuses = asyncio.run(burst(main.create(given, send=lambda _: True)))
    assert Counter(statuses) == {202: DELIVERIES}
    assert sum(together) == DELIVERIES
    assert len(together) <= DELIVERIES // 50 + 1
    book = ledger.open(sqlite_url)
    with book._read() as connection:
        recorded = connection.exec_driver_sql("SELECT count(*), count(DISTINCT job_id) FROM delivery").one()
    assert tuple(recorded) == (DELIVERIES, REPOSITORIES)
    assert book.tally(NOW).jobs == {"queued": REPOSITORIES}
    book.close()
