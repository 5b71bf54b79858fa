"""Spreads the reading of files over processes, and survives the file that kills one or never ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from heapq import heappop, heappush
from itertools import chain, islice
from typing import TypeVar

from codemods.engine import Examined, Task
from codemods.model import Problem

Examine = Callable[[Task], Examined]
_Result = TypeVar("_Result")

DEADLINE = 2.0
"""Seconds of processor time that one file may take, and a large one up to `_LONGER` times that."""
_LARGE, _LONGER = 100_000, 3
"""Bytes of a file that only people's patience keeps shorter; tests of twice that are met."""
_FEW = 32
"""Files below which starting processes costs more than it saves."""
_AHEAD = 8
"""Files handed to each process ahead of its work: enough to keep it busy, few enough for the memory."""
_WINDOW = 2 * 1024 * 1024
"""Bytes of the files among which the largest goes first, so that none is left to the end."""


class Processes:
    """Examines files in ``count`` processes; ``modules`` are loaded once, before they start.

    A file that takes more than ``deadline`` seconds of processor time is skipped, a large one after more. Few
    files are examined in this process, where it can be interrupted: in its main thread.
    """

    def __init__(
        self, count: int | None = None, modules: Sequence[str] = (), deadline: float = DEADLINE
    ) -> None:
        self.count = count or os.cpu_count() or 1
        self.modules = modules
        self.deadline = deadline

    def __call__(self, examine: Examine, tasks: Iterable[Task]) -> Iterator[Examined]:
        """Return what came of each task, in any order."""
        watched = partial(_watched, examine, self.deadline)
        waiting = iter(tasks)
        first = list(islice(waiting, _FEW))
        few = len(first) < _FEW
        waiting = _largest_first(chain(first, waiting))
        if not first or ((few or self.count == 1) and _interruptible()):
            yield from map(watched, waiting)
            return
        count = 1 if few else self.count
        while lost := (yield from self._until_one_dies(count, watched, waiting)):
            for task in lost:
                yield self._alone(watched, task)

    def _executor(self, count: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["codemods.engine", *self.modules])
        return ProcessPoolExecutor(count, mp_context=context, initializer=_end_with_parent)

    def _until_one_dies(
        self, count: int, examine: Examine, waiting: Iterator[Task]
    ) -> Generator[Examined, None, list[Task]]:
        running: deque[tuple[Task, Future[Examined]]] = deque()
        with self._executor(count) as executor:
            try:
                for task in waiting:
                    try:
                        running.append((task, executor.submit(examine, task)))
                    except BrokenProcessPool:
                        return [*(lost for lost, _ in running), task]
                    if len(running) >= count * _AHEAD:
                        yield running[0][1].result()
                        running.popleft()
                while running:
                    yield running[0][1].result()
                    running.popleft()
            except BrokenProcessPool:
                return [task for task, _ in running]
        return []

    def _alone(self, examine: Examine, task: Task) -> Examined:
        """Examine a file in a process of its own, so that its death harms no other."""
        with self._executor(1) as executor:
            try:
                return executor.submit(examine, task).result()
            except BrokenProcessPool:
                return _skipped(task, "it crashes the parser")


def _end_with_parent() -> None:
    """Let this process end with the one that it works for: killed, that one tells nobody."""

    def wait() -> None:
        if (parent := multiprocessing.parent_process()) is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, name="kotsu-parent", daemon=True).start()


def _largest_first(tasks: Iterable[Task]) -> Iterator[Task]:
    """Yield tasks, always the largest of those at hand; a few megabytes of them are at hand."""
    heap: list[tuple[int, int, Task]] = []
    held = 0
    for number, task in enumerate(tasks):
        heappush(heap, (-len(task.data), number, task))
        held += len(task.data)
        while held > _WINDOW:
            held -= len(heap[0][2].data)
            yield heappop(heap)[2]
    while heap:
        yield heappop(heap)[2]


class _OverdueError(BaseException):
    """Raised within the work itself; no bug, so that nobody who catches bugs catches it."""


def in_time(work: Callable[[], _Result], otherwise: _Result, seconds: float = DEADLINE) -> _Result:
    """Return what work comes to, or something else where it takes more than a time of the processor.

    Only what runs in the main thread can be interrupted.
    """
    if not _interruptible():
        return work()
    try:
        with _limited(seconds):
            return work()
    except _OverdueError:
        return otherwise


def _watched(examine: Examine, deadline: float, task: Task) -> Examined:
    seconds = deadline * min(max(len(task.data) / _LARGE, 1), _LONGER)
    try:
        with _limited(seconds):
            return examine(task)
    except _OverdueError:
        return _skipped(task, f"it takes more than {seconds:.1g} seconds")


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise in this thread when a time of the processor is over, and again if that was lost on the way."""

    def overdue(*_: object) -> None:
        raise _OverdueError

    before = signal.signal(signal.SIGPROF, overdue)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
        yield
    finally:
        # The signal may come here too, between the work and its end.
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)


def _interruptible() -> bool:
    return threading.current_thread() is threading.main_thread()


def _skipped(task: Task, why: str) -> Examined:
    return Examined(task.path, {}, (Problem(task.path, 1, f"skipped: {why}"),))
