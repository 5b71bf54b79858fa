"""Sends signed deliveries from a process of its own, and says how they were answered and how soon.

Run it as ``python tests/benchmarks/deliveries.py ADDRESS SECRET COUNT CONNECTIONS RATE``: RATE is in
deliveries a second, each begun at its own moment whatever became of the others; with 0 each connection sends
the next as soon as the last is answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EXAMPLES = Path(__file__).parents[2] / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
REPOSITORIES = 300
"""How many repositories the pushes are of, by turns."""
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\nX-GitHub-Delivery: {guid}\r\n"
    "X-GitHub-Event: push\r\nX-GitHub-Hook-ID: 1\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
)


def bodies() -> Sequence[bytes]:
    """Return GitHub's own example of a push to a default branch, as of so many repositories."""
    examples = json.loads(EXAMPLES.read_text("utf-8"))
    pushes = next(group["examples"] for group in examples if group["name"] == "push")
    push: dict[str, Any] = next(p for p in pushes if p.get("installation") and p["commits"])
    place = push["repository"]
    owner = place["owner"]["login"]
    made = []
    for number in range(1, REPOSITORIES + 1):
        name = f"shop-{number}"
        about = place | {"id": number, "name": name, "full_name": f"{owner}/{name}"}
        made.append(json.dumps(push | {"repository": about}).encode())
    return made


def requests(address: str, secret: str, count: int) -> Iterator[bytes]:
    """Return requests as they go over the wire; each has an identity of its own."""
    parts = urlsplit(address)
    signed = [(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), body) for body in bodies()]
    for signature, body in islice(cycle(signed), count):
        guid = uuid.uuid4()
        head = _HEAD.format(
            path=parts.path, host=parts.netloc, length=len(body), guid=guid, signature=signature
        )
        yield head.encode() + body


class Line(asyncio.Protocol):
    """One connection that is kept: a request, its answer, and the next request."""

    def __init__(self, told: Callable[[int, float], None]) -> None:
        self._told = told
        self._heard = b""
        self._begun = 0.0
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def ask(self, request: bytes, begun: float) -> None:
        """Send a request and wait for its answer; raise OSError where none comes."""
        self._begun, self._done = begun, asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await self._done

    def data_received(self, data: bytes) -> None:
        """Read an answer, with a length or in chunks."""
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found or not self._done or self._done.done():
            return
        _, _, rest = head.lower().partition(b"content-length:")
        complete = len(body) >= int(rest.partition(b"\r\n")[0]) if rest else body.endswith(b"0\r\n\r\n")
        if complete:
            self._told(int(head[9:12]), time.perf_counter() - self._begun)
            self._heard = b""
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._done and not self._done.done():
            self._done.set_exception(exc or ConnectionResetError("closed without an answer"))


async def send(address: str, secret: str, count: int, connections: int, rate: float) -> dict[str, object]:
    """Send all of them, and return the answers by status, and the seconds that they took."""
    left = iter(list(requests(address, secret, count)))
    statuses: Counter[str] = Counter()
    seconds: list[float] = []
    loop, parts = asyncio.get_running_loop(), urlsplit(address)

    def told(status: int, took: float) -> None:
        statuses[str(status)] += 1
        seconds.append(took)

    begun = time.perf_counter()
    moments = (begun + number / rate for number in range(count)) if rate else None

    async def work() -> None:
        line = None
        for request in left:
            moment = next(moments) if moments else time.perf_counter()
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            try:
                if line is None:
                    _, line = await loop.create_connection(lambda: Line(told), parts.hostname, parts.port)
                await asyncio.wait_for(line.ask(request, moment), 10)
            except OSError as error:
                statuses[type(error).__name__] += 1
                if line is not None:
                    line.transport.abort()
                line = None

    await asyncio.gather(*(work() for _ in range(connections)))
    return {"statuses": statuses, "seconds": sorted(seconds), "wall": time.perf_counter() - begun}


if __name__ == "__main__":
    where, signing, *given = sys.argv[1:]
    outcome = asyncio.run(send(where, signing, int(given[0]), int(given[1]), float(given[2])))
    sys.stdout.write(json.dumps(outcome))
