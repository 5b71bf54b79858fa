"""Hints to the worker, given behind the answer: a broker that hangs must not make GitHub wait."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.metrics import Metrics

WAITING = 8
"""How many hints may wait for the broker.

Another job needs none: it is recorded already, and whoever serves one of these looks for what else is due.
"""
REST = 0.5
"""Seconds after hints without another one: to give one costs more than all else that a delivery needs."""


class Hints:
    """One thread that speaks to the broker: at once where it is quiet, else a few at a time."""

    def __init__(self, send: Callable[[int], bool], metrics: Metrics, rest: float = REST) -> None:
        self._send = send
        self._metrics = metrics
        self._rest = rest
        self._waiting: dict[int, None] = {}
        self._room = threading.Lock()
        self._given = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kotsu-hints", daemon=True)
        self._thread.start()

    def give(self, job_id: int) -> None:
        """Hint that a job waits; return at once."""
        with self._room:
            if job_id in self._waiting or len(self._waiting) >= WAITING:
                self._metrics.hint("dropped")
                return
            self._waiting[job_id] = None
        self._given.set()

    def close(self) -> None:
        """Give up what still waits."""
        self._ended.set()
        self._given.set()
        self._thread.join()

    def _work(self) -> None:
        while self._given.wait() and not self._ended.is_set():
            self._given.clear()
            with self._room:
                waiting, self._waiting = self._waiting, {}
            for job_id in waiting:
                if self._ended.is_set():
                    return
                self._metrics.hint("sent" if self._send(job_id) else "failed")
            self._ended.wait(self._rest)


def celery(broker_url: str) -> Callable[[int], bool]:
    """Return the ordinary way to send; Celery is loaded with the first hint, in the hints' own thread."""

    def send(job_id: int) -> bool:
        from workers import queue  # noqa: PLC0415 -- loads Celery, which a process that starts does not need

        queue.serve(broker_url)
        return queue.send(job_id)

    return send
