"""Spreads the reading of files over processes, and survives the file that kills one."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from codemods.engine import Examined, Task
from codemods.model import Problem

Examine = Callable[[Task], Examined]

_FEW = 32
"""Files below which starting processes costs more than it saves."""
_AHEAD = 8
"""Files handed to each process ahead of its work: enough to keep it busy, few enough for the memory."""


class Processes:
    """Examines files in ``count`` processes; ``modules`` are loaded once, before they start."""

    def __init__(self, count: int | None = None, modules: Sequence[str] = ()) -> None:
        self.count = count or os.cpu_count() or 1
        self.modules = modules

    def __call__(self, examine: Examine, tasks: Iterable[Task]) -> Iterator[Examined]:
        """Return what came of each task, in any order."""
        waiting = iter(tasks)
        first = list(islice(waiting, _FEW))
        if len(first) < _FEW or self.count == 1:
            yield from map(examine, chain(first, waiting))
            return
        waiting = chain(first, waiting)
        while True:
            lost = yield from self._until_one_dies(examine, waiting)
            if not lost:
                return
            for task in lost:
                yield self._alone(examine, task)

    def _executor(self, count: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["codemods.engine", *self.modules])
        return ProcessPoolExecutor(count, mp_context=context)

    def _until_one_dies(
        self, examine: Examine, waiting: Iterator[Task]
    ) -> Generator[Examined, None, list[Task]]:
        running: deque[tuple[Task, Future[Examined]]] = deque()
        with self._executor(self.count) as executor:
            try:
                for task in waiting:
                    try:
                        running.append((task, executor.submit(examine, task)))
                    except BrokenProcessPool:
                        return [*(lost for lost, _ in running), task]
                    if len(running) >= self.count * _AHEAD:
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
                return Examined(task.path, {}, (Problem(task.path, 1, "skipped: it crashes the parser"),))
