"""Prints what it costs to ask a package index about many distributions: cold, confirmed and warm.

Run it as ``python tests/benchmarks/index.py``: the index is a process of its own on loopback, with pages as
large as real ones and an answer that takes a while, as over a network. ``ADDRESS FILE`` asks another index
for the names of a file, one a line.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from codemods.model import Releases
from demo.loopback import Answer, Loopback, Request
from workers import indexes

NAMES = 500
LATENCY = 0.05
"""Seconds until an answer begins."""
FILES = (6, 12, 20, 30, 45, 60, 90, 120, 180, 260, 400, 700, 1400, 3300)
"""Files of a distribution, by turns; in the mean 470, which are 190 kB of JSON."""
TOGETHER = (2, 2, 3, 10, 30)
"""Files of a release, by turns: from a wheel and a source to the wheels of all platforms."""
ROOMS = Path(__file__).parents[2]


def page(turn: int) -> bytes:
    """Return a listing as the index of everybody writes them."""
    name, together, listed = f"name-{turn}", TOGETHER[turn % len(TOGETHER)], []
    for number in range(FILES[turn % len(FILES)]):
        release = number // together
        version = f"{turn % 7 + release // 40}.{release % 40 // 4}.{release % 4}"
        tail = f"-cp3{number % together}-cp3-manylinux_2_17_x86_64.whl" if number % together else ".tar.gz"
        digest = hashlib.sha256(f"{name}{number}".encode()).hexdigest()
        filename = f"{name.replace('-', '_')}-{version}{tail}"
        listed.append(
            {
                "filename": filename,
                "hashes": {"sha256": digest},
                "requires-python": ">=3.9",
                "size": 100_000,
                "upload-time": f"20{10 + number // 300:02}-01-01T00:00:00.000000Z",
                "url": f"https://files.example/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{filename}",
                "yanked": False,
                "core-metadata": {"sha256": digest},
            }
        )
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": listed}).encode()


def html(listing: bytes) -> bytes:
    """Return the same listing for those who ask for a page."""
    links = (
        f'<a href="{f["url"]}#sha256={f["hashes"]["sha256"]}" data-requires-python="&gt;=3.9">'
        f"{f['filename']}</a>"
        for f in json.loads(listing)["files"]
    )
    return "\n".join(["<!DOCTYPE html>", "<html><body>", *links, "</body></html>"]).encode()


def serve() -> None:
    """Answer until standard input ends; the address is the first line that is said."""
    pages = {f"/simple/name-{n}/": page(n) for n in range(NAMES)}
    others = {path: html(body) for path, body in pages.items()}
    tags = {path: f'"{hashlib.sha256(body).hexdigest()[:32]}"' for path, body in pages.items()}
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        if request.path == "/asked":
            return Answer(200, str(len(asked)).encode())
        asked.append(request.path)
        time.sleep(LATENCY)
        if "json" not in request.headers.get("accept", ""):
            return Answer(200, others[request.path], {"Content-Type": "text/html"})
        headers = {"Content-Type": indexes.MEDIA_TYPE, "ETag": tags[request.path]}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Answer(304, headers=headers)
        return Answer(200, pages[request.path], headers)

    with Loopback(answer) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


def asked(address: str) -> int:
    """Return how many requests the index on loopback has had."""
    with urlopen(address.replace("/simple/", "/asked"), timeout=5) as answer:
        return int(answer.read())


def timed(what: str, address: str, wanted: Sequence[str], store: Path, *, counted: bool) -> None:
    """Ask once, and print what that cost."""
    before = asked(address) if counted else 0
    started, busy = time.perf_counter(), time.process_time()
    found = indexes.answer(wanted, address, store=store)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    requests = f"{asked(address) - before:5} requests" if counted else ""
    sys.stdout.write(f"{what:10}{seconds:7.2f} s  {busy:5.2f} s of a core  {_about(found)} {requests}\n")


def _about(found: Mapping[str, Releases]) -> str:
    errors = sum(bool(answer.error) for answer in found.values())
    releases = sum(len(answer.releases) for answer in found.values())
    return f"{len(found)} names, {releases} releases, {errors} errors"


def measure(address: str, wanted: Sequence[str], *, counted: bool) -> None:
    """Ask with an empty store, again, and again while what is kept holds."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        timed("cold", address, wanted, store, counted=counted)
        timed("again", address, wanted, store, counted=counted)
        for path in store.rglob("*.json"):
            path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 600}))
        timed("warm", address, wanted, store, counted=counted)
        size = sum(path.stat().st_size for path in store.rglob("*.json"))
        sys.stdout.write(f"kept: {size / 1e6:.1f} MB\n")


def main() -> None:
    """Measure an index of our own, or the one that is named."""
    sys.stdout.write(f"{os.cpu_count()} cores, {indexes.Limits().connections} connections\n")
    if len(sys.argv) > 2:
        measure(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").split(), counted=False)
        return
    with served() as address:
        measure(address, names(NAMES), counted=True)


def names(count: int) -> list[str]:
    """Return so many of the names that our index knows."""
    return [f"name-{number}" for number in range(count)]


@contextmanager
def served() -> Iterator[str]:
    """Run the index as a process of its own, and give its address."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, cwd=ROOMS, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as index:
        assert index.stdout
        yield f"{index.stdout.readline().decode().strip()}/simple/"
        index.terminate()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()
