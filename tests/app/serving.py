"""A running receiver for the tests of this room, over real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app import main
from tests.fleet import NOW, eventually
from workers import ledger
from workers.ledger import Ledger
from workers.settings import Settings

SECRET, OLD_SECRET = "canary-secret-one", "canary-secret-two"
HEADERS = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "guid-1", "Content-Type": "application/json"}


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Server:
    """A running receiver, its ledger, and the hints it gave."""

    url: str
    port: int
    book: Ledger
    client: httpx.Client
    hinted: list[int] = field(default_factory=list)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(f"{self.url}{path}")

    def post(
        self, body: bytes | dict[str, Any], *, secret: str = SECRET, **headers: str | None
    ) -> httpx.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = HEADERS | {"X-Hub-Signature-256": signature(data, secret)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lowered = {name.lower() for name in named}
        sent = {name: value for name, value in given.items() if name.lower() not in lowered}
        sent |= {name: value for name, value in named.items() if value is not None}
        return self.client.post(f"{self.url}/webhooks/github", content=data, headers=sent)

    def jobs(self) -> int:
        return sum(self.book.tally(NOW).jobs.values())

    def counted(self, event: str, outcome: str) -> float:
        line = f'kotsu_deliveries_total{{event="{event}",outcome="{outcome}"}} '
        found = [one for one in self.get("/metrics").text.splitlines() if one.startswith(line)]
        return float(found[0].removeprefix(line)) if found else 0.0


@contextmanager
def serving(  # noqa: PLR0913 -- a server is set up in as many ways, and each is named at the call
    database_url: str,
    send: Callable[[int], bool] | None = None,
    broker_url: str = "",
    secrets: tuple[str, ...] = (SECRET, OLD_SECRET),
    api_token: str = "",
    *,
    clock: Callable[[], datetime] | None = None,
    **more: Any,
) -> Iterator[Server]:
    given = Settings(
        Path(), database_url, broker_url=broker_url, webhook_secrets=secrets, api_token=api_token, **more
    )
    hinted: list[int] = []

    def note(job_id: int) -> bool:
        hinted.append(job_id)
        return True

    application = main.create(given, send=send or note, clock=clock)
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    book = ledger.open(database_url)
    # Without certificates: loading them costs more than most of these tests.
    client = httpx.Client(verify=False, timeout=30)
    try:
        yield Server(f"http://127.0.0.1:{port}", port, book, client, hinted)
    finally:
        client.close()
        server.should_exit = True
        thread.join(20)
        book.close()


def head(lines: list[str]) -> bytes:
    request = ["POST /webhooks/github HTTP/1.1", "Host: localhost", "Connection: close", *lines]
    return ("\r\n".join(request) + "\r\n\r\n").encode("latin-1")


def raw(port: int, lines: list[str], body: bytes, *, length: bool = True) -> tuple[int, str]:
    """Send what no client library would, and return status and text."""
    more = [f"Content-Length: {len(body)}"] if length else []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(10)
        connection.sendall(head(lines + more) + body)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    top, _, text = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), text.decode()
