"""Keeps the process from which readers of files are forked, and speaks with them."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from workers import leash, nursery
from workers.enclosure import ISOLATED

_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
"""All that a reader's process sees: whatever else is in ours is none of its business."""
_START = 120.0
"""The seconds that it may take to import everything, on a busy machine."""
_CHUNK = 1 << 16
_MOST = 64 * 1024 * 1024
"""Bytes of an answer."""


class BrokenError(Exception):
    """No reader can be started, or one says what makes no sense; the text says more."""


@dataclass(eq=False)
class Reader:
    """One process that does tasks in the order in which they are given.

    ``silent`` are the seconds for which it was listened to since it was last heard.
    """

    pid: int
    line: socket.socket
    nursery: _Nursery
    tasks: deque[Any] = field(default_factory=deque)
    silent: float = 0.0
    _out: bytearray = field(default_factory=bytearray)
    _in: bytearray = field(default_factory=bytearray)

    @property
    def is_behind(self) -> bool:
        """Whether there is something that it has not taken yet."""
        return bool(self._out)

    def give(self, task: Any, message: tuple[Any, ...]) -> None:  # noqa: ANN401 -- whoever asks knows
        """Give it a task."""
        self.tasks.append(task)
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._out += nursery.LENGTH.pack(len(data)) + data
        self.send()

    def send(self) -> None:
        """Let it take what it can take now."""
        with suppress(BlockingIOError, BrokenPipeError, ConnectionError):
            del self._out[: self.line.send(self._out)]

    def hear(self) -> Iterator[tuple[int, bytes]]:
        """Yield what it has said; EOFError when it is gone."""
        try:
            part = self.line.recv(_CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            part = b""
        if not part:
            raise EOFError
        self._in += part
        while len(self._in) >= nursery.FRAME.size:
            kind, length = nursery.FRAME.unpack_from(self._in)
            if length > _MOST:
                raise BrokenError("it says too much")
            end = nursery.FRAME.size + length
            if len(self._in) < end:
                return
            data = bytes(self._in[nursery.FRAME.size : end])
            del self._in[:end]
            self.silent = 0.0
            yield kind, data

    def end(self) -> None:
        """End it, whatever it does."""
        self.line.close()
        # Its number is not given back before the nursery is told to; without that it has ended by itself.
        if self.nursery.is_there:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.nursery.reap(self.pid)


class _Nursery:
    """The process that readers are forked from, and the one line to it."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._turn = threading.Lock()
        self.control, theirs = socket.socketpair()
        self.control.settimeout(_START)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- our own program, with an environment of ours
                (sys.executable, *ISOLATED, str(nursery.__file__)),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        self._send({"path": _path(), "modules": list(modules)})
        said = self._heard(2000)
        if said != b"\1":
            self.end()
            raise BrokenError(
                f"no process could be started that reads files: {said.decode(errors='replace')}"
            )
        atexit.register(self.end)

    @property
    def is_there(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def fork(self, modules: Sequence[str], memory: int) -> Reader:
        """Start a reader that knows some modules."""
        ours, theirs = socket.socketpair()
        with theirs, self._turn:
            said = {"path": _path(), "modules": list(modules), "memory": memory}
            self._send(said, theirs.fileno())
            pid = self._number()
        ours.settimeout(0)
        return Reader(pid, ours, self)

    def reap(self, pid: int) -> None:
        """Take the number of a process back that was ended."""
        with self._turn, suppress(BrokenError, OSError):
            self._send({"reap": pid})
            self._number()

    def end(self) -> None:
        """End it and all that it forked."""
        self.control.close()
        leash.end(self._process)
        atexit.unregister(self.end)

    def _send(self, said: object, *handed: int) -> None:
        data = json.dumps(said).encode()
        try:
            socket.send_fds(self.control, [nursery.LENGTH.pack(len(data))], list(handed))
            self.control.sendall(data)
        except OSError as error:
            raise BrokenError(f"the process that starts readers is gone ({error.strerror})") from None

    def _number(self) -> int:
        data = b""
        while len(data) < nursery.STATUS.size:
            part = self._heard(nursery.STATUS.size - len(data))
            if not part:
                raise BrokenError("the process that starts readers is gone")
            data += part
        return int(nursery.STATUS.unpack(data)[0])

    def _heard(self, most: int) -> bytes:
        try:
            return self.control.recv(most)
        except OSError as error:
            raise BrokenError(f"the process that starts readers does not answer ({error})") from None


_nurseries: dict[tuple[str, ...], _Nursery] = {}
_lock = threading.Lock()


def start(modules: Sequence[str], memory: int = nursery.MEMORY) -> Reader:
    """Start a reader that knows these improvements, by their modules' names."""
    # What stands elsewhere may have changed by the next time.
    ours = tuple(sorted(m for m in modules if m.startswith("codemods.")))
    with _lock:
        found = _nurseries.get(ours)
        if found is None or not found.is_there:
            found = _nurseries[ours] = _Nursery(ours)
    return found.fork(modules, memory)


def _path() -> list[str]:
    return [os.path.abspath(entry or os.curdir) for entry in sys.path]  # noqa: PTH100 -- strings for strings
