"""The tools that prove a proposal: a resolver, and those that write lock files again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

from workers import indexes, linter, origins, resolver
from workers.linter import Judge
from workers.lockers import compiled, pdm, pipenv, poetry, pylock, uv
from workers.lockers.model import Box, StaleError, Task, Writer
from workers.resolver import Resolve
from workers.sandbox import NoAnswerError


class Locker(Protocol):
    """A module of `workers.lockers`: a tool that writes a lock file again."""

    def writer(self, task: Task, box: Box) -> Writer:
        """Return how the lock file is written as it is; NoAnswerError when no way is found."""

    def refreshed(self, task: Task, box: Box, writer: Writer) -> bytes:
        """Return the lock file with some distributions at other versions; RefusedError where it cannot be."""


_LOCKERS: Mapping[str, Locker] = {
    "pdm": pdm,
    "poetry": poetry,
    "pylock": pylock,
    "pip-compile": compiled,
    "pipenv": pipenv,
    "uv": uv,
    "uv pip compile": compiled,
}
_PAGES = 256
"""How many answers of an index are kept for the next tool that asks for the same names."""


@dataclass(frozen=True)
class Solver:
    """What can be asked; ``refresh`` returns a lock file's new bytes, ``tools`` are those that it knows.

    ``judge`` says which comments silence nothing.
    """

    resolve: Resolve
    refresh: Callable[[Task], bytes]
    tools: frozenset[str] = frozenset(_LOCKERS)
    judge: Judge = linter.nothing


def on(index_url: str, store: Path, extra: Sequence[str] = (), tools_url: str = "") -> Solver:
    """Return a solver; ``store`` keeps what its tools download. The ``extra`` indexes are asked first.

    Tools themselves come from ``tools_url``, where one is given.
    """
    pages = lru_cache(_PAGES)(partial(indexes.page, places=origins.places((*extra, index_url))))
    box = Box(index_url, store, tuple(extra), tools_url, pages)
    return Solver(resolver.asking(index_url, store, extra), _Writing(box).refresh, judge=linter.judging(box))


_State = tuple[str, tuple[tuple[str, bytes], ...]]
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError)
"""What readers raise of files that are not what they claim to be."""


@dataclass
class _Writing:
    """Finds out once for each state of a lock file how it is written, whoever asks first."""

    box: Box
    known: dict[_State, Future[Writer]] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, task: Task) -> bytes:
        """Return the lock file with some distributions at other versions."""
        locker = _LOCKERS[task.lock.tool]
        state = task.path, tuple(sorted(task.before.items()))
        with self.turn:
            is_first = state not in self.known
            future = self.known.setdefault(state, Future())
        if is_first:
            try:
                future.set_result(locker.writer(task, self.box))
            except BaseException as error:  # noqa: BLE001 -- those that wait hear of it too
                if not isinstance(error, StaleError):
                    self.known.pop(state)  # what kept it may have passed when somebody asks again
                future.set_exception(error)
        try:
            return locker.refreshed(task, self.box, future.result())
        except _MALFORMED as error:
            raise NoAnswerError(f"`{task.path}` or a file that it is written from cannot be read") from error
