"""The fleet as processes around a database and a broker: each can be killed, paused and begun again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from demo import run
from demo.github import LocalGitHub
from tests.fleet import Broker, Postgres, eventually

NOWHERE = "http://127.0.0.1:9/simple"
ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0


@dataclass
class Nursery:
    """Whoever starts processes quickly."""

    process: subprocess.Popen[str]

    def ask(self, **asked: object) -> int:
        """Start a process and return its id."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Load everything once; what is left of what was started ends with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


@dataclass
class Fleet:
    """The processes by name: ``web``, ``beat`` and ``worker-1``, ``worker-2`` and so on.

    ``killed`` are the ids of those that did not end by themselves; a worker does so many jobs ``together``.
    """

    hub: LocalGitHub
    postgres: Postgres
    broker: Broker
    nursery: Nursery
    folder: Path
    hurried: bool = True
    together: int = 4
    database_url: str = ""
    port: int = field(default_factory=run._free_port)
    running: dict[str, int] = field(default_factory=dict)
    killed: list[int] = field(default_factory=list)
    _spent: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database_url = self.postgres.database()

    @property
    def log(self) -> Path:
        """What all of them write to."""
        return self.folder / "fleet.log"

    @property
    def _environment(self) -> Mapping[str, str]:
        known = run.environ(self.hub, NOWHERE, self.folder, self.port)
        return {**known, "KOTSU_DATABASE_URL": self.database_url, "KOTSU_BROKER_URL": self.broker.url}

    def begin(self, name: str) -> None:
        """Start a process."""
        self.running[name] = self.nursery.ask(
            command=name.partition("-")[0].replace("web", "serve"),
            environment=self._environment,
            log=str(self.log),
            hurried=self.hurried,
            together=self.together,
        )

    def kill(self, name: str) -> None:
        """End a process at once; what it runs itself is left to itself."""
        self.seconds()
        pid = self.running.pop(name)
        self.killed.append(pid)
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not _lives(pid))

    def kill_pid(self, pid: int) -> str:
        """End a process by its id; return its name."""
        name = next(name for name, known in list(self.running.items()) if known == pid)
        self.kill(name)
        return name

    def pause(self, name: str) -> int:
        """Let a process stand still, as on a machine that is moved; return its id."""
        os.kill(self.running[name], signal.SIGSTOP)
        return self.running[name]

    def resume(self, pid: int) -> None:
        """Let a process go on, if it has not been killed meanwhile."""
        if pid in self.running.values():
            os.kill(pid, signal.SIGCONT)

    def seconds(self) -> float:
        """Return the seconds of processor time of all that were ever begun, but for their last moments."""
        self._spent |= {pid: seconds for pid in list(self.running.values()) if (seconds := _spent(pid))}
        return sum(self._spent.values())

    def supervise(self) -> list[str]:
        """Start again what ended by itself, as whoever runs it would; return the names."""
        ended = [name for name, pid in self.running.items() if not _lives(pid)]
        for name in ended:
            self.begin(name)
        return ended

    def left_behind(self) -> list[str]:
        """Return the commands that processes which were killed have left behind."""
        return [command for session, command in _processes() if session in self.killed]

    def await_web(self) -> None:
        """Wait until deliveries can be recorded, and let them come."""
        url = f"http://127.0.0.1:{self.port}"
        run._until_ready(run.Server(url, self.database_url, self.log, _Living()))  # type: ignore[arg-type]  # alive
        self.hub.webhook_url = f"{url}/webhooks/github"

    def stop(self) -> None:
        """Ask all of them to end, and see to it."""
        for pid in self.running.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        eventually(lambda: not any(map(_lives, self.running.values())), 15)
        for pid in (*self.running.values(), *self.killed):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


class _Living:
    """What stands for a process that nobody waits for."""

    def poll(self) -> None:
        """Say that it runs."""


@contextmanager
def running(fleet: Fleet, workers: int = 2) -> Iterator[Fleet]:
    """Run a whole fleet until the context ends; GitHub tells it of everything."""
    try:
        for name in ("web", "beat", *(f"worker-{number + 1}" for number in range(workers))):
            fleet.begin(name)
        fleet.await_web()
        yield fleet
    finally:
        fleet.hub.webhook_url = None
        fleet.stop()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _spent(pid: int) -> float:
    """Return the processor's seconds of a process and of those it waited for; 0 when it is gone."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, str]]:
    """Yield the session and the command of every process."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                yield session, command.decode(errors="replace")
