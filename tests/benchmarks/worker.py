"""Scans a repository again and again with the ledger's memory, as a worker does after a push.

Run it as ``python tests/benchmarks/worker.py STORE REPOSITORY DATABASE ROUNDS [PATH]``: it scans the mirror
in STORE once unmeasured and then ROUNDS times, and prints what each cost, from the fetch to the text of the
proposals. With PATH, that file has another commit each time.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from codemods import registry
from tests import archives
from workers import config, discover, facts, ledger, scan, snapshot, spread
from workers.world import Remembered


def again(store: Path, repository: Path, database: Path, rounds: int, edited: str) -> None:
    """Scan as `workers.tasks` does after a push, and print what each scan cost."""
    url = f"sqlite:///{database}"
    ledger.migrate(url)
    memory = Remembered(SimpleNamespace(book=ledger.open(url), clock=lambda: datetime.now(UTC)))
    read = config.read((repository / "kotsu.yml").read_bytes(), "kotsu.yml")
    assert isinstance(read, config.Config), read
    given = read.model_copy(update={"release_age": 0})
    catalogue = discover.select(registry.catalogue(), given)
    snapshot._fetch = partial(_fetch, repository)  # the real one speaks to a server
    costs = []
    for turn in range(rounds + 1):
        if edited and turn:
            _edit(repository / edited, turn)
        with _measured(costs), snapshot.take(store, "", "HEAD", "") as tree:
            scan.run(
                scan.Request(
                    tree=tree,
                    catalogue=catalogue,
                    config=given,
                    now=datetime.now(UTC),
                    lookup=facts.nothing,
                    everything=True,
                    memory=memory,
                    spread=spread.Processes(1),
                )
            )
    sys.stdout.write(json.dumps(costs[1:]))


def _fetch(repository: Path, store: Path, _url: str, revision: str, _token: str) -> None:
    if not store.exists():
        subprocess.run(("git", "init", "-q", "--bare", store), check=True)
    reference = f"+{revision}:refs/kotsu/head"
    subprocess.run(
        ("git", "-C", store, "fetch", "-q", "--depth=1", f"file://{repository}", reference), check=True
    )


def _edit(file: Path, turn: int) -> None:
    """Commit one more line at the end of a file."""
    with file.open("a") as opened:
        opened.write(f"\n# {turn}, {time.time()}\n")
    archives.git(file.parent, "commit", "-q", "-a", "-m", "Edit")


@contextmanager
def _measured(costs: list[tuple[float, float, int]]) -> Iterator[None]:
    """Note seconds on the wall, of CPU with that of git, and the peak of this process so far."""
    start, busy = time.perf_counter(), _busy()
    yield
    wall, busy = time.perf_counter() - start, _busy() - busy
    costs.append((wall, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def _busy() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages)


if __name__ == "__main__":
    again(*map(Path, sys.argv[1:4]), int(sys.argv[4]), sys.argv[5] if len(sys.argv) > 5 else "")
