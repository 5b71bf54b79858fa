"""The tools that prove a proposal: a resolver, and those that write lock files again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from workers import resolver
from workers.lockers import uv
from workers.lockers.model import Box, Task
from workers.resolver import Resolve
from workers.sandbox import NoAnswerError


class Locker(Protocol):
    """A module of `workers.lockers`: a tool that writes a lock file again."""

    def writer(self, task: Task, box: Box) -> Sequence[str]:
        """Return the command that writes the lock file as it is; NoAnswerError when none does."""

    def refreshed(self, task: Task, box: Box, writer: Sequence[str]) -> bytes:
        """Return the lock file with some distributions at other versions; RefusedError where it cannot be."""


_LOCKERS: Mapping[str, Locker] = {"uv": uv}


@dataclass(frozen=True)
class Solver:
    """What can be asked; ``refresh`` returns a lock file's new bytes, ``tools`` are those that it knows."""

    resolve: Resolve
    refresh: Callable[[Task], bytes]
    tools: frozenset[str] = frozenset(_LOCKERS)


def on(index_url: str, store: Path, extra: Sequence[str] = ()) -> Solver:
    """Return a solver; ``store`` keeps what its tools download. The ``extra`` indexes are asked first."""
    box = Box(index_url, store, tuple(extra))
    return Solver(resolver.asking(index_url, store, extra), _Writing(box).refresh)


@dataclass
class _Writing:
    """Finds out once for each state of a lock file which version of its tool writes it."""

    box: Box
    known: dict[bytes, Sequence[str] | NoAnswerError] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, task: Task) -> bytes:
        """Return the lock file with some distributions at other versions."""
        locker = _LOCKERS[task.lock.tool]
        with self.turn:
            state = b"\0".join(task.before[path] for path in sorted(task.before))
            if state not in self.known:
                try:
                    self.known[state] = locker.writer(task, self.box)
                except NoAnswerError as error:
                    self.known[state] = error
            writer = self.known[state]
        if isinstance(writer, NoAnswerError):
            raise writer
        return locker.refreshed(task, self.box, writer)
