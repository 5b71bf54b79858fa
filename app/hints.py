"""Hints to the worker, given behind the answer: a broker that hangs must not make GitHub wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.metrics import Metrics

WAITING = 1000
"""How many hints may wait for the broker; the sweep finds the jobs of all others."""


class Hints:
    """One thread that speaks to the broker."""

    def __init__(self, send: Callable[[int], bool], metrics: Metrics) -> None:
        self._send = send
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kotsu-hints")
        self._room = threading.BoundedSemaphore(WAITING)

    def give(self, job_id: int) -> None:
        """Hint that a job waits; return at once."""
        if not self._room.acquire(blocking=False):
            self._metrics.hint("dropped")
            return
        self._thread.submit(self._give, job_id)

    def close(self) -> None:
        """Give up what still waits."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _give(self, job_id: int) -> None:
        try:
            self._metrics.hint("sent" if self._send(job_id) else "failed")
        finally:
            self._room.release()


def celery(broker_url: str) -> Callable[[int], bool]:
    """Return the ordinary way to send; Celery is loaded with the first hint, in the hints' own thread."""

    def send(job_id: int) -> bool:
        from workers import queue  # noqa: PLC0415 -- loads Celery, which a process that starts does not need

        queue.serve(broker_url)
        return queue.send(job_id)

    return send
