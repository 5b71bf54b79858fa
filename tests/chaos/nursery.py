"""Starts the house's processes within a moment: everything is loaded once, and each is a fork of that.

A line of JSON on standard input asks for one, and its process id is the answer. All that is left of them ends
with whoever asks.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from typing import Any

from app.cli import main

LOADED = (
    "app.main",
    "app.serving",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.beat",
    "celery.concurrency.thread",
    "celery.worker",
    "kombu.transport.redis",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn",
    "workers.ledger",
    "workers.logs",
    "workers.tasks",
)
"""What the commands load. `workers.queue` reads the environment meanwhile, so it is left to each of them."""


def serve() -> None:
    """Answer until nobody asks any more."""
    for name in LOADED:
        importlib.import_module(name)
    importlib.import_module("codemods.registry").catalogue()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children = []
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        if (child := os.fork()) == 0:
            _live(asked)
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


def _live(asked: dict[str, Any]) -> None:
    """Become the process that was asked for; return never."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for number, opened in enumerate((os.open(os.devnull, os.O_RDONLY), log, log)):
            os.dup2(opened, number)
        os.environ.clear()
        os.environ.update(asked["environment"])
        _set(asked)
        main([asked["command"]])
    except SystemExit as end:
        code = int(end.code or 0) if not isinstance(end.code, str) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _set(asked: dict[str, Any]) -> None:
    """Let a worker do only so much at a time, and in a hurry everybody wait seconds instead of minutes."""
    from workers import queue, reconcile, tasks  # noqa: PLC0415 -- see `LOADED`

    queue.app.conf.worker_concurrency = asked["together"]
    if asked["hurried"]:
        tasks.LEASE, tasks._RENEWED, tasks._BACKOFF = timedelta(seconds=8), 2.0, (1, 2, 4, 8)
        reconcile.EVERY = timedelta(seconds=8)
        queue._PAUSE = 1.0
        sweep = queue.app.conf.beat_schedule["sweep"]
        sweep |= {"schedule": 2.0, "options": {"expires": 2.0}}


if __name__ == "__main__":
    serve()
