"""The queue: the only door to Celery, which carries hints about jobs and nothing else."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from celery import Celery  # type: ignore[import-untyped]  # Celery ships no types
from celery.signals import setup_logging  # type: ignore[import-untyped]  # the same

from workers import settings

EMBEDDED = "memory://localhost/"
HARD_LIMIT = 3600
"""The seconds no job may take; a message that stays unacknowledged much longer is delivered again."""
SWEEP = 15.0
"""The seconds between two looks at the ledger for what the broker lost."""
_SOCKET = 0.4
"""The seconds a broker may take to answer a hint; connecting and sending both fit into one second."""
_PAUSE = 5.0
"""The seconds without hints after one failed: the sweep finds those jobs, and nobody waits for the broker."""

app = Celery("kotsu", broker=settings.read().broker_url or EMBEDDED, set_as_current=False)
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_default_queue="kotsu",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_pool="threads",
    worker_concurrency=4,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    broker_transport_options={"visibility_timeout": 2 * HARD_LIMIT, "polling_interval": 0.05},
    beat_scheduler="celery.beat:Scheduler",
    beat_max_loop_interval=1,
    beat_schedule={"sweep": {"task": "kotsu.sweep", "schedule": SWEEP, "options": {"expires": SWEEP}}},
)


def _run(job_id: int) -> None:
    _tasks().run(job_id, send)


def _sweep() -> None:
    _tasks().sweep(send)


def _wake() -> None:
    """Do nothing, so that a worker that waits for a message looks up."""


def _tasks() -> Any:  # noqa: ANN401 -- a module known by its name only
    """Load the hands by name and late: the web process sends hints and must stay small."""
    return importlib.import_module("workers.tasks")


run = app.task(_run, name="kotsu.run")
sweep = app.task(_sweep, name="kotsu.sweep")
wake = app.task(_wake, name="kotsu.wake")


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def _leave_logging_alone(**_: object) -> None:
    """Keep Celery from setting up logging: `workers.logs` has done it."""


def serve(broker_url: str) -> None:
    """Use this broker (``""``: the embedded one) instead of the environment's."""
    if app.conf.broker_url != (broker_url or EMBEDDED):
        app.conf.broker_url = broker_url or EMBEDDED
        _hints.drop()


def reachable(broker_url: str) -> bool:
    """Tell within a second whether the broker answers."""
    serve(broker_url)
    try:
        with _short_tempered() as connection:
            connection.default_channel.client.ping()
    except Exception:  # noqa: BLE001 -- every way of not answering is the same answer
        return False
    return True


class BrokerError(Exception):
    """The broker did not answer; the text says why, in one line."""


def told(broker_url: str) -> Mapping[str, object]:
    """Return within a second what the broker says of itself, the fields of Redis' INFO; else BrokerError."""
    serve(broker_url)
    try:
        with _short_tempered() as connection:
            found: Mapping[str, object] = connection.default_channel.client.info()
            return found
    except Exception as error:  # noqa: BLE001 -- as above
        raise BrokerError(f"{type(error).__name__}: {error}".splitlines()[0][:300]) from None


def send(job_id: int) -> bool:
    """Hint that a job waits. It never raises and takes a second at most; false: the sweep will find it."""
    return _hints.send(job_id)


@dataclass(slots=True)
class _Hints:
    """One connection of this process to the broker, given up for a while when it fails."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None
    silent_until: float = 0.0

    def send(self, job_id: int) -> bool:
        if time.monotonic() < self.silent_until or not self.lock.acquire(timeout=_SOCKET):
            return False
        try:
            self.connection = self.connection or _short_tempered()
            run.apply_async((job_id,), connection=self.connection, retry=False)
        except Exception:  # noqa: BLE001 -- whatever it is: the ledger has the job, and the sweep will find it
            self.silent_until = time.monotonic() + _PAUSE
            self.drop()
            return False
        else:
            return True
        finally:
            self.lock.release()

    def drop(self) -> None:
        """Forget the connection without saying goodbye: the other side may not answer."""
        broken, self.connection = self.connection, None
        if broken is not None:
            with suppress(Exception):
                broken.collect(socket_timeout=_SOCKET)


def _short_tempered() -> Any:  # noqa: ANN401 -- Celery ships no types
    """Make a connection that gives up at once, unlike those of Celery, which wait for ever."""
    patience = {"socket_timeout": _SOCKET, "socket_connect_timeout": _SOCKET, "max_retries": 0}
    return app.connection_for_write(
        connect_timeout=_SOCKET, transport_options={**app.conf.broker_transport_options, **patience}
    )


_hints = _Hints()


@contextmanager
def embedded(*, stop_within: float = 30.0) -> Iterator[None]:
    """Run one worker thread and a beat inside of this process, for as long as the context lasts.

    A job that still runs after ``stop_within`` seconds is left to its lease.
    """
    from celery.beat import EmbeddedService  # type: ignore[import-untyped]  # noqa: PLC0415 -- not for the web process
    from celery.worker import WorkController, state  # type: ignore[import-untyped]  # noqa: PLC0415 -- the same

    ready = threading.Event()
    worker = WorkController(
        app=app,
        hostname="embedded",
        pool_cls="solo",
        concurrency=1,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        ready_callback=lambda _: ready.set(),
    )
    thread = threading.Thread(target=worker.start, name="kotsu-worker", daemon=True)
    # Without its name it would be the scheduler that keeps a file in the current folder.
    beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
    thread.start()
    ready.wait(10)
    beat.start()
    sweep.apply_async()
    try:
        yield
    finally:
        state.should_stop = 0
        beat.service.stop(wait=False)
        # The worker looks at the flag after a message or two seconds, and once more on its way out.
        wake.apply_async()
        wake.apply_async()
        thread.join(stop_within)
        state.should_stop = None
