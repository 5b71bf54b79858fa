"""The queue: hints that never block, an embedded worker that stops, a fleet that survives its broker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from tests.fleet import NOW, Broker, eventually
from workers import ledger, queue
from workers.messages import Kind

LEASE = timedelta(minutes=5)


class Tasks(ModuleType):
    """Stands in for the hands: it writes down what it was asked."""

    def __init__(self) -> None:
        super().__init__("workers.tasks")
        self.ran: list[int] = []
        self.swept = 0

    def run(self, job_id: int, send: Callable[[int], bool]) -> None:  # noqa: ARG002 -- the hands' own
        self.ran.append(job_id)
        if job_id < 0:
            raise RuntimeError("this job breaks")

    def sweep(self, send: Callable[[int], bool]) -> None:  # noqa: ARG002 -- the same
        self.swept += 1


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Tasks:
    hands = Tasks()
    monkeypatch.setitem(sys.modules, "workers.tasks", hands)
    return hands


@pytest.fixture(autouse=True)
def _own_broker() -> Iterator[None]:
    # A receiver that was tested before may have left its broker to this process.
    queue.serve("")
    yield
    queue._hints.drop()
    queue._hints.silent_until = 0.0
    queue.serve("")


@contextmanager
def quickly(seconds: float = 1.2) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def after_the_pause() -> None:
    queue._hints.silent_until = 0.0


def test_the_embedded_worker_runs_what_is_hinted_and_sweeps_at_once(tasks: Tasks) -> None:
    with queue.embedded():
        assert queue.send(5)
        assert eventually(lambda: tasks.ran == [5] and tasks.swept >= 1, 3)


def test_a_job_that_breaks_does_not_stop_the_embedded_worker(tasks: Tasks) -> None:
    with queue.embedded():
        queue.send(-1)
        queue.send(2)
        assert eventually(lambda: tasks.ran == [-1, 2], 3)


def test_the_embedded_worker_can_be_started_again(tasks: Tasks) -> None:
    for number in (1, 2):
        with queue.embedded():
            queue.send(number)
            assert eventually(lambda number=number: tasks.ran[-1:] == [number], 3)


def test_the_embedded_worker_leaves_nothing_in_the_current_folder(
    tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with queue.embedded():
        assert eventually(lambda: tasks.swept >= 1, 3)
    assert list(tmp_path.iterdir()) == []


def test_a_broker_that_is_not_there_is_told_at_once() -> None:
    queue.serve("redis://127.0.0.1:9/0")
    with quickly():
        assert not queue.send(1)
        assert not queue.reachable("redis://127.0.0.1:9/0")


@pytest.mark.fleet
def test_a_frozen_broker_costs_a_second_once_and_then_nothing(broker: Broker) -> None:
    queue.serve(broker.url)
    assert queue.send(1)
    broker.freeze()
    with quickly():
        assert not queue.send(2)
    with quickly(0.05):
        assert not queue.send(3)
    after_the_pause()
    with quickly():
        assert not queue.send(4)
    broker.thaw()
    after_the_pause()
    assert queue.send(5)
    assert queue.reachable(broker.url)


@pytest.mark.fleet
def test_a_wrong_password_is_no_exception(broker: Broker) -> None:
    broker.client.config_set("requirepass", "other")
    queue.serve(broker.url)
    with quickly():
        assert not queue.send(1)
        assert not queue.reachable(broker.url)


@pytest.mark.fleet
def test_a_full_broker_is_no_exception(broker: Broker) -> None:
    client = broker.client
    client.config_set("maxmemory", "1mb")
    client.config_set("maxmemory-policy", "noeviction")
    queue.serve(broker.url)
    assert not queue.send(1)
    client.config_set("maxmemory", "0")
    after_the_pause()
    assert queue.send(1)


@pytest.mark.fleet
def test_a_read_only_broker_is_no_exception(broker: Broker) -> None:
    queue.serve(broker.url)
    broker.client.replicaof("127.0.0.1", "9")
    assert not queue.send(1)
    broker.client.replicaof("NO", "ONE")
    after_the_pause()
    assert queue.send(1)


@pytest.mark.fleet
def test_what_a_flushed_broker_lost_is_still_due(broker: Broker, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger.migrate(url)
    book = ledger.open(url)
    queue.serve(broker.url)
    jobs = [book.enqueue(Kind.SCAN, f"scan:{number}", NOW) for number in range(20)]
    assert all(queue.send(job) for job in jobs)
    broker.client.flushall()
    assert broker.client.llen("kotsu") == 0
    assert book.due(NOW) == jobs
    assert all(queue.send(job) for job in book.due(NOW))
    assert broker.client.llen("kotsu") == 20
    book.close()


@pytest.mark.fleet
def test_nothing_but_the_job_id_travels(broker: Broker) -> None:
    queue.serve(broker.url)
    queue.send(7)
    (message,) = broker.client.lrange("kotsu", 0, -1)
    assert b'"kotsu.run"' in message
    assert b"argsrepr" in message
    assert len(message) < 1500


@pytest.mark.fleet
def test_the_ordinary_celery_command_runs_jobs(broker: Broker, tmp_path: Path) -> None:
    package = tmp_path / "stand_in.py"
    package.write_text(
        "import pathlib, sys, types\n"
        "hands = types.ModuleType('workers.tasks')\n"
        f"hands.run = lambda job_id, send: pathlib.Path({str(tmp_path)!r}, f'ran-{{job_id}}').touch()\n"
        "hands.sweep = lambda send: None\n"
        "sys.modules['workers.tasks'] = hands\n",
        encoding="utf-8",
    )
    (tmp_path / "sitecustomize.py").write_text("import stand_in\n", encoding="utf-8")
    environment = os.environ | {
        "KOTSU_BROKER_URL": broker.url,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}",
    }
    command = [sys.executable, "-m", "celery", "-A", "workers.queue", "worker", "--concurrency", "1"]
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as worker:
        try:
            queue.serve(broker.url)
            assert queue.send(3)
            assert eventually((tmp_path / "ran-3").exists, 20)
            broker.freeze()
            time.sleep(0.5)
            broker.thaw()
            broker.client.flushall()
            after_the_pause()
            assert eventually(lambda: queue.send(4), 5)
            assert eventually((tmp_path / "ran-4").exists, 20)
        finally:
            worker.terminate()
            worker.wait(20)


def test_sending_needs_no_worker_and_no_improvements() -> None:
    probe = (
        "import sys; from workers import queue; queue.send(1);"
        "print([m for m in ('libcst', 'githubkit', 'workers.tasks', 'celery.beat') if m in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOTSU_")}
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"
