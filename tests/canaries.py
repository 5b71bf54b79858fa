"""Looks for secrets: in bytes, in folders, and in what processes and their children hold."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

MARK = "canary-"
"""With this begin the secrets that tests make up: no test may print one."""
_JWT = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}")

Seen = Mapping[int, tuple[bytes, bytes]]
"""Processes by number: their command lines and environments."""


def spellings(secret: str) -> set[bytes]:
    """Return a secret as it could have been written somewhere; of a key every line counts."""
    lines = [line for line in secret.splitlines() if len(line) > 16 and not line.startswith("-----")]
    found = set()
    for text in {secret, *lines, f"x-access-token:{secret}"}:
        encoded = base64.b64encode(text.encode()).decode().rstrip("=")
        forms = (text, quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1], encoded)
        found |= {form.encode() for form in (*forms, encoded.replace("+", "-").replace("/", "_"))}
    return found


def hits(secrets: set[bytes], data: bytes) -> list[bytes]:
    """Return the spellings that stand in some bytes, and what looks like the App's own token."""
    return [secret for secret in secrets if secret in data] + _JWT.findall(data)


def below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file of a folder with its bytes."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def named(secrets: set[bytes], variables: bytes) -> list[bytes]:
    """Return the names of the variables of an environment that hold a secret."""
    return [line.partition(b"=")[0] for line in variables.split(b"\0") if hits(secrets, line)]


def children(parent: int) -> Seen:
    """Return the processes below a process."""
    found: dict[int, tuple[bytes, bytes]] = {}
    over = {parent}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            above = int((folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            if above in over:
                over.add(int(folder.name))
                argv, variables = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
                found[int(folder.name)] = argv, variables
        except OSError:
            continue
    return found


@contextmanager
def watched(parent: int) -> Iterator[list[tuple[bytes, bytes]]]:
    """Collect what every process below one shows, for as long as the context lasts.

    One that has not become another program yet holds what its parent holds, for a moment.
    """
    own = (Path("/proc") / str(parent) / "cmdline").read_bytes()
    found: dict[tuple[bytes, bytes], None] = {}
    told: list[tuple[bytes, bytes]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            found.update(dict.fromkeys(children(parent).values()))
            time.sleep(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield told
    finally:
        ended.set()
        watcher.join()
        told += [one for one in found if one[0] != own]
