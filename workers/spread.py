"""Spreads the reading of files over processes, and survives the file that kills one or never ends."""

from __future__ import annotations

import json
import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import chain, islice
from typing import Generic

from workers import nursery, overdue, readers
from workers.errands import Asked, Errand, Result
from workers.overdue import DEADLINE
from workers.readers import Reader

_FEW = 32
"""Files below which starting processes costs more than it saves."""
_AHEAD = 8
"""Files handed to each process ahead of its work: enough to keep it busy, few enough for the memory."""
_WINDOW = 2 * 1024 * 1024
"""Bytes of the files among which the largest goes first, so that none is left to the end."""
_MOMENT = 1.0
_PATIENCE = 60.0
"""Seconds on the clock after which a process is ended that says nothing: it may ignore any other end."""


class Processes:
    """Does errands in ``count`` processes; ``modules`` are the improvements that these know.

    A file that takes more than ``deadline`` seconds of processor time is skipped, a large one after more.
    ``here``, few files are read in this process, where it can be interrupted: in its main thread. ``tell``
    hears once why processes cannot be closed in on this system.
    """

    def __init__(  # noqa: PLR0913 -- all that may differ, each by its name
        self,
        count: int | None = None,
        modules: Sequence[str] = (),
        deadline: float = DEADLINE,
        *,
        here: bool = True,
        patience: float = _PATIENCE,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.count = count or os.cpu_count() or 1
        self.modules = modules
        self.deadline = deadline
        self.here = here
        self.patience = patience
        self._tell = tell
        self._told = False

    def __call__(self, errand: Errand[Asked, Result], tasks: Iterable[Asked]) -> Iterator[Result]:
        """Return what came of each task, in any order."""
        waiting = iter(tasks)
        first = list(islice(waiting, _FEW))
        few = len(first) < _FEW
        waiting = _largest_first(chain(first, waiting))
        if not first or (self.here and (few or self.count == 1) and overdue.interruptible()):
            yield from map(partial(_here, errand, self.deadline), waiting)
            return
        yield from _Crew(self, errand, 1 if few else self.count).run(waiting)

    def start(self) -> Reader:
        """Start a process."""
        return readers.start(self.modules)

    def open(self, why: str) -> None:
        """Hear that a process could not be closed in."""
        if not self._told:
            self._told = True
            self._tell(why)


def _here(errand: Errand[Asked, Result], deadline: float, task: Asked) -> Result:
    seconds = overdue.seconds(len(task.data), deadline)
    try:
        with overdue.limited(seconds):
            return errand(task)
    except overdue.OverdueError:
        return errand.lost(task, _late(seconds))


class _Crew(Generic[Asked, Result]):
    """The processes of one errand; what one leaves undone is done by another."""

    def __init__(self, how: Processes, errand: Errand[Asked, Result], count: int) -> None:
        self.how, self.errand, self.count = how, errand, count
        self.readers: list[Reader] = []
        self.again: deque[Asked] = deque()
        self.suspects: list[Asked] = []

    def run(self, waiting: Iterator[Asked]) -> Iterator[Result]:
        try:
            yield from self._all(chain(_drained(self.again), waiting), self.count)
            while self.again:
                yield from self._all(_drained(self.again), self.count)
            for task in self.suspects:
                # In a process of its own its death harms no other.
                self._dismiss(*self.readers)
                yield from self._alone(task)
        finally:
            self._dismiss(*self.readers)

    def _all(self, waiting: Iterator[Asked], count: int) -> Iterator[Result]:
        while True:
            self._fill(waiting, count)
            busy = [reader for reader in self.readers if reader.tasks]
            if not busy:
                return
            for reader in _ready(busy, min(_MOMENT, self.how.patience)):
                try:
                    yield from self._heard(reader)
                except EOFError:
                    self.suspects.append(reader.tasks.popleft())
                    self._give_back(reader)
            yield from self._overdue(busy)

    def _fill(self, waiting: Iterator[Asked], count: int) -> None:
        """Give each process enough to do, and start another as long as there is more."""
        while True:
            free = [r for r in self.readers if len(r.tasks) < _AHEAD]
            idle = next((r for r in free if not r.tasks), None)
            if not free and len(self.readers) >= count:
                return
            task = next(waiting, None)
            if task is None:
                return
            if idle is None and len(self.readers) < count:
                idle = self.how.start()
                self.readers.append(idle)
            self._give(idle or min(free, key=lambda r: len(r.tasks)), task)

    def _give(self, reader: Reader, task: Asked) -> None:
        seconds = overdue.seconds(len(task.data), self.how.deadline)
        reader.give(task, (self.errand.do, self.errand.written, seconds, task))

    def _heard(self, reader: Reader) -> Iterator[Result]:
        """Yield what came of tasks; whoever talks nonsense is sent away."""
        reader.send()
        try:
            for kind, data in reader.hear():
                if kind == nursery.OPEN:
                    self.how.open(data.decode("ascii", "replace"))
                elif kind != nursery.CLOSED:
                    yield self._result(kind, data, reader.tasks[0])
                    reader.tasks.popleft()
        except (readers.BrokenError, IndexError, ValueError, RecursionError):
            if reader.tasks:
                yield self.errand.lost(reader.tasks.popleft(), "its reader gave no answer that makes sense")
            self._give_back(reader)

    def _result(self, kind: int, data: bytes, task: Asked) -> Result:
        if kind == nursery.LATE:
            return self.errand.lost(task, _late(overdue.seconds(len(task.data), self.how.deadline)))
        if kind == nursery.LARGE:
            return self.errand.lost(task, "it takes too much memory")
        return self.errand.read(task, json.loads(data))

    def _overdue(self, busy: Sequence[Reader]) -> Iterator[Result]:
        for reader in busy:
            if reader.tasks and reader.silent > self.how.patience:
                yield self.errand.lost(reader.tasks.popleft(), "it never comes to an end")
                self._give_back(reader)

    def _alone(self, task: Asked) -> Iterator[Result]:
        before = len(self.suspects)
        for result in self._all(iter([task]), 1):
            yield result
            return
        del self.suspects[before:]
        yield self.errand.lost(task, "it crashes the parser")

    def _give_back(self, reader: Reader) -> None:
        self.again.extend(reader.tasks)
        reader.tasks.clear()
        self._dismiss(reader)

    def _dismiss(self, *gone: Reader) -> None:
        for reader in gone:
            self.readers.remove(reader)
            reader.end()


def _ready(busy: Sequence[Reader], seconds: float) -> list[Reader]:
    """Wait until a process says or takes something, but not for long, and return those that do."""
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for reader in busy:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if reader.is_behind else 0)
            selector.register(reader.line, events, reader)
        ready = [key.data for key, _ in selector.select(seconds)]
    for reader in busy:
        # Only while somebody listens it is its own fault to be silent.
        reader.silent += time.monotonic() - began
    return ready


def _drained(queue: deque[Asked]) -> Iterator[Asked]:
    while queue:
        yield queue.popleft()


def _late(seconds: float) -> str:
    return f"it takes more than {seconds:.1g} seconds"


def _largest_first(tasks: Iterable[Asked]) -> Iterator[Asked]:
    """Yield tasks, always the largest of those at hand; a few megabytes of them are at hand."""
    heap: list[tuple[int, int, Asked]] = []
    held = 0
    for number, task in enumerate(tasks):
        heappush(heap, (-len(task.data), number, task))
        held += len(task.data)
        while held > _WINDOW:
            held -= len(heap[0][2].data)
            yield heappop(heap)[2]
    while heap:
        yield heappop(heap)[2]
