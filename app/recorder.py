"""The recorder: deliveries go to the ledger in threads, and nobody waits for one that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from app import events, payload
from workers.ledger import Ledger, Recorded
from workers.messages import Event

PATIENCE = 1.5
"""The seconds that the ledger may wait for a lock, so that 503 is answered within two."""
_STANDSTILL = 1.8
"""The seconds without any delivery recorded after which waiting is in vain."""
_LONGEST = 8.0
"""The seconds that a delivery waits behind others; GitHub hangs up after ten."""


class Recorder:
    """Reads and records deliveries, as many at once as the ledger can write."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._threads = ThreadPoolExecutor(ledger.writers, thread_name_prefix="kotsu-record")
        self._progress = float("-inf")

    async def record(self, name: str, guid: str, body: bytearray) -> tuple[Event, Recorded]:
        """Record a delivery; raise `Malformed`, `Unavailable`, or `TimeoutError` when nothing moves.

        A burst may queue for some seconds as long as it moves.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        work = loop.run_in_executor(self._threads, self._record, name, guid, body)
        while not work.done():
            left = min(max(begun, self._progress) + _STANDSTILL, begun + _LONGEST) - loop.time()
            if left <= 0:
                work.cancel()
                raise TimeoutError("no answer in time")
            await asyncio.wait({work}, timeout=left)
        found = work.result()
        self._progress = loop.time()
        return found

    def close(self) -> None:
        """Give up what still waits."""
        self._threads.shutdown(cancel_futures=True)

    def _record(self, name: str, guid: str, body: bytearray) -> tuple[Event, Recorded]:
        event = events.read(name, guid, payload.parse(body))
        return event, self._ledger.record(event, self._clock())
