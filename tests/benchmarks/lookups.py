"""Prints the requests and seconds that the releases of 50 and of 500 dependencies cost, beside Renovate's.

Run it as ``python tests/benchmarks/lookups.py FOLDER``; the folder keeps Renovate. Both ask the index of
``index.py`` for what one requirements file pins, with empty caches (cold) and once more (warm).
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import index
import theirs

from tests import archives
from workers import indexes

SIZES = (50, 500)


def ours(address: str, count: int, store: Path) -> tuple[float, int]:
    """Ask as a scan does; returns seconds and requests."""
    before, start = index.asked(address), time.perf_counter()
    indexes.answer(index.names(count), address, store=store)
    return time.perf_counter() - start, index.asked(address) - before


def renovate(address: str, root: Path, folder: Path, cache: Path) -> tuple[float, float, int]:
    """Let Renovate look up; returns the seconds of its lookups and of all, and the requests."""
    before = index.asked(address)
    told = theirs.run(root, folder, configured=False, cache=cache)
    return told.lookup, told.seconds, index.asked(address) - before


def repository(address: str, count: int, folder: Path) -> Path:
    """Make a repository that pins so many distributions."""
    root = folder / f"pins-{count}"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    pins = "".join(f"{name}==0.0.1\n" for name in index.names(count))
    (root / "requirements.txt").write_text(f"--index-url {address}\n{pins}")
    archives.committed(root)
    return root


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]).resolve()
    theirs.installed(folder)
    place = folder / "lookups"
    for count in SIZES:
        shutil.rmtree(place, ignore_errors=True)
        with index.served() as address:
            root = repository(address, count, place)
            for state in ("cold", "warm"):
                seconds, requests = ours(address, count, place / "store")
                lookups, whole, their_requests = renovate(address, root, folder, place / "cache")
                sys.stdout.write(
                    f"{count:4} {state}: Kotsu {seconds:6.2f} s, {requests:4} requests;"
                    f" Renovate {lookups:6.2f} s ({whole:.1f} s in all), {their_requests:4} requests;"
                    f" ratio {lookups / seconds:.1f}\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
