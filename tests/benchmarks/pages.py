"""Prints what each page costs the server, in milliseconds and kilobytes, for many repositories.

Run it as ``make bench-pages``. The pages are asked for in this process, which is tuned as that of `kotsu
serve`, without a network and by turns, after a first time that does not count; what is shown is the median
and the slowest on the wall, and the median of the processor's time, which tells the same on a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import httpx

from app import main as web
from app import serving
from app.pages import PAGES
from demo.seeded import filling
from demo.seeded.town import NOW, STOPPED, Town
from workers import ledger
from workers.settings import Settings

_PATIENT = 60.0


def paths() -> Sequence[str]:
    """Return an address of each page; those of one thing are of one that has a lot to show."""
    owner, name = STOPPED.split("/")
    known = {page.path: {"owner": owner, "name": name, "id": "upgrade-dependency"} for page in PAGES}
    known["/activity/runs/{id}"]["id"] = "1"
    return [path.format(**parts) for path, parts in known.items()]


async def asked(settings: Settings, rounds: int) -> None:
    """Ask for all pages by turns, and print a row for each."""
    app = web.create(settings, send=lambda _: True, clock=lambda: NOW)
    spent: dict[str, list[tuple[float, float]]] = {path: [] for path in paths()}
    sizes = dict.fromkeys(spent, 0)
    serving.tune()
    door = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=door, base_url="http://127.0.0.1", timeout=_PATIENT) as client:
        for number in range(rounds + 1):
            for path, times in spent.items():
                wall, cpu = time.perf_counter(), time.process_time()
                answer = await client.get(path)
                if answer.status_code != httpx.codes.OK:
                    sys.exit(f"{path}: {answer.status_code} {answer.text[:200]}")
                sizes[path] = len(answer.content)
                if number:
                    times.append((time.perf_counter() - wall, time.process_time() - cpu))
    _say(f"{'':40}{'median':>9}{'slowest':>9}{'CPU':>9}{'KB':>6}\n")
    for path, times in spent.items():
        walls, cpus = zip(*times, strict=True)
        shown = (1000 * median(walls), 1000 * max(walls), 1000 * median(cpus))
        _say(f"{path:40}" + "".join(f"{ms:6.0f} ms" for ms in shown) + f"{sizes[path] / 1024:6.0f}\n")


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def main() -> None:
    """Fill a ledger, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repositories", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kotsu-pages-") as folder:
        url = f"sqlite:///{folder}/kotsu.db"
        ledger.migrate(url)
        book = ledger.open(url)
        began = time.perf_counter()
        filling.fill(book, Town(given.repositories, given.weeks, 1))
        _say(f"{given.repositories} repositories, {given.weeks} weeks, ")
        _say(f"{len(book.proposals())} pull requests, filled in {time.perf_counter() - began:.0f} s\n\n")
        book.close()
        asyncio.run(asked(Settings(Path(folder), url), given.rounds))


if __name__ == "__main__":
    main()
