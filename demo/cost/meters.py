"""Meters: what a running server has asked, heard, computed and stored until now."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from demo.cost.fleet import Spent
from demo.github import LocalGitHub
from demo.index import LocalIndex

_NOT_MODIFIED = 304
_GIT = "git"


@dataclass(frozen=True)
class Meters:
    """Where to read: the stand-ins and the server's process."""

    hub: LocalGitHub
    index: LocalIndex
    process: int

    def read(self) -> Spent:
        """Return the state of all meters; what is stored stands in a file that is whole only at the end."""
        asked = [exchange for exchange in self.hub.requests if exchange.template != _GIT]
        free = sum(exchange.status == _NOT_MODIFIED or _is_apps(exchange.path) for exchange in asked)
        received = self.hub.server.sent + self.index.sent
        counts = (len(asked) - free, free, len(self.index.requests))
        return Spent(*counts, received, cpu(self.process), 0.0)


def _is_apps(path: str) -> bool:
    """Tell whether the App asks as itself, for a token above all: that is no request of an installation."""
    return path.startswith(("/app/", "/app?")) or path == "/app"


def between(before: Spent, after: Spent, times: int) -> Spent:
    """Return what one of so many cost."""
    return Spent(*((b - a) / times for a, b in zip(astuple(before), astuple(after), strict=True)))


def cpu(root: int) -> float:
    """Return the seconds of CPU of a process and of all that it started, ended or not (Linux)."""
    ticks: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            process = int(stat.parent.name)
            children[int(fields[1])].append(process)
            ticks[process] = sum(map(int, fields[11:15]))
    total, left = 0, [root]
    while left:
        process = left.pop()
        total += ticks.get(process, 0)
        left += children[process]
    return total / os.sysconf("SC_CLK_TCK")
