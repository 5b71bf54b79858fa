"""The recorder: deliveries that wait are recorded together, and nobody waits for what stands still."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from app import events, payload
from workers.ledger import Ledger, Recorded
from workers.messages import Event

PATIENCE = 1.5
"""The seconds that the ledger may wait for a lock, so that 503 is answered within two."""
_STANDSTILL = 1.8
"""The seconds without any delivery recorded after which waiting is in vain."""
_LONGEST = 8.0
"""The seconds that a delivery waits behind others; GitHub hangs up after ten."""
_TOGETHER = 200
"""Deliveries that one transaction takes: the disk's time is shared, and what moves is seen to move."""
_GATHERING = 0.01
"""The seconds after a transaction in which others gather for the next: each has its price."""
_LOOK = 0.05
"""The seconds between two looks at who waits in vain."""
_QUICK = 64 * 1024
"""Bytes that are read sooner than handed to a thread."""

Found = TypeVar("Found")
_Waiting = tuple[Event, "asyncio.Future[Recorded]"]


class Recorder:
    """Reads deliveries, and records all that wait in one transaction after the other."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="kotsu-read")
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="kotsu-record")
        self._waiting: deque[_Waiting] = deque()
        self._writing = False
        self._progress = float("-inf")
        self._patience: dict[asyncio.Future[Any], float] = {}
        self._looked = 0.0
        self._looking: asyncio.TimerHandle | None = None

    async def record(self, name: str, guid: str, body: bytearray) -> tuple[Event, Recorded]:
        """Record a delivery; raise `Malformed`, `Unavailable`, or `TimeoutError` when nothing moves.

        A burst may queue for some seconds as long as it moves.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        if len(body) <= _QUICK:
            event = _read(name, guid, body)
        else:
            event = await self._within(begun, loop.run_in_executor(self._readers, _read, name, guid, body))
        done: asyncio.Future[Recorded] = loop.create_future()
        self._waiting.append((event, done))
        self._go_on(loop)
        return event, await self._within(begun, done)

    def close(self) -> None:
        """Give up what still waits."""
        self._waiting.clear()
        self._readers.shutdown(cancel_futures=True)
        self._pen.shutdown(cancel_futures=True)

    async def _within(self, begun: float, work: asyncio.Future[Found]) -> Found:
        loop = asyncio.get_running_loop()
        self._patience[work] = begun
        if self._looking is None:
            self._looked = loop.time()
            self._looking = loop.call_later(_LOOK, self._look, loop)
        try:
            return await work
        except asyncio.CancelledError:
            if work in self._patience:
                raise
            raise TimeoutError("no answer in time") from None
        finally:
            self._patience.pop(work, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up on what waits in vain, as long as anything waits: one timer for all costs least."""
        now = loop.time()
        # Where this comes late, the burst itself had all the time: that moves, and nobody waits in vain.
        if now - self._looked > 2 * _LOOK:
            self._progress = now
        self._looked = now
        for work, begun in list(self._patience.items()):
            if now >= min(max(begun, self._progress) + _STANDSTILL, begun + _LONGEST):
                del self._patience[work]
                work.cancel()
        self._looking = loop.call_later(_LOOK, self._look, loop) if self._patience else None

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin the next transaction, unless one is under way: whoever comes meanwhile shares the next."""
        if self._writing:
            return
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < _TOGETHER:
            event, done = self._waiting.popleft()
            # Whoever has given up is answered already.
            if not done.done():
                batch.append((event, done))
        if batch:
            self._writing = True
            work = loop.run_in_executor(self._pen, self._written, [event for event, _ in batch])
            work.add_done_callback(partial(self._tell, loop, batch))

    def _written(self, batch: Sequence[Event]) -> list[Recorded | Exception]:
        return self._ledger.record_all(batch, self._clock())

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: Sequence[_Waiting],
        work: asyncio.Future[list[Recorded | Exception]],
    ) -> None:
        """Tell everybody what came of theirs, and go on."""
        if work.cancelled():
            return
        error = work.exception()
        if error is None:
            self._progress = loop.time()
        found: Sequence[Recorded | BaseException] = [error] * len(batch) if error else work.result()
        for (_, done), one in zip(batch, found, strict=True):
            if done.done():
                continue
            if isinstance(one, BaseException):
                done.set_exception(one)
            else:
                done.set_result(one)
        loop.call_later(0.0 if len(self._waiting) >= _TOGETHER else _GATHERING, self._rested, loop)

    def _rested(self, loop: asyncio.AbstractEventLoop) -> None:
        self._writing = False
        self._go_on(loop)


def _read(name: str, guid: str, body: bytearray) -> Event:
    return events.read(name, guid, payload.parse(body))
