"""The API for scripts: made at its first request, since most of what waits for webhooks never gets one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import Access
from workers.ledger import Ledger

PATH = "/api/v1"


@dataclass(slots=True)
class Api:
    """Answers all that begins with `PATH`."""

    book: Ledger
    access: Access
    clock: Callable[[], datetime]
    _made: ASGIApp | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; no cache keeps an answer, and no browser takes it for anything else."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        made = self._made
        if made is None:
            made = await run_in_threadpool(self._make)
        await made(scope, receive, dressed)

    def _make(self) -> ASGIApp:
        from app.api import making  # noqa: PLC0415 -- its models cost memory that the receiver does not need

        with self._lock:
            made = self._made or making.make(self.book, self.access, self.clock)
            self._made = made
        return made
