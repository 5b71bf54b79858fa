"""The demo: `kotsu serve` as it is, between a local GitHub and a local package index."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
from rich.console import Console
from rich.table import Table

from demo import examples
from demo.github import LocalGitHub, git
from demo.github.state import Issue
from demo.index import LocalIndex
from workers import ledger, marker, onboarding

SECRET = "a webhook secret for the demo"  # noqa: S105 -- of a stand-in, on loopback
_PATIENCE = 120.0
_WIDE = 140
_SERVE = "from app.cli import main; main(['serve'])"


class DemoError(click.ClickException):
    """The demo could not run to its end; the message says what to look at."""


@dataclass(frozen=True)
class Server:
    """A running `kotsu serve`: its address, its ledger, and where its log is."""

    url: str
    database_url: str
    log: Path
    process: subprocess.Popen[bytes]


@click.command()
@click.option(
    "--once", is_flag=True, help="Stop when the table is printed (so it is too without a terminal)."
)
def demo(*, once: bool) -> None:
    """Run the whole loop on loopback: signed webhooks in, pull requests out, and a table of them."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kotsu-demo-") as folder, LocalIndex() as index:
        data_dir = Path(folder)
        with LocalGitHub(data_dir / "github", webhook_secret=SECRET, checks=True) as hub:
            examples.fill(hub)
            with running(hub, index.url, data_dir) as server:
                console.print(f"kotsu serve {server.url}\nits GitHub  {hub.url}\nits index   {index.url}")
                _tell(hub, server)
                wait(server, hub)
                hub.settle()
                console.print(_table(hub))
                _addresses(console, hub, server, time.monotonic() - started)
                if not once and sys.stdout.isatty():
                    _stay(console)


@contextmanager
def running(hub: LocalGitHub, index_url: str, data_dir: Path) -> Iterator[Server]:
    """Run `kotsu serve` as a process of its own until the context ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    environment = environ(hub, index_url, data_dir, port)
    log = data_dir / "serve.log"
    with log.open("ab") as out:
        command = [sys.executable, "-c", _SERVE]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)  # noqa: S603 -- ourselves
    server = Server(f"http://127.0.0.1:{port}", _database(data_dir), log, process)
    try:
        _until_ready(server)
        hub.webhook_url = f"{server.url}/webhooks/github"
        yield server
    finally:
        hub.webhook_url = None
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environ(hub: LocalGitHub, index_url: str, data_dir: Path, port: int) -> Mapping[str, str]:
    """Return the environment of a server that knows only what stands on loopback."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KOTSU_")}
    return {
        **inherited,
        "KOTSU_GITHUB_APP_ID": str(hub.world.app.id),
        "KOTSU_GITHUB_PRIVATE_KEY": hub.private_key,
        "KOTSU_WEBHOOK_SECRET": SECRET,
        "KOTSU_GITHUB_API_URL": hub.api_url,
        "KOTSU_INDEX_URL": index_url,
        "KOTSU_HOSTS": "none",
        "KOTSU_ADVISORIES_URL": "off",
        "KOTSU_DATA_DIR": str(data_dir),
        "KOTSU_HOST": "127.0.0.1",
        "KOTSU_PORT": str(port),
        "KOTSU_PACE": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def _database(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'kotsu.db'}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _until_ready(server: Server) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urlopen(f"{server.url}/readyz", timeout=5):  # noqa: S310 -- our own server
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise DemoError(f"kotsu serve did not start:\n{server.log.read_text('utf-8')[-2000:]}")


def _tell(hub: LocalGitHub, server: Server) -> None:
    """Install the App, say yes to its first question, and push to each of the repositories."""
    hub.install(examples.OWNER)
    wait(server, hub)
    agree(hub)
    wait(server, hub)
    for name in examples.NAMES:
        hub.push(f"{examples.OWNER}/{name}", {"NOTES.md": b"Seen by Kotsu.\n"}, "docs: take a note")
    hub.settle()


def agree(hub: LocalGitHub) -> None:
    """Merge the question that a repository without kotsu.yml is asked first, as somebody there would."""
    for name in examples.NAMES:
        full_name = f"{examples.OWNER}/{name}"
        for pull in hub.pulls(full_name, "open"):
            if pull.pull and pull.pull.head == f"kotsu/{onboarding.KEY}":
                hub.merge(full_name, pull.number)
    hub.settle()


def wait(server: Server, hub: LocalGitHub) -> None:
    """Wait until no job is open and nothing is left to be delivered."""
    deadline = time.monotonic() + _PATIENCE
    book = ledger.open(server.database_url)
    try:
        while time.monotonic() < deadline:
            jobs = book.tally(hub.world.now()).jobs
            # What the last job caused may still be on its way, and begin another one.
            hub.settle()
            idle = jobs.get("done") and not jobs.get("queued") and not jobs.get("running")
            if idle and book.tally(hub.world.now()).jobs == jobs:
                return
            if server.process.poll() is not None:
                break
            time.sleep(0.05)
    finally:
        book.close()
    raise DemoError(f"the jobs did not end:\n{server.log.read_text('utf-8')[-4000:]}")


def _table(hub: LocalGitHub) -> Table:
    table = Table(title="Pull requests", title_justify="left")
    for name in ("repository", "improvement", "+/-", "pull request", "checks", "stage"):
        table.add_column(name, no_wrap=name == "+/-")
    for name in examples.NAMES:
        full_name = f"{examples.OWNER}/{name}"
        for pull in hub.pulls(full_name, "open"):
            table.add_row(full_name, *_row(hub, full_name, pull))
    return table


def _row(hub: LocalGitHub, full_name: str, issue: Issue) -> tuple[str, ...]:
    """Return improvement, lines, address, checks and stage of a pull request."""
    found, pull = hub.find(full_name), issue.pull
    assert pull is not None  # noqa: S101 -- it is listed as a pull request
    told = git.run(found.folder, "diff", "--numstat", pull.base_sha, pull.head_sha).decode().splitlines()
    added, removed = (sum(int(line.split()[column]) for line in told) for column in (0, 1))
    ends = [c.conclusion or c.status for c in found.checks if c.head_sha == pull.head_sha]
    key = str(marker.metadata(issue.body or "").get("key", ""))
    address = f"{hub.url}/{full_name}/pull/{issue.number}"
    stage = "draft" if pull.draft else "ready"
    return key, f"+{added} -{removed}", address, ", ".join(ends) or "none", stage


def _addresses(console: Console, hub: LocalGitHub, server: Server, seconds: float) -> None:
    console.print(f"\nDone in {seconds:.1f} s. While this runs, look at:")
    console.print(f"  {hub.url}/")
    for name in examples.NAMES:
        console.print(f"  {hub.url}/{examples.OWNER}/{name}/pulls")
    for path in ("/", "/readyz", "/metrics"):
        console.print(f"  {server.url}{path}")
    console.print("Next to it: `kotsu plan PATH` on a checkout of your own (no account, no server).")


def _stay(console: Console) -> None:
    console.print("Ctrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
